import type { Button, KnownBlock } from '@slack/types';
import { can } from '../../approval/states.js';
import type { Change } from '../../approval/states.js';
import type { Message } from '../../core/message.js';
import type { PersonStep } from '../../core/plan.js';
import { redact } from '../../core/redact.js';
import { actions, button, context, message, section } from './dress.js';
import { noteWords, progressLines, stepName, touched } from './change-progress.js';
import { followsLines, groundsLines } from './change-grounds.js';
import { headline } from './change-head.js';
import { outcomeLines, whatNow } from './change-outcome.js';
import { heldLines, letThroughLine } from './change-held.js';
import { waitingParts } from './change-waiting.js';
import { planFile, shortDigest, verifyWords } from './plan-text.js';
import { instructionLines } from './instructions.js';
import { checksWords, effectWords, stepCommands, stepPlace } from './step-text.js';
import { clip, clipMrkdwn, code, codeBlock, escapeText, oneLine, plural, someOf } from './text.js';
import { when } from './time.js';
import { traceWords } from './trace.js';
import { person, prose, sentence } from './words.js';

export { planFile };

export interface ChangeContext {
  /** Who may approve, as ready mrkdwn made by us: a user group mention, names. */
  readonly approversHint: string;
  /** Whether the policy lets this change be undone at all; the click is authorised again. */
  readonly mayRollBack: boolean;
}

/** The card of a change: a view of its state, redrawn after each move. Buttons give way to who decided and when. */
export function changeCard(change: Change, context: ChangeContext): Message {
  if (change.state === 'proposed') return proposed(change, context);
  if (change.state === 'waiting') return waiting(change);
  return told(
    change,
    [letThroughLine(change), ...linesFor(change), ...groundsLines(change)],
    buttonsFor(change, context),
  );
}

function waiting(change: Change): Message {
  const { lines, blocks, buttons } = waitingParts(change);
  const head = [headline(change), ...groundsLines(change), letThroughLine(change)]
    .filter((line) => line !== '')
    .join('\n');
  return message({
    text: [head, ...lines].join('\n'),
    first: [section(head), ...blocks],
    last: [actions(buttons), decisions(change), identity(change)],
  });
}

function linesFor(change: Change): readonly string[] {
  switch (change.state) {
    case 'planned':
    case 'proposed':
      return ['The plan is being made. Nothing has run.'];
    case 'approved':
      if (heldLines(change).length > 0) return heldLines(change);
      return [
        `Starting on ${nodeOf(change)}. Before it runs, the facts are read once more: if they changed, nothing runs.`,
        noteWords(change),
      ];
    case 'running':
    case 'verifying':
      return [noteWords(change), ...progressLines(change)];
    default:
      return [...outcomeLines(change), whatNow(change)];
  }
}

function told(change: Change, lines: readonly string[], buttons: readonly Button[]): Message {
  const head = headline(change);
  const said = lines.filter((line) => line !== '');
  return message({
    text: [head, ...said].join('\n'),
    first: [section(`${head}\n${clipMrkdwn(said.join('\n'), 2_400)}`)],
    last: [...(buttons.length === 0 ? [] : [actions(buttons)]), decisions(change), identity(change)],
  });
}

function buttonsFor(change: Change, { mayRollBack }: ChangeContext): readonly Button[] {
  const where = change.plan.target;
  if (change.state === 'unknown')
    return [
      button('look-again', 'Look again', change.id, { label: `Look again on ${where}: reads only` }),
      button('close', 'Close by hand', change.id, {
        label: `Close by hand: for who has looked on ${where}; asks what was seen`,
      }),
    ];
  const isOffered = mayRollBack && can.rollBack(change.state) && change.plan.rollback.kind === 'steps';
  if (!isOffered || change.rolledBackBy !== null || touched(change) === 'no') return [];
  return [button('roll-back', 'Rollback', change.id, { label: `Propose the rollback on ${where}` })];
}

function proposed(change: Change, hint: ChangeContext): Message {
  const { plan } = change;
  const lead = [
    headline(change),
    `On ${nodeOf(change)} · risk ${plan.risk} · ${approvalsWanted(change, hint)}`,
    `*Interrupts:* ${words(plan.interrupts, 700)}`,
    ...groundsLines(change),
  ];
  const follows = followsLines(change);
  const after = [`*Counts as done when:* ${prose(verifyWords(plan.verify))}`, undoneBy(change)];
  const commands = plan.steps.map((step) => `${stepName(change, step)}: ${oneLine(stepCommands(step))}`);
  return message({
    text: [
      ...lead,
      ...follows,
      ...commands.map((line) => escapeText(clip(line, 600))),
      ...after,
      expiry(change),
      // Last: where the text is cut, the commands stay.
      madeFrom(change),
    ].join('\n'),
    first: [section(lead.join('\n')), ...follows.map((line) => section(line))],
    asRoomAllows: [
      ...comparisonSection(change),
      section(madeFrom(change)),
      ...plan.steps.map((step) => stepSection(change, step)),
    ],
    leftOut: (n) =>
      section(
        `*… and ${plural(n, 'more step')}: the file in the thread holds the whole plan. Read it before approving.*`,
      ),
    last: [
      section([savedFirst(change), ...after].join('\n')),
      actions(decisionButtons(change)),
      expiryBlock(change),
      identity(change),
    ],
  });
}

