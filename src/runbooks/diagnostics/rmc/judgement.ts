import { worst, levels, type Finding } from '../../../core/verdict.js';
import { nodeNotReached } from './access.js';
import { foreignHmc, notRegistered, otherHmcs } from './domain.js';
import type { RmcCollected } from './facts.js';
import { missingForHealth } from './health.js';
import { dlparNotCapable, viewsDisagree, viewsDisagreeLate } from './hmc.js';
import { linkLocalMissing, staleHmcEntry } from './network.js';
import { nodeIdDuplicated, nodeIdMismatch } from './node-ids.js';
import { messagesQueued, pendingAuthentication } from './pending.js';
import { limitedOs, lparNotRunning, oneLinkDown, stateNotUnderstood, systemDisconnected } from './power.js';
import { clientsDisabled, heartbeatDown, packetSize, portBlocked } from './reach.js';
import { daemonDown, drmDown, levelBelowRecommended, levelTooOld, notInstalled } from './rsct.js';
import type { Draft, Rule } from './rule.js';
import { withServiceHealth } from './dashboard.js';
import { hmcSays, look, type Sight } from './sight.js';
import { factsUnread, notTheSame } from './unread.js';

/** The decision tree, in its order: the first rule that matches is the root cause. */
const rules: readonly Rule[] = [
  lparNotRunning,
  systemDisconnected,
  viewsDisagree,
  limitedOs,
  nodeNotReached,
  notInstalled,
  levelTooOld,
  daemonDown,
  linkLocalMissing,
  nodeIdDuplicated,
  nodeIdMismatch,
  notRegistered,
  foreignHmc,
  portBlocked,
  heartbeatDown,
  clientsDisabled,
  packetSize,
  pendingAuthentication,
  messagesQueued,
  drmDown,
  dlparNotCapable,
  staleHmcEntry,
  viewsDisagreeLate,
  notTheSame,
  stateNotUnderstood,
  factsUnread,
  levelBelowRecommended,
  otherHmcs,
  oneLinkDown,
];

interface Found {
  readonly rule: Rule;
  readonly draft: Draft;
}

/** Judges RMC from both sides. No finding but remarks only if every fact was read and every condition of health holds. */
export function judgeRmc(collected: RmcCollected): readonly Finding[] {
  const sight = look(collected);
  const found = rules.flatMap((rule) => rule.find(sight).map((draft) => ({ rule, draft })));
  const findings = notesLast(withCauses(found));
  const isQuiet = worst(findings.filter((one) => !isNote(one)).map((one) => one.severity)) === 'ok';
  const missing = isQuiet ? missingForHealth(sight) : [];
  const whole = missing.length === 0 ? findings : [...findings, unexplained(sight, missing)];
  return withServiceHealth(sight, whole);
}

function isNote(finding: Finding): boolean {
  return finding.id === 'rsct.level-below-recommended';
}

/** A level that could be newer is a warning by itself and only a remark beside anything worse. */
function notesLast(findings: readonly Finding[]): readonly Finding[] {
  const others = findings.filter((one) => !isNote(one));
  if (others.every((one) => one.severity === 'ok')) return findings;
  return findings.map((one) => (isNote(one) ? { ...one, severity: 'ok' } : one));
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
    // What explains it is looked at instead: a second look at the symptom would tell nothing.
    ...finding({ ...draft, needsSecondRead: false }),
    severity: isWorse ? cause.severity : draft.severity,
    fixes: [],
    follows: cause.id,
  };
}

/** The draft without what only the working out of causes needs. */
function finding({
  id,
  severity,
  title,
  expected,
  observed,
  evidence,
  fixes,
  needsSecondRead,
}: Draft): Finding {
  return {
    id,
    severity,
    title,
    expected,
    observed,
    evidence,
    fixes,
    ...(needsSecondRead === true && { needsSecondRead }),
  };
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
