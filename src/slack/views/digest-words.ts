import type { Band } from '../../digest/bands.js';
import { daysUntil } from '../../digest/calendar.js';
import type {
  CertificateLine,
  LinePlace,
  RotationLine,
  TroubleLine,
  TurnLine,
} from '../../digest/edition.js';
import type { Hush } from '../../digest/hush.js';
import type { LineMarks } from '../../digest/marked.js';
import { redact } from '../../core/redact.js';
import { isPosition } from '../../digest/item.js';
import { clip, code, count, escapeText, oneLine, plural, someOf } from './text.js';
import { utc } from './time.js';
import { person, sentence } from './words.js';

/** A shape for each band; a word always stands beside it. */
export const bandMarks: Readonly<Record<Band, string>> = {
  expired: '✖',
  '1d': '✖',
  '7d': '▲',
  '14d': '▲',
  '30d': '▲',
  '90d': '○',
  later: '○',
  'not-yet-valid': '?',
};

/** `3 expired`, `1 within 7 days`: what the counts of a band are called. */
export const bandWords: Readonly<Record<Band, string>> = {
  expired: 'expired',
  '1d': 'within 1 day',
  '7d': 'within 7 days',
  '14d': 'within 14 days',
  '30d': 'within 30 days',
  '90d': 'within 90 days',
  later: 'later',
  'not-yet-valid': 'not valid yet',
};

/** Foreign text of one line, escaped and never endless. */
export function foreign(text: string, most = 120): string {
  return escapeText(clip(redact(oneLine(text)), most));
}

/** Foreign text as inline code, such as a path: without secrets, and never endless. */
export function foreignCode(text: string, most = 160): string {
  return code(clip(redact(text), most));
}

/** `expired 400 days ago (2025-10-19 UTC)`, `ends in 17 h (2026-11-21 22:05 UTC)`; counted from `atMs`. Plain. */
export function endWords(notAfter: string, atMs: number): string {
  const ms = Date.parse(notAfter) - atMs;
  const days = daysUntil(notAfter, atMs);
  if (Math.abs(ms) < 2 * 86_400_000) {
    const hours = Math.floor(Math.abs(ms) / 3_600_000);
    const span = hours < 1 ? 'less than an hour' : plural(hours, 'hour');
    return ms < 0 ? `expired ${span} ago (${utc(notAfter)})` : `ends in ${span} (${utc(notAfter)})`;
  }
  const day = `${notAfter.slice(0, 10)} UTC`;
  return ms < 0 ? `expired ${plural(-days, 'day')} ago (${day})` : `ends in ${plural(days, 'day')} (${day})`;
}

/** The end or the beginning of validity, whichever matters. Plain. */
export function validityWords(
  line: Pick<CertificateLine, 'band' | 'notAfter' | 'notBefore'>,
  atMs: number,
): string {
  if (line.band !== 'not-yet-valid') return endWords(line.notAfter, atMs);
  return `is not valid before ${utc(line.notBefore)}: a clock is wrong, or it was made for later`;
}

/** `on erp1 and erp2 (all of cluster erp)`, `on 12 hosts: a, b, c and 9 more`; names are escaped. */
export function placeWords(places: readonly LinePlace[], quietPlaces: number): string {
  const hosts = [...new Set(places.map(({ target }) => target))];
  const names = hosts.map((host) => foreign(host, 60));
  const clusters = [...new Set(places.map(({ cluster }) => cluster))];
  const [cluster] = clusters;
  const inCluster = clusters.length === 1 && cluster != null ? ` (cluster ${foreign(cluster, 60)})` : '';
  const where =
    names.length <= 3
      ? `on ${names.join(', ')}${inCluster}`
      : `on ${count(names.length)} hosts${inCluster}: ${someOf(names, 4)}`;
  const more = quietPlaces === 0 ? '' : `; in ${plural(quietPlaces, 'more place')} somebody knows of it`;
  return `${where}${more}`;
}

/** The store and the label, as code; several are counted. */
export function storeWords(places: readonly LinePlace[]): string {
  const stores = [...new Set(places.map(storeOf))];
  const [first = ''] = stores;
  const rest = stores.length - 1;
  return rest === 0 ? first : `${first} and ${plural(rest, 'other store')}`;
}

function storeOf({ path, label }: LinePlace): string {
  const which = isPosition(label)
    ? label === '1'
      ? ''
      : `, certificate ${label}`
    : `, label ${foreignCode(label, 80)}`;
  return `${foreignCode(path)}${which}`;
}

const typeWords = { leaf: 'leaf', ca: 'CA certificate', 'self-signed': 'self-signed' } as const;

/** Issuer, serial and kind in one line. */
export function originWords(line: CertificateLine): string {
  const issuer =
    line.type === 'self-signed'
      ? 'self-signed'
      : `${typeWords[line.type]}, issued by ${foreign(line.issuer, 80)}`;
  return `${issuer} · serial …${foreign(line.serialEnd, 8)}`;
}

