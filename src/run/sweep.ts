import type { FactSet } from '../core/fact.js';
import type { NodeTarget } from '../core/target.js';
import type { Finding } from '../core/verdict.js';
import type { Diagnostic, Reached } from '../runbooks/definition.js';
import { collectInTurn, late, oneAtATime } from './collect.js';
import type { CollectedInTime, CollectOptions, CollectTools } from './collect.js';
import { askHmcs, type SystemSides } from './hmc-sides.js';
import { within } from './limits.js';
import { sharedTurns } from './shared-turns.js';
import type { Sharing, SweepAbout } from './sharing.js';
import { pause } from '../loop/slices.js';
import { turnsHere, type Turns } from './turns.js';

/** What is known of a target after a sweep: both sides, or what its HMC alone proves. Times as in `CollectedInTime`. */
export type Seen =
  | { readonly kind: 'both'; readonly target: NodeTarget; readonly collected: CollectedInTime }
  | {
      readonly kind: 'hmc';
      readonly target: NodeTarget;
      readonly findings: readonly Finding[];
      readonly startedAt: string;
      readonly durationMs: number;
    };

export interface SweepOptions extends Omit<CollectOptions, 'onTarget' | 'hmcSides'> {
  /** Targets that are logged in to whatever their HMC says. */
  readonly mustLogIn: (target: NodeTarget) => boolean;
  /** Called for each target as soon as it is seen, one call at a time. */
  readonly onSeen?: (seen: Seen) => void | Promise<void>;
  /** So long after its start it is over; whom it has not come to then is not read. Milliseconds. */
  readonly withinMs?: number;
  /** Lets other processes take part, under a name that no other sweep has. */
  readonly share?: { readonly id: string; readonly sharing: Sharing };
}

/** A sweep's results in the order of its targets, and the HMCs' answers for looking at some targets more closely. */
export interface Swept {
  readonly seen: readonly Seen[];
  readonly hmcSides: SystemSides;
}

/**
 * Reads many targets with as few logins as may be: the HMCs are asked first, and where an HMC proves how an LPAR is,
 * nobody logs in to it. Nodes without an HMC of ours, and all targets of a diagnostic that cannot judge from the
 * HMC's side, are logged in to at once. Throws the abort of `signal` or what `onSeen` threw.
 */
export async function sweep(
  diagnostic: Diagnostic,
  targets: readonly NodeTarget[],
  tools: CollectTools,
  options: SweepOptions,
): Promise<Swept> {
  const { signal, limits, withinMs } = options;
  const asked = askHmcs(diagnostic.hmc, targets, tools.ssh, signal);
  const hmcSides = limits === undefined ? asked : inTime(asked, targets, limits.hmcMs);
  const inTurn = oneAtATime(options.onSeen);
  const seen = new Map<string, Seen>();
  const tell = async (one: Seen): Promise<void> => {
    seen.set(one.target.name, one);
    await inTurn(one);
  };
  const startedAt = tools.clock();
  const all = (stop: AbortSignal | undefined) =>
    readAll(
      { diagnostic, targets, hmcSides, tools, options: { ...options, ...(stop && { signal: stop }) } },
      tell,
    );
  if (withinMs === undefined) await all(signal);
  else await within(withinMs, signal, all);
  for (const target of targets)
    if (!seen.has(target.name)) await tell(notComeTo(target, startedAt, withinMs ?? 0, tools));
  return { seen: targets.flatMap((target) => seen.get(target.name) ?? []), hmcSides };
}

interface Reading {
  readonly diagnostic: Diagnostic;
  readonly targets: readonly NodeTarget[];
  readonly hmcSides: SystemSides;
  readonly tools: CollectTools;
  readonly options: SweepOptions;
}

type Tell = (seen: Seen) => Promise<void>;

async function readAll(reading: Reading, tell: Tell): Promise<void> {
  const { diagnostic, hmcSides, tools, options } = reading;
  const turns = turnsFor(reading, tell);
  try {
    const deciding = decide(reading, turns, tell);
    await Promise.all([
      deciding,
      collectInTurn(diagnostic, turns, tools, {
        ...options,
        hmcSides,
        onTarget: (collected) => tell({ kind: 'both', target: collected.target, collected }),
      }),
    ]);
  } finally {
    turns.close();
  }
}

