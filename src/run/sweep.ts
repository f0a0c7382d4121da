import type { NodeTarget } from '../core/target.js';
import type { Finding } from '../core/verdict.js';
import type { Diagnostic } from '../runbooks/definition.js';
import { collect, oneAtATime } from './collect.js';
import type { CollectedInTime, CollectOptions, CollectTools } from './collect.js';
import { askHmcs, type SystemSides } from './hmc-sides.js';

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
}

/** A sweep's results in the order of its targets, and the HMCs' answers for looking at some targets more closely. */
export interface Swept {
  readonly seen: readonly Seen[];
  readonly hmcSides: SystemSides;
}

/**
 * Reads many targets with as few logins as may be: the HMCs are asked first, and where an HMC proves how an LPAR is,
 * nobody logs in to it. Nodes without an HMC of ours, and all targets of a diagnostic that cannot judge from the
 * HMC's side, are logged in to. Throws the abort of `signal` or what `onSeen` threw.
 */
export async function sweep(
  diagnostic: Diagnostic,
  targets: readonly NodeTarget[],
  tools: CollectTools,
  options: SweepOptions,
): Promise<Swept> {
  const { signal, nodesAtOnce, mustLogIn } = options;
  const hmcSides = askHmcs(diagnostic.hmc, targets, tools.ssh, signal);
  const inTurn = oneAtATime(options.onSeen);
  const seen = new Map<string, Seen>();
  const tell = async (one: Seen): Promise<void> => {
    seen.set(one.target.name, one);
    await inTurn(one);
  };
  const startedAt = tools.clock();
  for (const target of targets) {
    if (mustLogIn(target)) continue;
    const findings = await fromHmc(diagnostic, target, hmcSides);
    if (findings === null) continue;
    const durationMs = tools.clock() - startedAt;
    await tell({ kind: 'hmc', target, findings, startedAt: new Date(startedAt).toISOString(), durationMs });
  }
  const others = targets.filter((target) => !seen.has(target.name));
  await collect(diagnostic, others, tools, {
    nodesAtOnce,
    hmcSides,
    ...(signal === undefined ? {} : { signal }),
    onTarget: (collected) => tell({ kind: 'both', target: collected.target, collected }),
  });
  return { seen: targets.flatMap((target) => seen.get(target.name) ?? []), hmcSides };
}

async function fromHmc(
  diagnostic: Diagnostic,
  target: NodeTarget,
  hmcSides: SystemSides,
): Promise<readonly Finding[] | null> {
  if (diagnostic.fromHmc === undefined || target.system === null) return null;
  const side = await hmcSides.get(target.system.name);
  return side === undefined ? null : diagnostic.fromHmc(target, side);
}
