import type { Change, JournalEntry } from '../../approval/states.js';
import type { Attachment, Message } from '../../core/message.js';
import type { PersonStep, Step } from '../../core/plan.js';
import { nodeOfStep } from '../../core/plan-places.js';
import { renderCommand } from '../../core/remote-command.js';
import { redact } from '../../core/redact.js';
import { stepName } from './change-progress.js';
import { context, message, section } from './dress.js';
import { fileWord } from './plan-text.js';
import { clip, code, codeBlock, escapeText, headTail, isLong, visible } from './text.js';
import { utc, when } from './time.js';
import { person, prose } from './words.js';

/** The node or the HMC that a step ran on. */
function placeName(step: Step, { plan }: Change): string {
  return step.kind === 'hmc' ? step.hmc : nodeOfStep(step, plan);
}

type Result = Extract<JournalEntry, { kind: 'result' }>;

const shownLines = { head: 8, tail: 8 };

/**
 * Says in the thread that somebody must decide: the card is an edited message, and an edit notifies nobody.
 * `approversHint` is ready mrkdwn, and its mentions are meant to notify.
 */
export function approvalNotice(change: Change, approversHint: string): Message {
  const line = `*${escapeText(clip(change.plan.title, 200))}* waits for approval by ${approversHint}, until ${when(change.expiresAt)}.`;
  return message({ text: `${line} The plan is in the card above.`, first: [section(line)] });
}

/** Says in the thread that a person is waited for, and who carries the change, for whom it is a notification. */
export function waitNotice(change: Change, step: PersonStep): Message {
  const carrier = person(change.carriedBy ?? change.requester);
  const line = `*${escapeText(clip(change.plan.title, 200))}* waits for a person. ${stepName(change, step)} is yours, ${carrier}; anyone who may propose changes can take it over.`;
  const where = 'What to do is in the card above.';
  return message({ text: `${line} ${where}`, first: [section(`${line}\n${where}`)] });
}

/** How one step ended, with the head and tail of its output; the whole as a file where something is hidden. */
export function stepMessage(
  change: Change,
  result: Result,
): { message: Message; attachment: Attachment | null } {
  const step = change.plan.steps.find((one) => one.id === result.step);
  const name = step === undefined ? `Step ${escapeText(clip(result.step, 60))}` : stepName(change, step);
  const node = escapeText(clip(step === undefined ? change.plan.target : placeName(step, change), 60));
  const { outcome } = result;
  if (outcome.kind === 'done') {
    const line = `✔ *${name}: done.* ${prose(clip(redact(outcome.note), 500))}`;
    return { message: message({ text: line, first: [section(line)], last: [at(result)] }), attachment: null };
  }
  if (outcome.kind === 'unknown') {
    const line = `? *${name} on ${node}: outcome unknown.* ${clip(escapeText(redact(outcome.reason)), 600)} It may have run.`;
    return {
      message: message({ text: line, first: [section(line)], last: [at(result)] }),
      attachment: null,
    };
  }
  const { exitCode, stdout, stderr } = outcome;
  const line = `${exitCode === 0 ? '✔' : '✖'} *${name} on ${node} ended with exit status ${exitCode}.*`;
  const isCut = [stdout, stderr].some((output) => isLong(output, shownLines));
  const outputs = [...outputOf('Output', stdout), ...outputOf('Error output', stderr)];
  const said =
    outputs.length === 0 ? [section('_It printed nothing._')] : outputs.map((text) => section(text));
  const spoken = outputs.length === 0 ? 'It printed nothing.' : 'Its output is below.';
  return {
    message: message({
      text: `${line} ${spoken}`,
      first: [section(line), ...said],
      last: [at(result)],
    }),
    attachment: isCut ? outputFile(change, step, result) : null,
  };
}

/** Everything that was saved before the first step, as one file: command, time, exit status, output. */
export function capturesFile(change: Change): Attachment {
  const parts = change.journal.flatMap((entry) =>
    entry.kind === 'capture' ? [captureText(change, entry)] : [],
  );
  const content = parts.length === 0 ? 'Nothing was saved.\n' : parts.join('\n');
  return {
    filename: `${fileWord(change.id)}-before.txt`,
    title: `${visible(clip(change.plan.target, 60))} before change ${change.id}`,
    content,
  };
}

/** One capture as text: what was asked, when, how it ended, and what it printed. */
export function captureText(change: Change, entry: Extract<JournalEntry, { kind: 'capture' }>): string {
  const capture = change.plan.captures.find((one) => one.id === entry.id);
  const command = capture === undefined ? '' : `$ ${renderCommand(capture.command)}\n`;
  const status = entry.exitCode === null ? 'no exit status' : `exit status ${entry.exitCode}`;
  const output = visible(redact(entry.output)).trimEnd();
  const where = capture?.node === undefined ? '' : ` on ${capture.node}`;
  return `# ${visible(capture?.title ?? entry.id)}${where} — ${utc(entry.at)}, ${status}\n${command}${output === '' ? '(printed nothing)' : output}\n`;
}

function outputOf(label: string, output: string): readonly string[] {
  return output.trim() === '' ? [] : [`${label}:\n${codeBlock(headTail(redact(output), shownLines), 2_700)}`];
}

function outputFile(change: Change, ran: Step | undefined, { step, outcome }: Result): Attachment {
  const { stdout, stderr } = outcome.kind === 'exited' ? outcome : { stdout: '', stderr: '' };
  const where = ran === undefined ? change.plan.target : placeName(ran, change);
  const part = (name: string, text: string): string => `# ${name}\n${visible(redact(text)).trimEnd()}\n`;
  return {
    filename: `${fileWord(where)}-${fileWord(step)}.txt`,
    title: `Output of ${visible(clip(step, 60))} on ${visible(clip(where, 60))}`,
    content: `${part('output', stdout)}\n${part('error output', stderr)}`,
  };
}

function at(result: Result): ReturnType<typeof context> {
  return context(`${when(result.at)} · step ${code(clip(result.step, 60))}`);
}
