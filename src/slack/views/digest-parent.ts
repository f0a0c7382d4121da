import { bands, type Band } from '../../digest/bands.js';
import { weekdayOf } from '../../digest/calendar.js';
import type { CertificateLine, Edition } from '../../digest/edition.js';
import { certificatesOf, type EditionMarks } from '../../digest/marked.js';
import type { Message } from '../../core/message.js';
import { digestTable } from './digest-table.js';
import { bandMarks, bandWords, foreign, ownerWords, placeWords, validityWords } from './digest-words.js';
import { context, message, section } from './dress.js';
import { count, plural, someOf } from './text.js';
import { utc } from './time.js';

/** Bands of which a day without any is quiet. */
const near: readonly Band[] = ['expired', '1d', '7d', '14d', '30d', 'not-yet-valid'];

/** Whether there is nothing to say but that all was looked at: then one line is enough. */
export function isQuiet(edition: Edition): boolean {
  const { counts, lines, turns, notChecked } = edition;
  const isNear = near.some((band) => counts[band] > 0);
  return !isNear && lines.length === 0 && turns.length === 0 && notChecked.length === 0;
}

/** The one message of a day: how many are in which band, what changed, the worst of all. Details are in its thread. */
export function digestParent(edition: Edition, marks: EditionMarks): Message {
  if (edition.checked.hosts === 0) return nothingRead(edition);
  if (isQuiet(edition)) return quiet(edition);
  const head = `${headMark(edition)} *${heading(edition)}:* ${bandsInWords(edition)}.`;
  const lines = [
    ...worstLines(edition),
    ...changed(edition),
    ...checkedLines(edition),
    ...dealtWith(edition, marks),
  ];
  const small = [...hushedWords(edition), ...lateWords(edition)];
  const first = [section([head, ...lines].join('\n'))];
  const table = digestTable(edition, marks);
  return message({
    text: [head, ...lines, ...small].join('\n'),
    first,
    last: [context([...small, threadWords(edition)].join(' '))],
    ...(table.length === 0 ? {} : { rich: { first, asRoomAllows: table } }),
  });
}

function quiet(edition: Edition): Message {
  const { checked, nextExpiry } = edition;
  const { certificates, hosts } = checked;
  const what = `${plural(certificates, 'certificate')} on ${plural(hosts, 'host')} checked`;
  const next = nextExpiry === null ? '' : `, next expiry ${nextExpiry.slice(0, 10)}`;
  const none = certificates === 0 ? ' No certificate was found: name their files in inventory.yaml.' : '';
  const mark = certificates === 0 ? '?' : '✔';
  const rest = [...hushedWords(edition), ...lateWords(edition)].map((part) => ` ${part}`).join('');
  const line = `${mark} *${heading(edition)}:* ${what}${next}. Every target answered.${none}${rest}`;
  return message({ text: line, first: [section(line)] });
}

function nothingRead(edition: Edition): Message {
  const { notChecked } = edition;
  const head = `? *${heading(edition)}: no host could be read.* Nothing is known of any certificate today.`;
  const known = edition.lines.length === 0 ? [] : ['What is in the thread was read on an earlier day.'];
  const lines = [...worstLines(edition), ...notCheckedLines(notChecked), ...known];
  const last = lateWords(edition);
  return message({
    text: [head, ...lines, ...last].join('\n'),
    first: [section([head, ...lines].join('\n'))],
    last: last.map((line) => context(line)),
  });
}

const dayNames = {
  mon: 'Mon',
  tue: 'Tue',
  wed: 'Wed',
  thu: 'Thu',
  fri: 'Fri',
  sat: 'Sat',
  sun: 'Sun',
} as const;

function heading({ date, asked, at }: Edition): string {
  if (asked !== null) return `Certificates, ${utc(at)}`;
  return `Certificates, ${dayNames[weekdayOf(date)]} ${date}`;
}

