import type { FactSet } from '../core/fact.js';
import type { KnownNode } from '../core/fleet.js';
import type { ConfiguredLevels, NodeTarget } from '../core/target.js';
import { worst, type Verdict } from '../core/verdict.js';
import type { Collected, Diagnostic } from '../runbooks/definition.js';
import { twinsOf } from '../runbooks/fleet.js';
import { knownNodeOf } from '../runbooks/fleet-known.js';
import { judge } from '../runbooks/judge.js';
import { collect, type CollectedInTime, type CollectTools } from './collect.js';
import { mapInSlices } from '../loop/slices.js';
import { sweep, type Seen, type SweepOptions, type Swept } from './sweep.js';

/** Said of every verdict for which nobody logged in. */
export const fromHmcOnly = 'seen from the HMC only (add --deep to log in)';
/** Said of every verdict that one look cannot tell, where a second one was not wanted. */
export const readOnceOnly = 'read only once (--now)';

export interface SurveyOptions extends Pick<SweepOptions, 'limits' | 'withinMs' | 'share'> {
  readonly nodesAtOnce: number;
  readonly signal?: AbortSignal;
  /** Ends the reading; what was seen until then is judged, and targets that were not have no verdict. */
  readonly stop?: AbortSignal;
  /** Targets that are logged in to whatever their HMC says: all of them where this is left out. */
  readonly mustLogIn?: (target: NodeTarget) => boolean;
  /** What is known of the whole fleet before. */
  readonly fleet: readonly KnownNode[];
  readonly rsctLevels?: ConfiguredLevels;
  /** First readings of targets that are now read a second time, by name. */
  readonly earlier?: ReadonlyMap<string, Collected<FactSet, FactSet>>;
  /** No second reads are wanted. */
  readonly now?: boolean;
  /** Called for each target as it comes, one call at a time. The verdict may change once all are known. */
  readonly onVerdict?: (verdict: Verdict) => void | Promise<void>;
}

export interface Surveyed {
  /** In the order of the targets; those that a stop kept from being read are missing. */
  readonly verdicts: readonly Verdict[];
  /** What was learned of nodes' identities. */
  readonly learned: readonly KnownNode[];
  /** First readings of targets whose verdict needs a second one. */
  readonly again: readonly CollectedInTime[];
}

/**
 * Reads and judges targets, each by itself and then all of them as one fleet: a node that turns out to share its id
 * with another is looked at more closely. Throws the abort of `signal` or what `onVerdict` threw.
 */
export async function survey(
  diagnostic: Diagnostic,
  targets: readonly NodeTarget[],
  tools: CollectTools,
  options: SurveyOptions,
): Promise<Surveyed> {
  const { nodesAtOnce, signal, stop, mustLogIn = () => true, fleet, limits, withinMs, share } = options;
  const judged = (seen: Seen, known: readonly KnownNode[]) => verdictOn(diagnostic, seen, known, options);
  const soFar = new Map<string, Seen>();
  const sweeping = sweep(diagnostic, targets, tools, {
    nodesAtOnce,
    ...(signal && { signal }),
    ...(limits && { limits }),
    ...(share && { share }),
    ...(withinMs !== undefined && { withinMs }),
    // Somebody with the same node id is known already: what the HMC shows of either proves nothing.
    mustLogIn: (target) => mustLogIn(target) || twinsOf(target.name, fleet) !== null,
    onSeen: (seen) => {
      soFar.set(seen.target.name, seen);
      return options.onVerdict?.(judged(seen, fleet));
    },
  });
  const swept = await unlessStopped(sweeping, stop, () => ({
    seen: targets.flatMap((target) => soFar.get(target.name) ?? []),
    hmcSides: new Map(),
  }));
  const first = merged(fleet, learnedFrom(swept.seen, fleet));
  // Who was to be looked at more closely and was not, is not known.
  const seen = await unlessStopped(closer(diagnostic, swept, first, { tools, options }), stop, () =>
    swept.seen.filter((one) => !isDoubtful(one, first)),
  );
  const learned = learnedFrom(seen, fleet);
  const known = merged(fleet, learned);
  const verdicts = await mapInSlices(seen, (one) => judged(one, known));
  const mayAsk = options.now !== true && options.earlier === undefined && stop?.aborted !== true;
  const again = seen.flatMap((one, at) =>
    mayAsk && one.kind === 'both' && needsSecondRead(verdicts[at]) ? [one.collected] : [],
  );
  return { verdicts, learned, again };
}

