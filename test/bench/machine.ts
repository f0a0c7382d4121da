/** What a figure depends on besides the program: the machine, what runs on it, and how busy it is. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPart } from '../lab/system-parts.js';
import { isThere, peers } from './peers.js';

export interface MachineFacts {
  readonly cores: number;
  readonly processor: string;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  /** What is measured with or against, and its version; null where it is missing. */
  readonly programs: Readonly<Record<string, string | null>>;
  /** Over the last minute, when it was looked at. */
  readonly load: number;
}

/** Looks at this machine. A program that is missing or does not tell its version is no failure. */
export async function machineFacts(): Promise<MachineFacts> {
  const redis = await findPart('redis');
  const asked: readonly (readonly [string, string | null, readonly string[]])[] = [
    ['Redis', redis, ['--version']],
    ['OpenSSH', 'ssh', ['-V']],
    ...peers
      .filter(({ from }) => from !== 'openssh-client')
      .map(({ from, program }) => [from, program, [from === 'pdsh' ? '-V' : '--version']] as const),
  ];
  const versions = await Promise.all(
    asked.map(async ([name, program, args]) => [name, await versionOf(program, args)] as const),
  );
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
    programs: Object.fromEntries(versions),
    load: loadavg()[0] ?? NaN,
  };
}

async function versionOf(program: string | null, args: readonly string[]): Promise<string | null> {
  if (program === null || !isThere(program)) return null;
  const said = await new Promise<string>((resolve) => {
    execFile(program, [...args], { timeout: 20_000 }, (_error, stdout, stderr) =>
      resolve(`${stdout}\n${stderr}`),
    );
  });
  return /\d+(?:\.\d+)+\w*/.exec(said)?.[0] ?? 'there';
}

/** The facts in a few lines. */
export function factsText(facts: MachineFacts): string {
  const programs = Object.entries(facts.programs).map(([name, version]) => `${name} ${version ?? 'missing'}`);
  return [
    `machine  ${facts.cores} cores (${facts.processor}), ${(facts.memoryBytes / 2 ** 30).toFixed(1)} GiB, ${facts.system}`,
    `with     Node ${facts.node}, ${programs.join(', ')}`,
    `load     ${facts.load.toFixed(2)} over the last minute`,
  ].join('\n');
}

/** The share of all processors' time that is used just now, while this process waits for a second. */
export async function othersUse(lookMs = 1_000): Promise<number> {
  const before = usedTime();
  await sleep(lookMs);
  const after = usedTime();
  const all = after.all - before.all;
  return all === 0 ? 0 : (after.used - before.used) / all;
}

/** The processors' time since the machine began, and what its host gave to other machines meanwhile; in the same unit. */
export interface HostTime {
  readonly all: number;
  readonly taken: number;
}

/** Looks at it; null where the system does not tell. Source: Linux, proc(5), the eight first columns of `cpu` in /proc/stat. */
export function hostTime(file = '/proc/stat'): HostTime | null {
  try {
    const line = /^cpu +(?<times>.*)$/m.exec(readFileSync(file, 'utf8'))?.groups?.['times'] ?? '';
    const times = line.split(' ').slice(0, 8).map(Number);
    const all = times.reduce((sum, one) => sum + one, 0);
    return times.length === 8 && Number.isFinite(all) ? { all, taken: times[7] ?? 0 } : null;
  } catch {
    return null;
  }
}

/** The share of the processors' time that the host kept from this machine between two looks; 0 where it is not known. */
export function takenBetween(before: HostTime | null, after: HostTime | null): number {
  if (before === null || after === null || after.all === before.all) return 0;
  return (after.taken - before.taken) / (after.all - before.all);
}

/** Beyond this it shows in the figures. */
export const takenShare = 0.03;

function usedTime(): { used: number; all: number } {
  let [used, all] = [0, 0];
  for (const { times } of cpus()) {
    const sum = times.user + times.nice + times.sys + times.idle + times.irq;
    all += sum;
    used += sum - times.idle;
  }
  return { used, all };
}
