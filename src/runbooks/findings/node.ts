import type { FindingsAbout } from './about.js';

const everywhere = ['rmc', 'rmc-errors', 'rsct-level', 'clcomd', 'certificates'];

/** Findings on reaching a node at all, and on reading from it. */
export const node = {
  'node.unreachable': {
    severities: ['unknown', 'crit'],
    from: everywhere,
    means:
      'No session with the node came about, so nothing of it was seen. Critical in a cluster whose other nodes see it down as well.',
    expected: 'the node answers over SSH, through its jump host where it has one',
    evidence: 'what connecting answered',
    byHand: [
      'See that it runs, by its console.',
      'See that the address in the inventory is right, and that sshd runs there: `lssrc -s sshd`.',
      'See that firewalls let the worker in.',
    ],
  },
  'node.host-key-changed': {
    severities: ['crit', 'unknown'],
    from: everywhere,
    means:
      "The node shows another host key than the pinned one: it was reinstalled, its address is another system's now, or somebody is in between. Nothing was sent to it. It is unknown where no key is pinned at all.",
    expected: 'the pinned host key',
    evidence: 'the fingerprints of both',
    byHand: [
      'Compare the fingerprint with the one on its console: `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`.',
      'Then enrol it anew: `/enrol NAME` in Slack, or `aixops enrol NAME --replace`. The whole way is in docs/host-keys.md.',
    ],
  },
  'node.login-refused': {
    severities: ['unknown', 'crit'],
    from: everywhere,
    means:
      'The node answers and lets nobody in: user, key or account, or no SSH algorithm that both allow. Critical in a cluster whose other nodes see it down as well.',
    expected: "the inventory's user and key are accepted",
    evidence: 'what the node answered',
    byHand: [
      'See that the user of the inventory is right and that its `authorized_keys` has our public key, mode 600, home not writable for others.',
      'See that the account is not locked: `lsuser -a account_locked unsuccessful_login_count aixops`.',
      'For an old sshd set `algorithms: legacy` at this node in the inventory.',
    ],
  },
  'node.clock-skew': {
    severities: ['warn'],
    from: ['clcomd', 'certificates'],
    means:
      "The clock of a node is more than a minute from ours, or from another node's of its cluster: it takes valid certificates for expired ones, and the other way round.",
    expected: 'clocks within 60 s of each other',
    evidence: '`date` of each node beside ours',
    byHand: [
      'Repair NTP on the node: `lssrc -s xntpd`, `ntpq -p`.',
      'In a cluster correct a clock slowly (`-x`), never by a jump.',
    ],
  },
  'fact.unreadable': {
    severities: ['unknown'],
    from: everywhere,
    means:
      "Something that is needed for a verdict was not read: a command is missing, needs root, ran into its time limit, or printed what is not understood. The verdict is unknown, never healthy. It also says that the HMC's side was not seen, and that LPAR and HMC may not speak of the same LPAR.",
    expected: 'an answer that is understood',
    evidence: 'the command, and what it printed or why it did not run',
    byHand: [
      'Run the command on the node as the login of the inventory; with `become: sudo` as `sudo -n COMMAND`.',
      'For output that is not understood see docs/troubleshooting.md.',
    ],
  },
} as const satisfies FindingsAbout;
