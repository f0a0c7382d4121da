import type { FindingsAbout } from './about.js';

const from = ['rmc'];

/** Findings on either end of RMC: the HMC and its managed system, the LPAR's subsystems. */
export const rmcSides = {
  'rmc.lpar-not-running': {
    severities: ['warn'],
    from,
    means:
      'The HMC says that no operating system runs in the LPAR. RMC cannot be there then, and nothing is wrong with it.',
    expected: 'the LPAR is Running',
    evidence: 'the row of `lssyscfg -r lpar`',
    byHand: ['Nothing, where it is meant to be off; else look at its console why it does not run.'],
  },
  'rmc.system-disconnected': {
    severities: ['crit', 'ok'],
    from,
    means:
      'The HMC cannot work with the managed system: RMC of none of its LPARs can work, whatever they do. It is information where one of two service processors is connected.',
    expected: "the managed system Operating, and the HMC's connection to it Connected",
    evidence: 'the rows of `lssyscfg -r sys` and `lssysconn -r all`',
    byHand: [
      'On the HMC look at the state of the connection and its error code: `lssysconn -r all`.',
      "Look at the service processor's network and password; `No Connection` and `Failed Authentication` are different faults.",
      'Do not touch the LPARs: nothing on them is the cause.',
    ],
  },
  'rmc.hmc-views-disagree': {
    severities: ['crit'],
    from,
    means:
      'The HMC contradicts itself: `lspartition -dlpar` shows the LPAR connected and `lssyscfg` does not, or the other way round. DLPAR goes by what is stale.',
    expected: 'both say the same',
    evidence: 'the rows of both commands',
    byHand: [
      'Wait five minutes and look again.',
      'Have the HMC read the managed system again while nothing is being migrated or changed on it.',
    ],
  },
  'rmc.limited-os': {
    severities: ['warn'],
    from,
    means:
      'The LPAR runs IBM i. RMC is limited there and DLPAR does not go through it: there is nothing to judge.',
    expected: 'an AIX or VIOS LPAR (`lpar_env` aixlinux or vioserver)',
    evidence: 'the row of `lssyscfg -r lpar`',
    byHand: ['Take it out of the inventory: aixops looks after AIX and VIOS.'],
  },
  'rmc.daemon-down': {
    severities: ['crit', 'unknown'],
    from: ['rmc', 'rmc-errors'],
    means:
      'The subsystem ctrmc, or what keeps the management domain (IBM.MgmtDomainRM), does not run on the LPAR. It is unknown while it is starting or stopping: ask again.',
    expected: 'ctrmc and IBM.MgmtDomainRM active',
    evidence: 'their lines of `lssrc -a`',
    byHand: [
      'Ask who stopped it, and why: `rmcctrl -z` also stops monitoring that rests on RMC.',
      'Look at `errpt` and at the free space of `/var` before it is started again.',
      "In a cluster do not start or stop it by hand without that product's own procedure.",
    ],
  },
  'rmc.drm-down': {
    severities: ['crit', 'unknown'],
    from,
    means:
      'RMC runs and IBM.DRM, which carries out DLPAR on the LPAR, does not: the HMC is connected and can change nothing.',
    expected: 'IBM.DRM active',
    evidence: 'its line of `lssrc -a`',
    byHand: [
      'See that what is installed is whole: `lppchk -v`.',
      'If it does not stay up after a restart of RMC, collect data for IBM support.',
    ],
  },
  'rmc.dlpar-not-capable': {
    severities: ['crit', 'unknown'],
    from,
    means:
      'The HMC is connected and holds no DLPAR capability for the LPAR although IBM.DRM runs. It is unknown where its two views differ on that.',
    expected:
      'DCaps other than 0x0, and one of `dlpar_mem_capable`, `dlpar_proc_capable`, `dlpar_io_capable` 1',
    evidence: 'the rows of `lspartition -dlpar` and `lssyscfg`',
    byHand: [
      'Wait five minutes and look again.',
      'If it stays so after a restart of RMC, collect data on both sides for IBM support.',
    ],
  },
} as const satisfies FindingsAbout;
