/** Bot and worker as processes of their own, on the local Slack, a real Redis, the lab, and a collector of traces. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startAixops, type Running } from '../cli/aixops.js';
import { startLab, type Lab } from '../lab/lab.js';
import { startRedis } from '../lab/redis-server.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';
import { openPolicyYaml } from '../policy/open-policy.js';
import { startCollector, type CollectedSpan, type Collector } from '../tracing/collector.js';

export const channel = 'C0OPS';
export const collectorToken = 'canary-token-of-the-collector';

export interface Posted {
  readonly ts: string;
  readonly text: string;
  readonly blocks?: unknown;
}

export type LogLine = Readonly<Record<string, unknown>>;

export interface TracesBench {
  readonly slack: LocalSlack;
  readonly lab: Lab;
  readonly collector: Collector;
  readonly redis: Redis;
  readonly folder: string;
  /** What the process of that role has logged so far. */
  log(role: 'bot' | 'worker'): readonly LogLine[];
  type(command: string, text: string): Promise<void>;
  /** The newest message of the channel in which all these texts stand, as soon as there is one. */
  seen(...texts: string[]): Promise<Posted>;
  press(card: Posted, action: string, user: string): Promise<void>;
  /** What was collected, as soon as `isEnough` says so. */
  collected(
    what: string,
    isEnough: (spans: readonly CollectedSpan[]) => boolean,
  ): Promise<readonly CollectedSpan[]>;
  /** Ends both processes as an orchestrator does; their exit codes. */
  end(): Promise<readonly number[]>;
  stop(): Promise<void>;
}

/** `settings` go into aixops.yaml besides what the bench needs. */
export async function openTracesBench(settings: string): Promise<TracesBench> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-traces-'));
  const [server, slack, lab, collector] = await Promise.all([
    startRedis({ folder: join(folder, 'redis') }),
    startLocalSlack({ port: 0, folder: join(folder, 'slack'), isRateLimited: false }),
    startLab({ estate: 'demo', folder: join(folder, 'lab'), settleMs: 300 }),
    startCollector(),
  ]);
  const config = join(folder, 'config');
  await lab.writeConfig(config);
  const verify = 'verify: { gapSeconds: 1, deadlineMinutes: 1, pollSeconds: 1 }';
  writeFileSync(
    join(config, 'aixops.yaml'),
    `slack: { apiUrl: "${slack.apiUrl}" }\n${verify}\n${settings}\n`,
  );
  writeFileSync(join(config, 'policy.yaml'), openPolicyYaml);
  const env = {
    REDIS_URL: server.url,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${collectorToken}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  };
  const processes = (['bot', 'worker'] as const).map((role) => {
    const running = startAixops(['start', '--role', role, '--config', config], { env });
    return { role, running, lines: linesOf(running) };
  });
  await Promise.all(processes.map(({ running }) => running.printed('aixops started')));
  const redis = new Redis(server.url);
  const control = async (call: string, body: object): Promise<void> => {
    const answer = await fetch(`${slack.url}/_control/${call}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const posted = async (): Promise<readonly Posted[]> => {
    const answer = await fetch(`${slack.url}/_control/messages/${channel}`);
    return ((await answer.json()) as { messages: Posted[] }).messages;
  };
  const logged = () =>
    processes.flatMap(({ role, lines }) => lines().map((line) => JSON.stringify([role, line])));
  return {
    slack,
    lab,
    collector,
    redis,
    folder,
    log: (role) => processes.find((one) => one.role === role)?.lines() ?? [],
    type: (command, text) => control('command', { command, text, user: 'UALICE', channel }),
    seen: (...texts) =>
      until(
        async () => (await posted()).findLast(({ text }) => texts.every((one) => text.includes(one))),
        async () =>
          `not seen: ${texts.join(' ')}\n${(await posted()).map(({ text }) => text).join('\n')}\n${logged().join('\n')}`,
      ),
    press: async (card, action, user) => {
      const blocks = (card.blocks ?? []) as { elements?: { action_id?: string; value?: string }[] }[];
      const value = blocks
        .flatMap((one) => one.elements ?? [])
        .find((one) => one.action_id === action)?.value;
      if (value === undefined) throw new Error(`no button ${action} in ${JSON.stringify(card.blocks)}`);
      const button = { type: 'button', action_id: action, block_id: 'b', value };
      await control('interact', { channel, messageTs: card.ts, user, action: button });
    },
    collected: (what, isEnough) =>
      until(
        () => Promise.resolve(isEnough(collector.spans()) ? collector.spans() : undefined),
        () => Promise.resolve(`not collected: ${what}\n${drawn(collector.spans())}\n${logged().join('\n')}`),
      ),
    end: async () => {
      for (const { running } of processes) running.child.kill('SIGTERM');
      return (await Promise.all(processes.map(({ running }) => running.ended))).map(({ code }) => code);
    },
    stop: async () => {
      for (const { running } of processes) running.child.kill('SIGKILL');
      await Promise.all(processes.map(({ running }) => running.ended));
      redis.disconnect();
      await Promise.all([lab.stop(), slack.stop(), server.stop(), collector.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function linesOf({ child }: Running): () => readonly LogLine[] {
  let text = '';
  child.stderr?.on('data', (chunk: string) => {
    text += chunk;
  });
  return () =>
    text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine);
}

async function until<T>(look: () => Promise<T | undefined>, otherwise: () => Promise<string>): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(await otherwise());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** For people who look at a failed test: each trace with its spans below each other. */
function drawn(spans: readonly CollectedSpan[]): string {
  const below = (parent: string, depth: number): string[] =>
    spans
      .filter(({ parentSpanId }) => parentSpanId === parent)
      .flatMap((span) => [
        `${'  '.repeat(depth)}${span.name} ${JSON.stringify(span.attributes)}`,
        ...below(span.spanId, depth + 1),
      ]);
  return below('', 0).join('\n');
}
