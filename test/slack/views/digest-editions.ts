/** Editions whose every word is the worst that nodes, certificates, people and inventories may put into one. */
import fc from 'fast-check';
import { bands } from '../../../src/digest/bands.js';
import type {
  CertificateLine,
  Edition,
  LinePlace,
  RotationLine,
  TroubleLine,
  TurnLine,
} from '../../../src/digest/edition.js';
import type { Hush } from '../../../src/digest/hush.js';
import type { LineMarks } from '../../../src/digest/marked.js';
import { build, inDays, now } from '../../digest/examples.js';
import { hostileText } from './hostile.js';

const someone = fc.oneof(hostileText, fc.constantFrom('UALICE', 'S0123456789'));
/** Slack says who it was: nobody writes this. */
const slackUser = fc.oneof(
  hostileText.map((text) => text.replaceAll('hunter2canary', '')),
  fc.constantFrom('UALICE', 'UBOB'),
);
const perhaps = fc.option(hostileText);
const moment = fc.integer({ min: -30_000, max: 30_000 }).map((days) => inDays(days / 10));
const band = fc.constantFrom(...bands);

export const hostileHush: fc.Arbitrary<Hush> = fc.record({
  kind: fc.constantFrom('acknowledged', 'snoozed'),
  by: slackUser,
  at: moment,
  until: fc.option(moment),
  reason: hostileText,
  band,
  version: hostileText,
});

export const hostileMarks: fc.Arbitrary<LineMarks> = fc.record({
  hush: fc.option(hostileHush),
  owner: fc.option(someone),
  recheck: fc.option(fc.record({ by: slackUser, at: moment, says: perhaps, isDone: fc.boolean() })),
});

const place: fc.Arbitrary<LinePlace> = fc.record({
  item: fc.constant('item'),
  target: hostileText,
  cluster: perhaps,
  path: hostileText,
  label: hostileText,
  lastSeen: fc.option(fc.constant('2026-11-20')),
});

const hostileCertificate: fc.Arbitrary<CertificateLine> = fc.record({
  kind: fc.constant('certificate'),
  id: fc.constant('line'),
  band,
  owner: fc.option(someone),
  name: hostileText,
  subject: hostileText,
  issuer: hostileText,
  serialEnd: hostileText,
  fingerprint: fc.constantFrom('AA:'.repeat(31) + 'AA', '```<!channel>'),
  type: fc.constantFrom('leaf', 'ca', 'self-signed'),
  notBefore: moment,
  notAfter: moment,
  isClusterSecurity: fc.boolean(),
  // One certificate may lie in many places.
  places: fc
    .tuple(fc.array(place, { minLength: 1, maxLength: 3 }), fc.constantFrom(1, 1, 1, 12))
    .map(([some, times]) => Array.from({ length: times }, () => some).flat()),
  quietPlaces: fc.nat({ max: 3 }),
  ended: fc.option(
    fc.record({
      hush: hostileHush,
      why: fc.constantFrom('date' as const, 'worse-band' as const, 'other-certificate' as const),
    }),
  ),
});

const hostileTrouble: fc.Arbitrary<TroubleLine> = fc.record({
  kind: fc.constant('trouble'),
  id: fc.constant('line'),
  trouble: fc.constantFrom('unreadable', 'missing', 'doubt', 'not-yet-valid', 'clock-skew', 'served-differs'),
  owner: fc.option(someone),
  target: hostileText,
  cluster: perhaps,
  path: perhaps,
  says: hostileText,
  item: fc.constant('item'),
  version: hostileText,
});

const hostileRotation: fc.Arbitrary<RotationLine> = fc.record({
  kind: fc.constant('rotation'),
  id: fc.constant('line'),
  cluster: hostileText,
  owner: fc.option(someone),
  rotatedAt: fc.option(moment),
  firstSeen: moment,
  certificates: fc.nat({ max: 9 }),
  item: fc.constant('item'),
  version: hostileText,
});

export const hostileLine = fc.oneof(
  { weight: 6, arbitrary: hostileCertificate },
  { weight: 1, arbitrary: hostileTrouble },
  { weight: 1, arbitrary: hostileRotation },
);

const hostileTurn: fc.Arbitrary<TurnLine> = fc.record({
  kind: fc.constantFrom('renewed', 'replaced', 'new', 'gone'),
  name: hostileText,
  target: hostileText,
  path: hostileText,
  label: hostileText,
  places: fc.integer({ min: 1, max: 900 }),
  notAfter: moment,
  notAfterBefore: fc.option(moment),
});

/** So many lines of a few hostile kinds, each with an id of its own. */
const hostileLines = fc
  .tuple(fc.array(hostileLine, { minLength: 1, maxLength: 5 }), fc.constantFrom(1, 20, 40))
  .map(([kinds, many]) =>
    Array.from({ length: many }, (_, at) => ({
      ...(kinds[at % kinds.length] as (typeof kinds)[number]),
      id: `line${String(at).padStart(15, '0')}`,
    })),
  );

const { edition: plain } = build([]);

/** One, twenty or forty lines; hosts that answered and hosts that did not; all in hostile words. */
export const hostileEdition: fc.Arbitrary<Edition> = fc.record({
  ...(Object.fromEntries(
    Object.entries(plain).map(([name, value]) => [name, fc.constant(value)]),
  ) as unknown as { [Name in keyof Edition]: fc.Arbitrary<Edition[Name]> }),
  isLate: fc.boolean(),
  isWeekly: fc.boolean(),
  asked: fc.option(
    fc.record({ by: slackUser, withinDays: fc.nat({ max: 36_500 }), threadTs: fc.constant(null) }),
  ),
  since: fc.option(fc.constant('2026-11-20')),
  at: fc.constant(new Date(now).toISOString()),
  checked: fc.record({ certificates: fc.nat({ max: 9_000 }), hosts: fc.constantFrom(0, 1, 500) }),
  notChecked: fc
    .tuple(
      fc.array(fc.record({ target: hostileText, why: hostileText }), { maxLength: 4 }),
      fc.constantFrom(1, 30),
    )
    .map(([some, times]) => Array.from({ length: times }, () => some).flat()),
  counts: fc
    .array(fc.nat({ max: 500 }), { minLength: bands.length, maxLength: bands.length })
    .map(
      (numbers) => Object.fromEntries(bands.map((one, at) => [one, numbers[at] ?? 0])) as Edition['counts'],
    ),
  lines: hostileLines,
  turns: fc
    .tuple(fc.array(hostileTurn, { maxLength: 4 }), fc.constantFrom(1, 30))
    .map(([some, times]) => Array.from({ length: times }, () => some).flat()),
  hushed: fc.record({ acknowledged: fc.nat({ max: 500 }), snoozed: fc.nat({ max: 500 }) }),
  nextExpiry: fc.option(moment),
});