// What an approver weighs: what was found, and for a repair of the HMC's own what its dry run said.
function madeFrom({ plan }: Change): string {
  const lines = plan.basis.map((line) => `• ${prose(clip(redact(oneLine(line)), 240))}`);
  return clipMrkdwn(['*Made from:*', ...lines].join('\n'), 1_200);
}

const commandChars = 2_000;

/** What is there now beside what is proposed; the plan's own lines, which are to be read in columns. */
function comparisonSection({ plan: { comparison } }: Change): readonly KnownBlock[] {
  if (comparison === undefined) return [];
  const lines = comparison.lines.join('\n');
  const isCut = lines.length > commandChars - 200;
  const note = isCut ? '\n*Cut here: the file in the thread holds all of it. Read it before approving.*' : '';
  return [section(`*${escapeText(comparison.title)}:*\n${codeBlock(lines, commandChars)}${note}`)];
}

function stepSection(change: Change, step: Change['plan']['steps'][number]): KnownBlock {
  if (step.kind === 'person') return personSection(change, step);
  const commands = stepCommands(step);
  const isCut = commands.length > commandChars - 200;
  const note = isCut ? '\n*Cut here: the file in the thread holds all of it. Read it before approving.*' : '';
  const does = step.kind === 'wait' ? 'Waits for' : 'Runs on';
  const head = `*${does} ${escapeText(clip(stepPlace(step, change.plan.target), 60))}:* ${stepName(change, step)} — ${effectWords(step)}`;
  return section(`${head}\n${codeBlock(commands, commandChars)}${note}`);
}

// Not commands: words in the reader's own width, addresses exactly as they are to be typed.
function personSection(change: Change, step: PersonStep): KnownBlock {
  const instructions = instructionLines(step.instructions);
  const isCut = instructions.length > commandChars;
  const note = isCut ? '\n*Cut here: the file in the thread holds all of it. Read it before approving.*' : '';
  const proof = step.check.length === 0 ? '' : `\nThen checked: ${prose(checksWords(step.check))}.`;
  const head = `*A person does:* ${stepName(change, step)} — ${effectWords(step)}`;
  return section(`${head}\n${clipMrkdwn(instructions, commandChars)}${proof}${note}`);
}

function savedFirst({ plan }: Change): string {
  const names = plan.captures.map((capture) => escapeText(clip(oneLine(capture.title), 60)));
  return `*Saved first:* ${names.length === 0 ? 'nothing' : someOf(names, 8)}`;
}

function undoneBy({ plan: { rollback } }: Change): string {
  if (rollback.kind === 'none') return `*Undone by:* nothing. ${words(rollback.reason, 300)}`;
  const commands = rollback.steps
    .flatMap((step) => stepCommands(step).split('\n'))
    .filter((line) => !line.startsWith('#'));
  const shown = commands.slice(0, 4).map((line) => code(clip(line, 160)));
  const more = commands.length > 4 ? ` and ${commands.length - 4} more in the file` : '';
  return `*Undone by:* ${shown.join(', ')}${more}. ${words(rollback.note, 300)}`;
}

function approvalsWanted(change: Change, { approversHint }: ChangeContext): string {
  const given = change.approvals.length;
  const from = `from ${quiet(approversHint)}, not from ${person(change.requester)}`;
  if (given === 0) return `${plural(change.approvalsNeeded, 'approval')} needed ${from}`;
  const by = change.approvals.map((approval) => `${person(approval.user)} ${when(approval.at)}`).join(', ');
  return `${given} of ${change.approvalsNeeded} approvals given (${by}); the rest ${from}`;
}

function decisionButtons({ id, plan }: Change): readonly Button[] {
  return [
    button('approve', 'Approve', id, { style: 'primary', label: `Approve and run on ${plan.target}` }),
    button('reject', 'Reject', id, { style: 'danger', label: `Reject the change on ${plan.target}` }),
    button('withdraw', 'Withdraw', id, { label: 'Withdraw: for the person who asked' }),
  ];
}

function expiry(change: Change): string {
  return `Expires ${when(change.expiresAt)}; nothing runs before approval. Plan ${shortDigest(change.digest)}.`;
}

function expiryBlock(change: Change): KnownBlock {
  return context(
    `Expires ${when(change.expiresAt)} · nothing runs before approval · the whole plan is a file in the thread`,
  );
}

function decisions(change: Change): KnownBlock {
  const approved = change.approvals.map((approval) => `${person(approval.user)} ${when(approval.at)}`);
  const parts = [
    `Asked by ${person(change.requester)} ${when(change.createdAt)}`,
    ...(approved.length === 0 ? [] : [`approved by ${approved.join(', ')}`]),
  ];
  return context(parts.join(' · '));
}

function identity(change: Change): KnownBlock {
  const undoes = change.rollbackOf === null ? '' : ` · undoes change ${code(clip(change.rollbackOf, 60))}`;
  const asked =
    change.state === 'proposed' ? ` · asked by ${person(change.requester)} ${when(change.createdAt)}` : '';
  return context(
    `Change ${code(clip(change.id, 60))} · plan ${code(shortDigest(change.digest))}${undoes}${asked}${traceWords(change.trace)}`,
  );
}

function nodeOf(change: Change): string {
  return escapeText(clip(change.plan.target, 60));
}

function words(text: string, max: number): string {
  return sentence(clip(escapeText(oneLine(text)), max));
}

// The hint is ours, but it is made from a policy file: whole channels are never called.
function quiet(mrkdwn: string): string {
  return clipMrkdwn(mrkdwn.replace(/<!(?=channel|here|everyone)/gi, '&lt;!'), 400);
}
