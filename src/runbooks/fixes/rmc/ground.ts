import type { Capture } from '../../../core/plan.js';
import type { Finding } from '../../../core/verdict.js';
import { rmcNodeFacts, type RmcCollected } from '../../diagnostics/rmc/facts.js';
import { judgeRmc } from '../../diagnostics/rmc/judgement.js';
import { look, valueOf, type Sight } from '../../diagnostics/rmc/sight.js';
import type { Asked } from '../../definition.js';
import { sameForm } from '../../fleet-known.js';
import type { Refusal } from './gates.js';

/** What a fix of RMC stands on: the join of both sides and what the diagnostic makes of it. */
export interface Ground {
  readonly sight: Sight;
  /** Findings that nothing else explains. */
  readonly roots: readonly Finding[];
}

/** Judges once, so that a plan rests on the same reading as the verdict that suggested it. */
export function groundOf(collected: RmcCollected, asked: Asked): Ground {
  const said = collected.node.ok ? valueOf(collected.node.facts.nodeId) : null;
  // The asked node as it was read now, the others as they were read last.
  const known = asked.fleet.length > 0 ? asked.fleet : (collected.fleet ?? []);
  const fleet = known.map((one) =>
    one.name === collected.target.name && said !== null ? { ...one, nodeId: sameForm(said.nodeId) } : one,
  );
  const roots = judgeRmc({ ...collected, fleet }).filter(
    (one) => one.follows === undefined && one.severity !== 'ok',
  );
  return { sight: look(collected), roots };
}

/** Faults of which no change on the node can be right: the reason is the finding's own title. */
const stops: readonly { id: RegExp; source: string }[] = [
  {
    id: /^rmc\.(?:lpar-not-running|system-disconnected|limited-os)$/,
    source: 'RSCT 3.2, "Checking the status of the RMC connections on the HMC"',
  },
  { id: /^node\./, source: 'RSCT 3.2 rmcctrl man page' },
  { id: /^rsct\./, source: 'IBM technote T1020611' },
];

/** Refuses while a root cause stands that forbids changing the node, or that nobody could read; `cured` do not count. */
export function refusalByRoots({ roots, sight }: Ground, cured: readonly string[] = []): Refusal | null {
  const { name } = sight.target;
  const refused = (root: Finding, source: string): Refusal => ({
    kind: 'refused',
    gate: root.id,
    reason: `${root.title.includes(name) ? '' : `For ${name}: `}${root.title} Observed: ${root.observed}`,
    source,
  });
  for (const { id, source } of stops) {
    const root = roots.find((one) => id.test(one.id) && !cured.includes(one.id));
    if (root !== undefined) return refused(root, source);
  }
  // Contradictory, unread or passing evidence, such as a subsystem that is just stopping: no fix.
  const unclear = roots.find((one) => one.severity === 'unknown');
  return unclear === undefined ? null : refused(unclear, 'IBM technote T1020611');
}

/** A change that cures nothing of what was found only destroys its evidence: a firewall is no cause to restart RMC. */
export function notCured({ sight, roots }: Ground, fix: string, what: string): Refusal | null {
  if (roots.some((root) => root.fixes.includes(fix))) return null;
  const found = roots.map((root) => root.title).join(' ');
  const fits = [...new Set(roots.flatMap((root) => root.fixes))];
  const instead = fits.length === 0 ? '' : ` What fits: ${fits.join(', ')}.`;
  const reason = `${what} does not cure what was found on ${sight.target.name}: ${found}${instead}`;
  return { kind: 'refused', gate: 'not-cured', reason, source: 'IBM technote T1020611' };
}

/** Who the plan is for, in words that do not change from one reading to the next. */
export function identityBasis(sight: Sight): string {
  const lparId = 'lparId' in sight.identity ? sight.identity.lparId : 0;
  if (sight.system.kind !== 'found') return `LPAR id ${lparId} by uname -L; no HMC of ours sees it`;
  const { type_model: typeModel, serial_num: serial } = sight.system.row;
  return `LPAR id ${lparId} on ${String(typeModel)}*${String(serial)}, by uname -L and the HMC`;
}

/** The locks of a change on this node: itself, and its cluster where it is in one. */
export function locksOf(sight: Sight): readonly string[] {
  const { name, cluster } = sight.target;
  return [...(cluster === null ? [] : [`cluster:${cluster}`]), `node:${name}`].sort();
}

/** What is written down before RMC is touched. */
export const rmcCaptures: readonly Capture[] = [
  { id: 'lssrc', title: 'Subsystems', command: rmcNodeFacts.subsystems.command },
  { id: 'rmcdomainstatus', title: 'RMC domain status', command: rmcNodeFacts.domain.command },
  { id: 'lsrsrc-mcp', title: 'Management control points', command: rmcNodeFacts.controlPoints.command },
  { id: 'netstat', title: 'Sockets', command: rmcNodeFacts.sockets.command },
  { id: 'lsnodeid', title: 'Node ID', command: rmcNodeFacts.nodeId.command },
];
