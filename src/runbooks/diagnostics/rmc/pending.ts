import { curesOf } from './cures.js';
import { otherSide, rowEvidence } from './domain.js';
import { trustProblems } from './follow-up.js';
import type { Draft, Rule } from './rule.js';
import { hmcSideOf, look, statusOf, type Sight } from './sight.js';

/**
 * Row 16: heard, handshake unfinished. One look cannot tell a moment from a failing authentication; the same on two
 * looks at least a minute apart can. Source: RSCT 3.2, rmcdomainstatus man page.
 */
export const pendingAuthentication: Rule = {
  row: '16',
  explains: ['rmc.hmc-views-disagree', 'rmc.dlpar-not-capable', 'rmc.drm-down'],
  find(sight) {
    if (statusOf(sight, 'ctrmc') !== 'active' || sight.link.state !== 'i') return [];
    return [before(sight)?.link.state === 'i' ? persistent(sight) : passing(sight)];
  },
};

/** Messages that wait to be sent are normal for a moment. That they wait for good in one-way traffic is field knowledge. */
export const messagesQueued: Rule = {
  row: '14, queued',
  explains: [],
  find(sight) {
    if (sight.link.state !== 'I' || !isQueued(sight)) return [];
    const earlier = before(sight);
    const stays = earlier !== null && earlier.link.state === 'I' && isQueued(earlier);
    return [
      {
        id: 'rmc.heartbeat-down',
        symptom: 'rmc.heartbeat-down:queued',
        severity: stays ? 'unknown' : 'warn',
        title: stays
          ? `${sight.target.name} hears its HMC, and its messages to it stay queued: whether they arrive cannot be told from here.`
          : `${sight.target.name} hears its HMC, and messages to it are queued: a second look will tell whether that passes.`,
        expected: 'state I, no messages queued (A or a)',
        observed: `${shown(sight)}${stays ? ', as on the look before' : ''}. ${otherSide(sight)}`,
        evidence: rowEvidence(sight),
        fixes: [],
        ...(!stays && { needsSecondRead: true }),
      },
    ];
  },
};

function passing(sight: Sight): Draft {
  const earlier = before(sight);
  const seen =
    earlier === null
      ? 'It was looked at once.'
      : `On the look before it was ${earlier.link.state === 'unread' ? 'not read' : `in state ${earlier.link.state}`}.`;
  return {
    id: 'rmc.pending-authentication',
    severity: 'warn',
    title: `${sight.target.name} and the HMC hear each other, but the handshake is not finished. If this is still so in a minute, authentication is failing.`,
    expected: 'state I (up)',
    observed: `state i (pending up). ${seen} ${otherSide(sight)}`,
    evidence: rowEvidence(sight),
    fixes: [],
    needsSecondRead: true,
  };
}

function persistent(sight: Sight): Draft {
  const earlier = before(sight);
  // The HMC says up while the node waits for it: contradictory, and no ground for a change.
  const isContradicted = hmcSideOf(sight.dlpar) === 'up';
  const trust = trustProblems(sight);
  return {
    id: 'rmc.pending-authentication',
    severity: isContradicted ? 'unknown' : 'crit',
    title: `${sight.target.name} and the HMC hear each other and do not accept each other: message authentication is failing. Compare host names, /etc/hosts and the trusted host lists of both first.`,
    expected: 'state I (up)',
    observed: `state i (pending up), as on the look before. ${otherSide(sight)}${trust.words}`,
    evidence: [...(earlier === null ? [] : rowEvidence(earlier)), ...rowEvidence(sight), ...trust.evidence],
    fixes: isContradicted ? [] : curesOf('rmc.pending-authentication'),
  };
}

function before(sight: Sight): Sight | null {
  return sight.collected.earlier === undefined ? null : look(sight.collected.earlier);
}

function isQueued(sight: Sight): boolean {
  return sight.link.rows.every((row) => row.queue === 'R' || row.queue === 'r');
}

function shown(sight: Sight): string {
  return sight.link.rows.map((row) => `${row.state} ${row.queue}`).join(', ');
}
