import type { HeaderBlock, HomeView, KnownBlock } from '@slack/types';
import type { Change } from '../../approval/states.js';
import type { Freeze } from '../../core/may-start.js';
import { redact } from '../../core/redact.js';
import type { CertificateLine } from '../../digest/edition.js';
import { detailsButton, freezeLines, lockSummary, rowBlocks, rowOf, type LockLine } from './changes-list.js';
import { bandMarks, foreign, ownerWords, placeWords, validityWords } from './digest-words.js';
import { actions, button, context, section } from './dress.js';
import { rolloutBlocks, type RolloutRow } from './home-rollouts.js';
import { instructionLines } from './instructions.js';
import { awaitedPerson } from '../../approval/journal.js';
import { stepCommands } from './step-text.js';
import { clip, clipMrkdwn, code, codeBlock, escapeText, oneLine, plural } from './text.js';
import { timeOfDay } from './time.js';
import { sentence } from './words.js';

/** What the Home tab shows one person; every change is one that this person may see. */
export interface Home {
  /** ISO 8601 UTC. */
  readonly at: string;
  /** Whether this person may see changes at all. */
  readonly isAllowed: boolean;
  /** Changes that wait for an approval which this person may give. */
  readonly decide: readonly Change[];
  /** Changes in the middle of which this person is to do something. */
  readonly carry: readonly Change[];
  /** What this person asked for and waits for others. */
  readonly asked: readonly Change[];
  readonly unknown: readonly Change[];
  readonly running: readonly Change[];
  /** Open roll-outs; the changes that they have made are among the others as well. */
  readonly rollouts: readonly RolloutRow[];
  /** There are more open changes than were read. */
  readonly isMore: boolean;
  readonly expiring: readonly CertificateLine[];
  readonly locks: readonly LockLine[];
  readonly freeze: Freeze | null;
}

/** A Home tab holds 100 blocks: these together stay below 90. */
const most = { decide: 8, rollouts: 4, carry: 4, asked: 4, unknown: 4, running: 8, expiring: 8 } as const;

/** The Home tab. `notice` is ready mrkdwn on what came of a click; null for nothing. */
export function homeView(home: Home, notice: string | null): HomeView {
  return { type: 'home', blocks: [...head(home.at, notice), ...body(home)] };
}

/** What is shown where our own store did not answer. */
export function homeTrouble(notice: string | null): HomeView {
  const words = 'What waits for you could not be read: Redis did not answer in time. Nothing was touched.';
  const refresh = button('home-refresh', 'Refresh', 'home');
  const said = notice === null ? [] : [section(notice)];
  return { type: 'home', blocks: [section(words, refresh), ...said] };
}

function head(at: string, notice: string | null): readonly KnownBlock[] {
  const refresh = button('home-refresh', 'Refresh', 'home', { label: 'Read everything again' });
  const said = notice === null ? [] : [section(`» ${clipMrkdwn(notice, 1_500)}`)];
  return [section(`*aixops*, as of ${timeOfDay(at)}`, refresh), ...said];
}

function body(home: Home): readonly KnownBlock[] {
  if (!home.isAllowed)
    return [section(`You may not see changes here. ${code('/aix-help')} shows what you may use.`)];
  const freeze = freezeLines(home.freeze).map((line) => section(line));
  const parts = [
    ...part('Waits for your approval', home.decide, most.decide, decideBlocks),
    ...part('Roll-outs', home.rollouts, most.rollouts, rolloutBlocks),
    ...part('Waits for your hands', home.carry, most.carry, carryBlocks),
    ...part('Outcome unknown: somebody must look', home.unknown, most.unknown, unknownBlocks),
    ...part('You asked for it, others decide', home.asked, most.asked, askedBlocks),
    ...part('Runs now', home.running, most.running, (change) => rowBlocks([change])),
    ...part('Expires soon', home.expiring, most.expiring, (line) => [expiryBlock(line, home.at)]),
  ];
  const locks = lockSummary(home.locks);
  return [
    ...freeze,
    ...(parts.length === 0 ? nothing() : parts),
    ...(home.isMore
      ? [
          context(
            `There are more open changes than fit here: ${code('/changes --state open')} lists them all.`,
          ),
        ]
      : []),
    ...(locks === '' ? [] : [context(locks)]),
    context(`${code('/changes')} lists all changes and locks · ${code('/aix-help')} what else you can ask`),
  ];
}

