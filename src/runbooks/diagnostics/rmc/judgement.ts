import { worst, levels, type Finding } from '../../../core/verdict.js';
import { nodeNotReached } from './access.js';
import { heartbeatDown, notRegistered, pendingAuthentication } from './domain.js';
import type { RmcCollected } from './facts.js';
import { missingForHealth } from './health.js';
import { dlparNotCapable, viewsDisagree, viewsDisagreeLate } from './hmc.js';
import { limitedOs, lparNotRunning, stateNotUnderstood, systemDisconnected } from './power.js';
import { daemonDown, drmDown, nodeIdMismatch, notInstalled } from './rsct.js';
import type { Draft, Rule } from './rule.js';
import { hmcSays, look, type Sight } from './sight.js';
import { factsUnread, notTheSame } from './unread.js';

/**
 * The decision tree, in its order: the first rule that matches is the root cause. Rows that are not here yet go
 * where their number says (6 level, 8 link-local, 9 duplicate node ID, 12 foreign HMC, 15 packet size, 18 stale entry).
 */
const rules: readonly Rule[] = [
  lparNotRunning,
  systemDisconnected,
  viewsDisagree,
  limitedOs,
  nodeNotReached,
  notInstalled,
  daemonDown,
  nodeIdMismatch,
  notRegistered,
  heartbeatDown,
  pendingAuthentication,
  drmDown,
  dlparNotCapable,
  viewsDisagreeLate,
  notTheSame,
  stateNotUnderstood,
  factsUnread,
];

interface Found {
  readonly rule: Rule;
  readonly draft: Draft;
}

/** Judges RMC from both sides. Empty only if every fact was read and every condition of health holds. */
export function judgeRmc(collected: RmcCollected): readonly Finding[] {
  const sight = look(collected);
  const found = rules.flatMap((rule) => rule.find(sight).map((draft) => ({ rule, draft })));
  const findings = withCauses(found);
  const isQuiet = worst(findings.map((finding) => finding.severity)) === 'ok';
  const missing = isQuiet ? missingForHealth(sight) : [];
  return missing.length === 0 ? findings : [...findings, unexplained(sight, missing)];
}

/** Roots first, each finding that another explains pointing to it, no worse than it and with no fix of its own. */
function withCauses(found: readonly Found[]): readonly Finding[] {
  const explainers = (one: Found) => found.filter((other) => other !== one && explains(other, one));
  const isRoot = (one: Found) => explainers(one).length === 0;
  const roots = found.filter(isRoot).map(({ draft }) => finding(draft));
  const followers = found
    .filter((one) => !isRoot(one))
    .map((one) => {
      const causes = explainers(one);
      const cause = (causes.find(isRoot) ?? causes[0])?.draft;
      return cause === undefined ? finding(one.draft) : follower(one.draft, cause);
    });
  return [...roots, ...followers];
}

function explains(cause: Found, effect: Found): boolean {
  // A remark of level ok is no fault and explains none.
  return (
    cause.draft.severity !== 'ok' && cause.rule.explains.includes(effect.draft.symptom ?? effect.draft.id)
  );
}

function follower(draft: Draft, cause: Draft): Finding {
  const isWorse = levels.indexOf(draft.severity) > levels.indexOf(cause.severity);
  return {
    ...finding(draft),
    severity: isWorse ? cause.severity : draft.severity,
    fixes: [],
    follows: cause.id,
  };
}

/** The draft without what only the working out of causes needs. */
function finding({ id, severity, title, expected, observed, evidence, fixes }: Draft): Finding {
  return { id, severity, title, expected, observed, evidence, fixes };
}

function unexplained(sight: Sight, missing: readonly string[]): Finding {
  return {
    id: 'fact.unreadable',
    severity: 'unknown',
    title: `The two sides of ${sight.target.name} do not add up, and no known cause fits.`,
    expected: missing.join(', '),
    observed: `not seen: ${missing.join(', ')}. ${hmcSays(sight)}`,
    evidence: [],
    fixes: [],
  };
}
