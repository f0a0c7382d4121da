import type { ErrorInfo } from '../../../core/errors.js';
import type { NodeTarget } from '../../../core/target.js';
import { hmcSays } from './sight.js';
import type { Draft, Rule } from './rule.js';

interface Meaning {
  readonly id: string;
  /** `lost` says what was not seen because of it. */
  readonly title: (name: string, lost: string) => string;
  readonly expected: string;
}

const unreachable: Meaning = {
  id: 'node.unreachable',
  title: (name, lost) => `${name} was not reached, so ${lost}.`,
  expected: 'the node answers over SSH',
};

const meanings: Readonly<Record<string, Meaning>> = {
  unreachable,
  refused: unreachable,
  'timed-out': unreachable,
  'jump-failed': { ...unreachable, expected: 'the node answers over SSH through its jump host' },
  'login-refused': {
    id: 'node.login-refused',
    title: (name, lost) => `${name} refused the login, so ${lost}.`,
    expected: 'the inventory’s user and key are accepted',
  },
  algorithms: {
    id: 'node.login-refused',
    title: (name, lost) => `${name} offers no SSH algorithm that is allowed, so ${lost}.`,
    expected: 'an algorithm that both sides allow (algorithms: legacy in the inventory allows old ones)',
  },
  'host-key-changed': {
    id: 'node.host-key-changed',
    title: (name) => `${name} shows another host key than the pinned one. Nothing was sent to it.`,
    expected: 'the pinned host key',
  },
  'host-key-unknown': {
    id: 'node.host-key-changed',
    title: (name) => `No host key is pinned for ${name}. Nothing was sent to it.`,
    expected: 'a pinned host key (enrol the node first)',
  },
};

/** No session came about: what the node would say is unknown, whatever the HMC thinks of it. */
export const nodeNotReached: Rule = {
  row: 'access',
  explains: [],
  find(sight) {
    if (sight.collected.node.ok) return [];
    const draft = notReached(sight.target, sight.collected.node.error, 'its own side of RMC was not seen');
    return [{ ...draft, observed: `${draft.observed} ${hmcSays(sight)}` }];
  },
};

/** Why no session with a node came about, as a finding; `lost` says what was not seen because of it. */
export function notReached(target: NodeTarget, error: ErrorInfo, lost: string): Draft {
  const meaning = meaningOf(error);
  const command = `ssh ${target.endpoint.host}`;
  return {
    id: meaning.id,
    ...(meaning.id === 'fact.unreadable' && { symptom: 'fact.unreadable:node' }),
    // A pinned key that changed is a fault by itself until a person has said why; all else is only not seen.
    severity: error.reason === 'host-key-changed' ? 'crit' : 'unknown',
    title: meaning.title(target.name, lost),
    expected: meaning.expected,
    observed: error.message,
    evidence: [{ target: target.name, command, excerpt: error.message }],
    fixes: [],
  };
}

function meaningOf(error: ErrorInfo): Meaning {
  const known = error.class === 'ConnectError' ? meanings[error.reason ?? ''] : undefined;
  const other = {
    id: 'fact.unreadable',
    title: (name: string) => `${name} could not be read at all.`,
    expected: 'the node answers',
  };
  return known ?? other;
}
