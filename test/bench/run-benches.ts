import type { Bench } from './bench.js';
import { keep } from './keep.js';
import {
  factsText,
  hostTime,
  machineFacts,
  othersUse,
  takenBetween,
  takenShare,
  type MachineFacts,
} from './machine.js';
import { resultText } from './table.js';

export interface RunOptions {
  readonly benches: readonly Bench[];
  /** The top of the project: what is kept goes below it. */
  readonly root: string;
  readonly say: (text: string) => void;
  /** How the machine is found out. */
  readonly facts?: () => Promise<MachineFacts>;
}

const flags = ['--quick', '--keep', '--list'] as const;
type Flag = (typeof flags)[number];

interface Call {
  readonly chosen: readonly Bench[];
  readonly has: (flag: Flag) => boolean;
}

/** Runs the benchmarks that `words` name (all where none is named), one after the other; answers with the exit status. */
export async function runBenches(words: readonly string[], options: RunOptions): Promise<number> {
  const { say } = options;
  const call = understood(words, options.benches);
  if (typeof call === 'string') {
    say(call);
    return 64;
  }
  if (call.has('--list')) {
    const width = Math.max(...options.benches.map(({ name }) => name.length));
    for (const { name, title } of options.benches) say(`${name.padEnd(width)}  ${title}`);
    return 0;
  }
  const facts = await (options.facts ?? machineFacts)();
  say(factsText(facts));
  const failed: string[] = [];
  for (const bench of call.chosen) if (!(await runOne(bench, call, facts, options))) failed.push(bench.name);
  if (failed.length > 0) say(`\nFAILED: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

async function runOne(
  bench: Bench,
  { has }: Call,
  facts: MachineFacts,
  { say, root }: RunOptions,
): Promise<boolean> {
  const quick = has('--quick');
  try {
    const others = await othersUse();
    if (others > busyShare) say(`\n${busyText(bench.name, others)}`);
    const [begunAt, before] = [new Date(), hostTime()];
    const result = await bench.run({ quick });
    const seconds = Math.round((Date.now() - begunAt.getTime()) / 1000);
    say(resultText(result));
    const hostTook = takenBetween(before, hostTime());
    if (hostTook > takenShare) say(takenText(hostTook));
    say(`time    ${seconds} s`);
    if (!has('--keep')) return true;
    const kept = { facts, result, quick, seconds, othersUse: others, hostTook, date: begunAt.toISOString() };
    for (const file of await keep(kept, root)) say(`kept    ${file}`);
    return true;
  } catch (error) {
    say(`\n== ${bench.name}: FAILED`);
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return false;
  }
}

/** Of the processors' time: what others take of it beyond this shows in the figures. */
const busyShare = 0.1;

function takenText(share: number): string {
  return (
    `WARNING: the host of this machine kept ${Math.round(share * 100)} % of the processors' time for others meanwhile: ` +
    'it stood still now and then, and its times say so'
  );
}

function busyText(name: string, share: number): string {
  return (
    `WARNING: before ${name} began, others used ${Math.round(share * 100)} % of the processors: ` +
    'its times are worse than on a quiet machine, and differ from run to run'
  );
}

function understood(words: readonly string[], benches: readonly Bench[]): Call | string {
  const given = words.filter((word) => word.startsWith('-'));
  const strange = given.find((word) => !(flags as readonly string[]).includes(word));
  if (strange !== undefined) return `Unknown option ${strange}. There are ${flags.join(', ')}.`;
  const names = words.filter((word) => !word.startsWith('-'));
  const unknown = names.find((name) => !benches.some((bench) => bench.name === name));
  if (unknown !== undefined)
    return `Unknown benchmark "${unknown}". There are ${benches.map(({ name }) => name).join(', ')}.`;
  return {
    chosen: benches.filter(({ name }) => names.length === 0 || names.includes(name)),
    has: (flag) => given.includes(flag),
  };
}