function headMark({ counts, notChecked, lines }: Edition): string {
  if (counts.expired > 0) return bandMarks.expired;
  const worst = bands.find((band) => band !== 'not-yet-valid' && near.includes(band) && counts[band] > 0);
  if (worst !== undefined) return bandMarks[worst];
  return notChecked.length > 0 ? '?' : lines.length > 0 ? '▲' : '✔';
}

function bandsInWords({ counts }: Edition): string {
  const filled = bands.filter((band) => band !== 'later' && counts[band] > 0);
  if (filled.length === 0) return 'none ends within 90 days';
  return filled.map((band) => `*${count(counts[band])}* ${bandWords[band]}`).join(', ');
}

function worstLines(edition: Edition): readonly string[] {
  const [worst] = certificatesOf(edition);
  const lead =
    worst?.places.every(({ lastSeen }) => lastSeen !== null) === true ? 'Worst, as last read' : 'Worst';
  return worst === undefined ? [] : [`${lead}: ${worstWords(worst, Date.parse(edition.at))}`];
}

function worstWords(line: CertificateLine, atMs: number): string {
  const where = placeWords(line.places, 0);
  return `*${foreign(line.name, 80)}* ${validityWords(line, atMs)}, ${where}; owner ${ownerWords(line.owner)}.`;
}

function changed({ delta, since, asked }: Edition): readonly string[] {
  if (since === null)
    return asked === null ? ['This is the first digest here: from tomorrow on it says what changed.'] : [];
  const parts = [
    ...(delta.new > 0 ? [`+${count(delta.new)} new`] : []),
    ...(delta.renewed > 0 ? [`−${count(delta.renewed)} renewed`] : []),
    ...(delta.gone > 0 ? [`${count(delta.gone)} gone`] : []),
  ];
  return [`Since ${since}: ${parts.length === 0 ? 'no change' : parts.join(', ')}.`];
}

function checkedLines({ checked, notChecked, nextExpiry, counts }: Edition): readonly string[] {
  const what = `${plural(checked.certificates, 'certificate')} on ${plural(checked.hosts, 'host')} checked.`;
  const isNear = near.some((band) => counts[band] > 0);
  const next = isNear || nextExpiry === null ? '' : ` Next expiry ${nextExpiry.slice(0, 10)}.`;
  const all = notChecked.length === 0 ? ' Every target answered.' : '';
  return [`${what}${next}${all}`, ...notCheckedLines(notChecked)];
}

/** A host that was not read is named: what ends there without anybody knowing is the worst case. */
function notCheckedLines(notChecked: Edition['notChecked']): readonly string[] {
  if (notChecked.length === 0) return [];
  const names = notChecked.map(({ target }) => foreign(target, 60));
  return [`*Not checked (${count(names.length)}):* ${someOf(names, 20)}.`];
}

function dealtWith({ lines }: Edition, marks: EditionMarks): readonly string[] {
  const done = lines.filter((line) => {
    const own = marks.get(line.id);
    return own?.hush != null || own?.recheck?.isDone === true;
  });
  return done.length === 0
    ? []
    : [`✔ ${count(done.length)} of ${plural(lines.length, 'line')} dealt with since.`];
}

function hushedWords({ hushed }: Edition): readonly string[] {
  const parts = [
    ...(hushed.acknowledged > 0 ? [`${count(hushed.acknowledged)} acknowledged`] : []),
    ...(hushed.snoozed > 0 ? [`${count(hushed.snoozed)} snoozed`] : []),
  ];
  return parts.length === 0 ? [] : [`Not listed: ${parts.join(', ')}.`];
}

function lateWords({ isLate, date, at }: Edition): readonly string[] {
  return isLate ? [`This is the digest of ${date}, posted late at ${utc(at)}; days count from then.`] : [];
}

function threadWords({ isWeekly, asked }: Edition): string {
  const weekly = isWeekly || asked !== null ? '' : ' Those within 8 to 90 days are listed weekly.';
  return `Each one is in the thread.${weekly} This only read: nothing was changed.`;
}
