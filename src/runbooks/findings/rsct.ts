import type { FindingsAbout } from './about.js';

const update =
  'Update rsct.core by the usual AIX maintenance: a preview first, a way back (alternate disk), and in a cluster one node at a time by its own procedure.';

/** Findings on RSCT as it is installed, and on the node ID. */
export const rsct = {
  'rsct.not-installed': {
    severities: ['crit'],
    from: ['rmc', 'rsct-level'],
    means: 'RSCT is not installed or not configured on the LPAR, or not whole: there can be no RMC.',
    expected: 'the fileset rsct.core.rmc, applied or committed, and the subsystem ctrmc',
    evidence: 'the lines of `lslpp -Lcq` and `lssrc -a`',
    byHand: [
      'Install or repair rsct.core from the base media of that level.',
      'Where the subsystem alone is missing, `rmcctrl -A` puts it on file; ask first who took it off.',
    ],
  },
  'rsct.level-too-old': {
    severities: ['crit', 'warn', 'unknown'],
    from: ['rmc', 'rsct-level'],
    means:
      'RSCT is older than RMC needs (`rsct.minimum` in aixops.yaml), or exactly at 3.1.5.0 or 3.2.0.0, which need an APAR. A warning where RMC is up all the same; unknown where an interim fix holds the fileset, for it may be the one.',
    expected: 'rsct.core.rmc at the minimum or later',
    evidence: 'its line of `lslpp -Lcq`',
    byHand: [update, 'Where an interim fix holds it, see which one: `emgr -l`.'],
  },
  'rsct.level-below-recommended': {
    severities: ['warn', 'ok'],
    from: ['rmc', 'rsct-level'],
    means:
      'RSCT works and a newer level is recommended (`rsct.recommended` in aixops.yaml). Information only beside anything worse.',
    expected: 'rsct.core.rmc at the recommended level or later',
    evidence: 'its line of `lslpp -Lcq`',
    byHand: [update],
  },
  'rsct.node-id-duplicate': {
    severities: ['crit', 'unknown'],
    from: ['rmc'],
    means:
      'Two LPARs have one RSCT node ID: one is a clone of the other. They drive each other out of RMC, and the connection flaps. It is unknown where the other one was read long ago, or where only the flapping (state Z) hints at it.',
    expected: 'a node ID that no other node has',
    evidence: '`lsnodeid` of this one; who else was read with it and when; the row with state Z',
    byHand: [
      'Change the clone, never the original, and never both. The finding says which is which where that can be told.',
      'A node in a cluster keeps its ID in any case.',
      'Read both again together where one was read long ago.',
    ],
  },
  'rsct.node-id-mismatch': {
    severities: ['crit'],
    from: ['rmc'],
    means:
      'The node ID is not the same in the three places that hold it, or is lost (2641-036): half of a rebuild, or files copied by hand.',
    expected: 'one node ID in `lsnodeid`, `/etc/ct_node_id` and `/var/ct/cfg/ct_node_id`',
    evidence: 'all three',
    byHand: [
      'Find out which value is the right one: what the HMC, monitoring or an older backup knows of.',
      'Do not edit these files: `recfgct` sets them together, and rsct-rebuild runs it with all gates and captures.',
    ],
  },
} as const satisfies FindingsAbout;
