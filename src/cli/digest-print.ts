import { bands } from '../digest/bands.js';
import type { CertificateLine, Edition, Line, TurnLine } from '../digest/edition.js';
import { daysUntil } from '../digest/calendar.js';
import type { paint } from './terminal.js';
import { plain } from './terminal.js';

type Colour = ReturnType<typeof paint>;

/** An edition as lines for a terminal; nothing in it steers the terminal. */
export function editionText(edition: Edition, colour: Colour): string {
  const { checked, notChecked, lines, turns, hushed, nextExpiry, channel, date, zone } = edition;
  const where = channel === '' ? '' : ` for ${channel}`;
  const next = nextExpiry === null ? '' : `, next expiry ${nextExpiry.slice(0, 10)}`;
  const quiet = hushed.acknowledged + hushed.snoozed;
  const text = [
    colour('bold', `Certificates${where}, ${date} (${zone})`),
    `${checked.certificates} certificates on ${checked.hosts} hosts checked${next}. ${notChecked.length === 0 ? 'Every target answered.' : ''}`,
    ...notChecked.map(({ target, why }) => colour('magenta', `not checked  ${target}: ${plain(why)}`)),
    countsText(edition),
    ...lines.flatMap((line) => lineText(line, Date.parse(edition.at), colour)),
    ...turns.map(turnText),
    ...(quiet === 0 ? [] : [`Not listed: ${hushed.acknowledged} acknowledged, ${hushed.snoozed} snoozed.`]),
  ];
  return `${text.map((line) => line.trimEnd()).join('\n')}\n`;
}

const words = { expired: 'expired', 'not-yet-valid': 'not valid yet', later: 'later' } as const;

function countsText({ counts, checked, lines }: Edition): string {
  if (checked.certificates === 0 && lines.length === 0) return 'Nothing is known of any certificate.';
  const filled = bands.filter((band) => band !== 'later' && counts[band] > 0);
  const parts = filled.map((band) => `${counts[band]} ${bandWord(band)}`);
  return parts.length === 0 ? 'None ends within 90 days.' : `${parts.join(', ')}.`;
}

function bandWord(band: (typeof bands)[number]): string {
  return band === 'expired' || band === 'not-yet-valid' || band === 'later' ? words[band] : `within ${band}`;
}

function lineText(line: Line, atMs: number, colour: Colour): string[] {
  switch (line.kind) {
    case 'certificate':
      return certificateText(line, atMs, colour);
    case 'trouble':
      return [
        `${colour('yellow', line.trouble.padEnd(12))} ${line.target} ${plain(line.path ?? '')}: ${plain(line.says)}`,
      ];
    case 'rotation':
      return [
        `${colour('yellow', 'yearly'.padEnd(12))} cluster ${line.cluster}: communication certificates last made ${line.rotatedAt?.slice(0, 10) ?? 'never, as far as is known'}; in PowerHA’s default configuration there is nothing to rotate`,
      ];
  }
}

function certificateText(line: CertificateLine, atMs: number, colour: Colour): string[] {
  const style = line.band === 'expired' || line.band === '1d' || line.band === '7d' ? 'red' : 'yellow';
  const days = daysUntil(line.notAfter, atMs);
  const left = line.band === 'expired' ? `${-days} days ago` : `${days} days left`;
  const places = line.places.map(
    ({ target, path, label }) => `             ${target} ${plain(path)} [${plain(label)}]`,
  );
  return [
    `${colour(style, bandWord(line.band).padEnd(12))} ${line.notAfter.slice(0, 10)} (${left}) ${plain(line.name)}, owner ${plain(line.owner ?? 'none')}`,
    ...places.map((place) => colour('grey', place)),
  ];
}

function turnText({ kind, name, target, path, places, notAfter }: TurnLine): string {
  const more = places > 1 ? ` and ${places - 1} more` : '';
  return `${kind.padEnd(12)} ${plain(name)} on ${target} ${plain(path)}${more}, ends ${notAfter.slice(0, 10)}`;
}
