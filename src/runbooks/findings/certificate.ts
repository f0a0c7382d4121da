import type { FindingsAbout } from './about.js';

const from = ['certificates'];

/** Findings on certificates that the inventory declares. Days are counted from our clock, never from the node's. */
export const certificate = {
  'cert.expired': {
    severities: ['crit', 'warn'],
    from,
    means:
      'A certificate has ended. A warning where it only stands in a long list of certificates that are trusted, in which old ones do no harm.',
    expected: 'a certificate that is valid now',
    evidence: 'the store as it was read, all its places, its owner',
    byHand: [
      'Ask its owner to renew it, then restart or refresh what uses it: many programs read it only at the start.',
    ],
  },
  'cert.expiring': {
    severities: ['warn', 'crit'],
    from,
    means:
      'A certificate ends within 30 days; critical within 7. One with a life of 100 days or less is renewed by a program, so its time is counted in parts of its life: a warning when less than a third is left, critical when less than a sixth.',
    expected: 'more than 30 days left, or a third of a short life',
    evidence: 'the store as it was read, all its places, its owner',
    byHand: ['Ask its owner to renew it.', 'For one that a program renews, look why that program did not.'],
  },
  'cert.not-yet-valid': {
    severities: ['warn'],
    from,
    means:
      'A certificate is not valid yet: it was put there ahead of its time, or it was made on a machine with a wrong clock. Every client with a right clock refuses it now.',
    expected: 'a certificate that is valid now',
    evidence: 'the store as it was read, with the day from which it is valid',
    byHand: ['Put the one before it back until then, or have it made anew.'],
  },
  'cert.unreadable': {
    severities: ['unknown'],
    from,
    means:
      'A declared store could not be read, or holds a certificate that two readers do not understand alike: when it ends is not known, and must not look fine.',
    expected: 'an ordinary file of at most 1 MiB that can be read',
    evidence: 'what reading it answered',
    byHand: [
      'Let the login read it: `aixops sudoers --config DIR` prints what its sudoers list needs for the declared files.',
      'For a key store, give `passwordFile` in the inventory, a path on the node.',
    ],
  },
  'cert.disappeared': {
    severities: ['warn'],
    from,
    means: 'A declared file is not there: it was moved or removed, or the inventory is wrong.',
    expected: 'a certificate store at this path',
    evidence: 'what reading it answered',
    byHand: ['Correct the path in the inventory, or ask its owner where the file went.'],
  },
  'cert.not-served': {
    severities: ['warn'],
    from,
    means:
      'A port still serves the certificate before the one in its file: the file was renewed, and the program that serves it was not restarted.',
    expected: 'the port serves what stands in the file',
    evidence: 'serial numbers and ends of both',
    byHand: ['Restart or refresh the program behind the port, in a window of its own.'],
  },
} as const satisfies FindingsAbout;
