import type { FindingsAbout } from './about.js';

const from = ['rmc-errors'];

/** Findings on what the error log wrote of RMC within the last seven days. */
export const errorLog = {
  'rmc.daemon-ended': {
    severities: ['warn', 'crit'],
    from,
    means:
      'A daemon of RSCT ended by itself: the SRC wrote that it did, or it left a core file. Critical where the SRC has given up starting it (SRC_TRYX) and it does not run.',
    expected: 'no entry of the SRC and no core file of RSCT',
    evidence: 'the newest two entries as `errpt -a` prints them',
    byHand: [
      'Look whether RMC is well now: `/rmc-status NAME`.',
      'See that `/var` has free space: RSCT ends where it cannot write.',
      'Compare the level of RSCT with the recommended one: `/rsct-level NAME`. Several causes are fixed in later levels.',
      'For IBM support keep the core files below `/var/ct/IW/run/mc` and collect with `ctsnap`.',
    ],
  },
  'rmc.started-often': {
    severities: ['warn'],
    from,
    means:
      'RMC was started three times or more that no boot explains. Fixes of aixops restart it too, and so do people; what restarts it by itself shows as rmc.daemon-ended.',
    expected: 'fewer than three starts within seven days besides those of a boot',
    evidence: 'the newest two entries of a start (RMCD_INFO_0_ST)',
    byHand: [
      'Ask who restarts it, and why: `/changes NAME`, cron, automation of the HMC team.',
      'A restart that has to be done again and again hides a cause: `/rmc-status NAME` names most of them.',
    ],
  },
  'rmc.error-logged': {
    severities: ['warn'],
    from,
    means:
      'RSCT wrote an entry that is no information: of type PERM, TEMP, PERF, PEND or UNKN. Its label and words are shown; which labels there are, IBM lists for each release.',
    expected: 'no entry of RMCdaemon, ctcasd or ConfigRM but information',
    evidence: 'the newest two entries as `errpt -a` prints them',
    byHand: [
      'Read the entry: its recommended actions stand in it (`errpt -a -j IDENTIFIER`).',
      'Look up the label in the messages for RSCT.',
      'Look whether RMC is well now: `/rmc-status NAME`.',
    ],
  },
  'node.error-log-off': {
    severities: ['unknown'],
    from,
    means:
      'Errdemon does not run, so nothing is written to the error log: that it shows no error proves nothing.',
    expected: '`/usr/lib/errdemon` among the processes',
    evidence: 'that `ps -ef` has no such line',
    byHand: ['Ask who stopped it (`errstop`).', 'Start it: `/usr/lib/errdemon`.'],
  },
} as const satisfies FindingsAbout;