/** An owner as people may be reached by it: a Slack user or group by its id, other names as they are. */
export function ownerWords(owner: string | null): string {
  if (owner === null) return '*no owner*';
  if (/^[UW][A-Z0-9]{2,20}$/.test(owner)) return person(owner);
  if (/^S[A-Z0-9]{8,20}$/.test(owner)) return `<!subteam^${owner}>`;
  return foreignCode(oneLine(owner), 80);
}

/** What a hush says, and until when. */
export function hushWords(hush: Hush): string {
  const who = person(hush.by);
  const until = hush.until === null ? 'until its band changes' : `until ${utc(hush.until)}`;
  if (hush.kind === 'snoozed') return `Snoozed by ${who} ${until}.`;
  const reason = hush.reason === '' ? '' : `: ${foreign(hush.reason, 300)}`;
  return `Acknowledged by ${who} ${until}${reason === '' ? '.' : sentence(reason)}`;
}

const endedWords = {
  date: 'its time is over',
  'worse-band': 'it came nearer to its end',
  'other-certificate': 'the certificate is another one now',
} as const;

/** Why something that was quiet is here again. */
export function endedLine({ ended }: CertificateLine): readonly string[] {
  if (ended === null) return [];
  const what = ended.hush.kind === 'snoozed' ? 'The snooze of' : 'What';
  const who = person(ended.hush.by);
  const said =
    ended.hush.kind === 'snoozed' ? `${what} ${who} has ended` : `${what} ${who} acknowledged is back`;
  return [`${said}: ${endedWords[ended.why]}.`];
}

/** What people did to a line, one sentence each. */
export function markLines(marks: LineMarks | undefined): readonly string[] {
  if (marks === undefined) return [];
  const { hush, owner, recheck } = marks;
  return [
    ...(hush === null ? [] : [`✔ ${hushWords(hush)}`]),
    ...(owner === null ? [] : [`Owner is now ${ownerWords(owner)}.`]),
    ...(recheck === null ? [] : [recheckWords(recheck)]),
  ];
}

function recheckWords({ by, at, says, isDone }: NonNullable<LineMarks['recheck']>): string {
  if (says === null) return `Being read again for ${person(by)}; this changes nothing.`;
  return `${isDone ? '✔ ' : ''}Read again for ${person(by)}, ${utc(at)}: ${sentence(foreign(says, 400))}`;
}

/** What a trouble is, with a mark: `? lpar7 `/x`: it is declared and not there`. */
export function troubleWords({ target, path, says, trouble }: TroubleLine): string {
  const where = path === null ? '' : ` ${foreignCode(path)}`;
  return `${troubleMarks[trouble]} *${foreign(target, 60)}*${where}: ${sentence(foreign(says, 500))}`;
}

const troubleMarks = {
  unreadable: '?',
  missing: '▲',
  doubt: '?',
  'not-yet-valid': '?',
  'clock-skew': '▲',
  'served-differs': '▲',
} as const;

/** The yearly reminder, which says what there is to rotate and what not. */
export function rotationWords({ cluster, rotatedAt, firstSeen, certificates }: RotationLine): string {
  const name = `*Yearly rotation, cluster ${foreign(cluster, 60)}*`;
  if (rotatedAt === null)
    return `▲ ${name}: no communication certificates are declared for it, and it is known here since ${firstSeen.slice(0, 10)}. In PowerHA’s default configuration there is nothing to rotate: clcomd trusts addresses in rhosts, not certificates. If it uses message authentication or certificates, rotate those; else acknowledge this for a year.`;
  const which =
    certificates === 1
      ? 'its communication certificate was'
      : `the newest of its ${count(certificates)} communication certificates was`;
  return `▲ ${name}: ${which} made ${rotatedAt.slice(0, 10)}, more than a year ago. Rotate it if the cluster uses certificates; in PowerHA’s default configuration clcomd uses none, and then acknowledge this for a year.`;
}

/** One line on what happened to a certificate. */
export function turnWords({ kind, name, target, path, places, notAfter, notAfterBefore }: TurnLine): string {
  const where = `${foreign(target, 60)}${places > 1 ? ` and ${plural(places - 1, 'more place')}` : ''} ${foreignCode(path, 120)}`;
  const day = notAfter.slice(0, 10);
  const until = notAfterBefore === null ? '' : ` (was ${notAfterBefore.slice(0, 10)})`;
  const what = foreign(name, 80);
  switch (kind) {
    case 'renewed':
      return `✔ Renewed: *${what}* on ${where}, now ends ${day} UTC${until}`;
    case 'replaced':
      return `▲ Replaced by one that ends no later: *${what}* on ${where}, ends ${day} UTC${until}`;
    case 'new':
      return `+ New: *${what}* on ${where}, ends ${day} UTC`;
    case 'gone':
      return `− Gone: *${what}* on ${where}, ended or would have ended ${day} UTC`;
  }
}