/** Whether one look could not tell. */
export function needsSecondRead(verdict: Verdict | undefined): boolean {
  return verdict?.findings.some((finding) => finding.needsSecondRead === true) ?? false;
}

/** Logs in to those that were seen from the HMC only and share a node id with one that was read now. */
async function closer(
  diagnostic: Diagnostic,
  { seen, hmcSides }: Swept,
  known: readonly KnownNode[],
  { tools, options }: { tools: CollectTools; options: SurveyOptions },
): Promise<readonly Seen[]> {
  const doubtful = seen.filter((one) => isDoubtful(one, known));
  const collected = await collect(
    diagnostic,
    doubtful.map((one) => one.target),
    tools,
    {
      nodesAtOnce: options.nodesAtOnce,
      hmcSides,
      ...(options.signal && { signal: options.signal }),
      ...(options.limits && { limits: options.limits }),
    },
  );
  const byName = new Map(collected.map((one) => [one.target.name, one]));
  return seen.map((one) => {
    const now = byName.get(one.target.name);
    return now === undefined ? one : { kind: 'both', target: one.target, collected: now };
  });
}

function isDoubtful(one: Seen, known: readonly KnownNode[]): boolean {
  return one.kind === 'hmc' && twinsOf(one.target.name, known) !== null;
}

/** What reading brought, or `instead` where a stop broke it off. */
export async function unlessStopped<T>(
  reading: Promise<T>,
  stop: AbortSignal | undefined,
  instead: () => T,
): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (stop?.aborted === true && error === stop.reason) return instead();
    throw error;
  }
}

function verdictOn(
  diagnostic: Diagnostic,
  seen: Seen,
  fleet: readonly KnownNode[],
  { earlier, now, rsctLevels = {} }: SurveyOptions,
): Verdict {
  const { name } = seen.target;
  if (seen.kind === 'hmc') return fromHmcVerdict(diagnostic, seen);
  const { startedAt, durationMs, ...collected } = seen.collected;
  const before = earlier?.get(name);
  const whole = { ...collected, fleet, rsctLevels, ...(before === undefined ? {} : { earlier: before }) };
  const verdict = judge(diagnostic, whole, startedAt, durationMs);
  const remark = verdict.findings.length === 0 ? (diagnostic.remark?.(whole) ?? null) : null;
  if (remark !== null) return { ...verdict, note: remark };
  return now === true && needsSecondRead(verdict) ? { ...verdict, note: readOnceOnly } : verdict;
}

function fromHmcVerdict(diagnostic: Diagnostic, seen: Extract<Seen, { kind: 'hmc' }>): Verdict {
  const { target, findings, startedAt, durationMs } = seen;
  const verdict = worst(findings.map((finding) => finding.severity));
  const note = fromHmcOnly;
  return { target: target.name, diagnostic: diagnostic.id, verdict, findings, startedAt, durationMs, note };
}

function learnedFrom(seen: readonly Seen[], fleet: readonly KnownNode[]): readonly KnownNode[] {
  const before = new Map(fleet.map((node) => [node.name, node]));
  return seen.flatMap((one) => {
    if (one.kind === 'hmc') return [];
    const { target, startedAt } = one.collected;
    return knownNodeOf(one.collected, startedAt, before.get(target.name) ?? null) ?? [];
  });
}

function merged(fleet: readonly KnownNode[], learned: readonly KnownNode[]): readonly KnownNode[] {
  const now = new Map([...fleet, ...learned].map((node) => [node.name, node]));
  return [...now.values()];
}