function nothing(): readonly KnownBlock[] {
  return [
    section('✔ *Nothing waits for you, and nothing runs.*'),
    section(
      `Ask in a channel: ${code('/rmc-status all')} looks at every LPAR and changes nothing. What needs your approval, your hands or your eyes is then listed here.`,
    ),
  ];
}

function part<T>(
  title: string,
  things: readonly T[],
  atMost: number,
  draw: (thing: T) => readonly KnownBlock[],
): readonly KnownBlock[] {
  if (things.length === 0) return [];
  const hidden = things.length - atMost;
  const more = hidden > 0 ? [context(`… and ${plural(hidden, 'more')}`.replace(/mores$/, 'more'))] : [];
  return [header(`${title} (${things.length})`), ...things.slice(0, atMost).flatMap(draw), ...more];
}

function header(text: string): HeaderBlock {
  return { type: 'header', text: { type: 'plain_text', text } };
}

/** With what it runs: nobody is to approve what they have not seen. */
function decideBlocks(change: Change): readonly KnownBlock[] {
  const { plan, id } = change;
  const interrupts = sentence(clip(escapeText(oneLine(plan.interrupts)), 300));
  const commands = redact(plan.steps.map((step) => stepCommands(step)).join('\n'));
  const isCut = commands.length > 900;
  const note = isCut ? '\n*Cut here: read the whole plan behind Details before you approve.*' : '';
  return [
    section(`${rowOf(change)}\n*Interrupts:* ${interrupts}\n${codeBlock(commands, 950)}${note}`),
    actions([
      button('approve', 'Approve', id, { style: 'primary', label: `Approve and run on ${plan.target}` }),
      button('reject', 'Reject', id, { style: 'danger', label: `Reject the change on ${plan.target}` }),
      detailsButton(change),
    ]),
  ];
}

function carryBlocks(change: Change): readonly KnownBlock[] {
  const step = awaitedPerson(change);
  const what = step === undefined ? '' : `\n${clipMrkdwn(instructionLines(step.instructions), 1_800)}`;
  return [
    section(`${rowOf(change)}${what}`),
    actions([
      button('continue', 'Done, continue', change.id, {
        style: 'primary',
        label: `It is done on ${change.plan.target}: check it and continue`,
      }),
      button('cancel', 'Cancel', change.id, {
        style: 'danger',
        label: `Cancel: end the change on ${change.plan.target} here`,
      }),
      detailsButton(change),
    ]),
  ];
}

function unknownBlocks(change: Change): readonly KnownBlock[] {
  const where = change.plan.target;
  return [
    section(rowOf(change)),
    actions([
      button('look-again', 'Look again', change.id, { label: `Look again on ${where}: reads only` }),
      button('close', 'Close by hand', change.id, {
        label: `Close by hand: for who has looked on ${where}; asks what was seen`,
      }),
      detailsButton(change),
    ]),
  ];
}

function askedBlocks(change: Change): readonly KnownBlock[] {
  return [
    section(rowOf(change)),
    actions([
      button('withdraw', 'Withdraw', change.id, { label: `Withdraw the change on ${change.plan.target}` }),
      detailsButton(change),
    ]),
  ];
}

function expiryBlock(line: CertificateLine, at: string): KnownBlock {
  const mark = bandMarks[line.band];
  const what = `${mark} *${foreign(line.name)}* ${escapeText(validityWords(line, Date.parse(at)))}`;
  const where = `${placeWords(line.places, 0)} · owner ${ownerWords(line.owner)}`;
  return section(
    `${what}\n${where}`,
    button('cert-details', 'Details', line.id, { label: `Details of ${line.name}` }),
  );
}
