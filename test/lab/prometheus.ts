import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from './redis-server.js';
import { findPart, installLine } from './system-parts.js';
import { spawnTied, type TiedChild } from './tied-child.js';

export interface PrometheusServer {
  readonly url: string;
  /** Alerts that fire now. */
  firing(): Promise<readonly Alert[]>;
  /** How the last scrape of each target went. */
  targets(): Promise<readonly { readonly url: string; readonly health: string; readonly error: string }[]>;
  stop(): Promise<void>;
}

export interface Alert {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface PrometheusOptions {
  readonly folder: string;
  /** `host:port` of what is scraped, each second. */
  readonly targets: readonly string[];
  /** Rules as YAML. */
  readonly rules: string;
}

/** Starts a real Prometheus on a free port of 127.0.0.1, with all that it keeps in `folder`. It ends with this process. */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusServer> {
  const binary = await findPart('prometheus');
  if (binary === null) throw new Error(`Prometheus is not installed. ${installLine('prometheus')}`);
  const folder = path.resolve(options.folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(path.join(folder, 'rules.yaml'), options.rules);
  await writeFile(path.join(folder, 'prometheus.yaml'), configText(options.targets));
  let last: unknown;
  // A port found free may be taken a moment later by another test.
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      return await startOn(binary, folder, await freePort());
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

/** Calls promtool; `ok` or how it ended, and below that what it said. */
export async function promtool(args: readonly string[], input = ''): Promise<string> {
  const server = await findPart('prometheus');
  if (server === null) throw new Error(`Prometheus is not installed. ${installLine('prometheus')}`);
  const program = path.join(path.dirname(server), 'promtool');
  return new Promise((resolve) => {
    const child = execFile(program, [...args], (error, stdout, stderr) =>
      resolve(`${error === null ? 'ok' : `exit ${String(error.code)}`}\n${stdout}${stderr}`),
    );
    child.stdin?.end(input);
  });
}

async function startOn(binary: string, folder: string, port: number): Promise<PrometheusServer> {
  const url = `http://127.0.0.1:${port}`;
  const args = [
    `--config.file=${path.join(folder, 'prometheus.yaml')}`,
    `--storage.tsdb.path=${path.join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ];
  const child: TiedChild = await spawnTied(binary, args, { cwd: folder });
  const deadline = Date.now() + 60_000;
  while (!(await isReady(url))) {
    if (child.isOver() || Date.now() > deadline) {
      await child.stop('SIGKILL');
      throw new Error(`${binary} is not ready on port ${port}: ${child.output().slice(-500)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const ask = async <T>(what: string): Promise<T> => {
    const answer = await fetch(`${url}/api/v1/${what}`);
    return ((await answer.json()) as { data: T }).data;
  };
  return {
    url,
    firing: async () => {
      const { alerts } = await ask<{ alerts: Told[] }>('alerts');
      return alerts
        .filter(({ state }) => state === 'firing')
        .map(({ labels, annotations }) => ({ name: labels['alertname'] ?? '', labels, annotations }));
    },
    targets: async () => {
      const { activeTargets } = await ask<{ activeTargets: Target[] }>('targets');
      return activeTargets.map(({ scrapeUrl, health, lastError }) => ({
        url: scrapeUrl,
        health,
        error: lastError,
      }));
    },
    stop: () => child.stop('SIGKILL'),
  };
}

interface Told {
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Target {
  readonly scrapeUrl: string;
  readonly health: string;
  readonly lastError: string;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`)).ok;
  } catch {
    return false;
  }
}

function configText(targets: readonly string[]): string {
  return [
    'global: { scrape_interval: 1s, evaluation_interval: 1s }',
    'rule_files: [rules.yaml]',
    'scrape_configs:',
    `  - { job_name: aixops, static_configs: [{ targets: ${JSON.stringify(targets)} }] }`,
    '',
  ].join('\n');
}
