import type { InputBlock, KnownBlock, ModalView, PlainTextOption } from '@slack/types';
import { redact } from '../../core/redact.js';
import type { Line } from '../../digest/edition.js';
import type { Hush } from '../../digest/hush.js';
import {
  foreign,
  foreignCode,
  hushWords,
  originWords,
  ownerWords,
  rotationWords,
  storeWords,
  troubleWords,
  validityWords,
} from './digest-words.js';
import { section } from './dress.js';
import { codeBlock, oneLine, plain, plural } from './text.js';
import { utc } from './time.js';
import { person } from './words.js';

/** The forms behind a line's buttons: the `callback_id`. */
export const digestForms = ['cert-acknowledge', 'cert-snooze', 'cert-assign'] as const;
export type DigestForm = (typeof digestForms)[number];

/** Where the answers of such a form go, and what was seen when it was opened. */
export interface DigestPlace {
  readonly line: string;
  readonly channel: string;
  readonly threadTs: string | null;
  /** When what somebody else said of it was said; '' for nothing. */
  readonly seen: string;
}

/** What a form shows of its line. */
export interface FormLine {
  readonly line: Line;
  /** When its edition was made, ISO 8601 UTC. */
  readonly at: string;
  readonly hush: Hush | null;
}

/** Names of the fields, the same for the block and its element. */
export const fields = {
  reason: 'reason',
  until: 'until',
  snooze: 'snooze',
  pick: 'owner-pick',
  type: 'owner-type',
} as const;

const reasonAtMost = 300;

/** Acknowledge: why, and until when. `untilDay` (`2026-12-01`) is what is filled in already. */
export function acknowledgeForm(about: FormLine, place: DigestPlace, untilDay: string): ModalView {
  return form('cert-acknowledge', 'Acknowledge', place, [
    ...subject(about),
    {
      type: 'input',
      block_id: fields.reason,
      label: text('Why may it stay like this?'),
      hint: text('For example: renewal ordered, ticket 4711; or: host is switched off next week.'),
      element: { type: 'plain_text_input', action_id: fields.reason, max_length: reasonAtMost },
    },
    {
      type: 'input',
      block_id: fields.until,
      label: text('Until (last day, UTC)'),
      hint: text('It comes back earlier when it gets nearer to its end, or is another certificate.'),
      element: { type: 'datepicker', action_id: fields.until, initial_date: untilDay },
    },
  ]);
}

/** Snooze: three days, seven, or until its band changes. */
export function snoozeForm(about: FormLine, place: DigestPlace): ModalView {
  const [first, ...rest] = snoozeOptions(about.line);
  return form('cert-snooze', 'Snooze', place, [
    ...subject(about),
    {
      type: 'input',
      block_id: fields.snooze,
      label: text('Not listed for'),
      hint: text('It comes back earlier when it gets nearer to its end, or is another certificate.'),
      element: {
        type: 'radio_buttons',
        action_id: fields.snooze,
        options: [first, ...rest],
        initial_option: first,
      },
    },
  ]);
}

function snoozeOptions(line: Line): readonly [PlainTextOption, ...PlainTextOption[]] {
  const last = line.kind === 'certificate' ? 'Until its band changes' : 'Until something changes';
  return [option('3 days', '3d'), option('7 days', '7d'), option(last, 'band')];
}

/** Assign owner: oneself, one that the inventory names, or any other. */
export function assignForm(about: FormLine, place: DigestPlace, owners: readonly string[]): ModalView {
  const known = owners.filter((owner) => owner.length <= 150 && plain(owner, 75).trim() !== '').slice(0, 99);
  return form('cert-assign', 'Assign owner', place, [
    ...subject(about, false),
    {
      type: 'input',
      block_id: fields.pick,
      optional: true,
      label: text('Owner'),
      element: {
        type: 'static_select',
        action_id: fields.pick,
        placeholder: text('Choose one'),
        options: [option('Me', 'me'), ...known.map((owner) => option(owner, owner))],
      },
    },
    {
      type: 'input',
      block_id: fields.type,
      optional: true,
      label: text('Or type a name'),
      hint: text('A team, a person, or a Slack id such as U0123456789.'),
      element: { type: 'plain_text_input', action_id: fields.type, max_length: 100 },
    },
  ]);
}

/** Everything known of a line; nothing to submit. */
export function detailsView(about: FormLine): ModalView {
  return {
    type: 'modal',
    title: text('Details'),
    close: text('Close'),
    blocks: detailBlocks(about),
  };
}

function detailBlocks({ line, at, hush }: FormLine): KnownBlock[] {
  const said = hush === null ? [] : [section(hushWords(hush))];
  if (line.kind === 'trouble') return [section(troubleWords(line)), ...said];
  if (line.kind === 'rotation') return [section(rotationWords(line)), ...said];
  const head = `*${foreign(line.name, 200)}* ${validityWords(line, Date.parse(at))}`;
  const facts = [
    `Subject: ${foreignCode(line.subject, 400)}`,
    originWords(line),
    `Valid from ${utc(line.notBefore)} to ${utc(line.notAfter)}`,
    `Owner: ${ownerWords(line.owner)}`,
  ];
  const places = line.places.map(({ target, path, label }) =>
    redact(oneLine(`${target}  ${path}  [${label}]`)),
  );
  return [
    section(head),
    section(facts.join('\n')),
    section(`SHA-256\n${codeBlock(line.fingerprint.replace(/^(.{47}):/, '$1\n'))}`),
    section(`*${plural(places.length, 'place')}*\n${codeBlock(places.join('\n'))}`),
    ...said,
  ];
}

/** What a form is about, and who has said something of it already. */
function subject({ line, at, hush }: FormLine, takesPlace = true): KnownBlock[] {
  const place = takesPlace ? ' What you say now takes its place.' : '';
  const said = hush === null ? [] : [section(`${hushWords(hush)}${place}`)];
  if (line.kind === 'trouble') return [section(troubleWords(line)), ...said];
  if (line.kind === 'rotation') return [section(rotationWords(line)), ...said];
  const places = plural(line.places.length, 'place');
  const what = `*${foreign(line.name, 100)}* ${validityWords(line, Date.parse(at))}`;
  return [
    section(`${what}\n${storeWords(line.places)}, ${places}. Owner ${ownerWords(line.owner)}.`),
    ...said,
  ];
}

function form(
  id: DigestForm,
  title: string,
  place: DigestPlace,
  blocks: (KnownBlock | InputBlock)[],
): ModalView {
  return {
    type: 'modal',
    callback_id: id,
    private_metadata: JSON.stringify(place),
    title: text(title),
    submit: text(title),
    close: text('Cancel'),
    blocks,
  };
}

function text(words: string): { type: 'plain_text'; text: string } {
  return { type: 'plain_text', text: words };
}

function option(words: string, value: string): PlainTextOption {
  return { text: text(plain(redact(words), 75)), value };
}

/** Who was first, for the one whose form was too late; plain text in which `<@U…>` names a person. */
export function saidMeanwhile(hush: Hush): string {
  const what = hush.kind === 'snoozed' ? 'snoozed' : 'acknowledged';
  return `${person(hush.by)} has ${what} this at ${utc(hush.at)}, while your form was open. Nothing was written. Look at the digest, and open the form again to put yours in its place.`;
}