/** Below this it is done sooner than others have heard of it. */
const shareFrom = 64;

function turnsFor({ diagnostic, targets, hmcSides, options }: Reading, tell: Tell): Turns {
  const { share, limits } = options;
  if (share === undefined || limits === undefined || targets.length < shareFrom) return turnsHere();
  const needsSides = diagnostic.followUp !== undefined;
  const about: SweepAbout = {
    ...{ v: 1, version: share.sharing.version, diagnostic: diagnostic.id, limits, needsSides },
  };
  if (needsSides) layOutSides(share, targets, hmcSides);
  return sharedTurns(share.id, about, share.sharing, async (target, { node, followUp, ...times }) => {
    const hmc = target.system === null ? null : ((await hmcSides.get(target.system.name)) ?? null);
    const collected = { target, node, hmc, ...times, ...(followUp != null && { followUp }) };
    await tell({ kind: 'both', target, collected });
  });
}

function layOutSides(
  { id, sharing }: { readonly id: string; readonly sharing: Sharing },
  targets: readonly NodeTarget[],
  hmcSides: SystemSides,
): void {
  const names = new Set(targets.flatMap(({ system }) => system?.name ?? []));
  for (const name of names)
    hmcSides
      .get(name)
      ?.then((side) => sharing.sweeps.putSide(id, name, JSON.stringify(side)))
      // Whoever waits for it says so in the end, and reads the node by itself then.
      .catch(() => undefined);
}

/** Turns to nodes that must be logged in to at once, and to those of a system as soon as its HMC's side does not prove enough. */
async function decide(
  { diagnostic, targets, hmcSides, tools, options }: Reading,
  turns: Turns,
  tell: Tell,
): Promise<void> {
  const startedAt = tools.clock();
  const atOnce: NodeTarget[] = [];
  const bySystem = new Map<string, NodeTarget[]>();
  for (const target of targets) {
    if (diagnostic.fromHmc === undefined || target.system === null || options.mustLogIn(target))
      atOnce.push(target);
    else bySystem.set(target.system.name, [...(bySystem.get(target.system.name) ?? []), target]);
  }
  if (atOnce.length > 0) turns.add(atOnce);
  await Promise.all(
    [...bySystem].map(async ([system, ofSystem]) => {
      const side = await hmcSides.get(system);
      const others: NodeTarget[] = [];
      for (const target of ofSystem) {
        const findings = side === undefined ? null : (diagnostic.fromHmc?.(target, side) ?? null);
        const durationMs = tools.clock() - startedAt;
        if (findings === null) others.push(target);
        else
          await tell({
            kind: 'hmc',
            target,
            findings,
            startedAt: new Date(startedAt).toISOString(),
            durationMs,
          });
        await pause();
      }
      if (others.length > 0) turns.add(others);
    }),
  );
  turns.end();
}

/** The same sides; what has not come in its time counts as not reached, whatever comes of it later. */
function inTime(sides: SystemSides, targets: readonly NodeTarget[], ms: number): SystemSides {
  const limited = new Map<string, Promise<Reached<FactSet>>>();
  for (const { system } of targets) {
    const side = system === null || limited.has(system.name) ? undefined : sides.get(system.name);
    if (side === undefined || system === null) continue;
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<Reached<FactSet>>((resolve) => {
      timer = setTimeout(() => resolve(late(system.hmc.name, ms)), ms);
    });
    const first = Promise.race([side, over]).finally(() => clearTimeout(timer));
    first.catch(() => undefined);
    limited.set(system.name, first);
  }
  return limited;
}

function notComeTo(target: NodeTarget, startedAt: number, withinMs: number, { clock }: CollectTools): Seen {
  const hmc = target.system === null ? null : late(target.system.hmc.name, withinMs);
  const times = { startedAt: new Date(startedAt).toISOString(), durationMs: clock() - startedAt };
  return { kind: 'both', target, collected: { target, node: late(target.name, withinMs), hmc, ...times } };
}
