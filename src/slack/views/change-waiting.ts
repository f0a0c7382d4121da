import type { Button, KnownBlock } from '@slack/types';
import { awaitedPerson, currentStep, lastLook, openIntent, resultOf } from '../../approval/journal.js';
import type { Change } from '../../approval/states.js';
import type { PersonStep } from '../../core/plan.js';
import { redact } from '../../core/redact.js';
import { noteWords, progressLines, stepName } from './change-progress.js';
import { button, section } from './dress.js';
import { instructionLines } from './instructions.js';
import { checksWords } from './step-text.js';
import { clip, clipMrkdwn, oneLine } from './text.js';
import { duration, when } from './time.js';
import { person, prose, sentence } from './words.js';

/** What the card of a waiting change says: for a person's step what to do, exactly; for a wait how far it is. */
export interface WaitingParts {
  /** Ready mrkdwn, read aloud in this order. */
  readonly lines: readonly string[];
  readonly blocks: readonly KnownBlock[];
  readonly buttons: readonly Button[];
}

const instructionChars = 2_200;

/** Draws a waiting change: who is waited for, what is to be done, what was found missing, and how far the rest is. */
export function waitingParts(change: Change): WaitingParts {
  const step = awaitedPerson(change);
  if (step === undefined) {
    const said = [nobodyLine(change), noteWords(change), ...progressLines(change)];
    const lines = said.filter((line) => line !== '');
    return { lines, blocks: [section(lines.join('\n'))], buttons: [cancelButton(change)] };
  }
  const lead = leadLines(change, step);
  const instructions = clipMrkdwn(instructionLines(step.instructions), instructionChars);
  const then = thenLines(step);
  const progress = progressLines(change);
  return {
    lines: [...lead, instructions, ...then, ...progress],
    blocks: [
      section(lead.join('\n')),
      section(instructions),
      section(then.join('\n')),
      section(progress.join('\n')),
    ],
    buttons: [
      button('continue', 'Done, continue', change.id, {
        style: 'primary',
        label: `It is done on ${change.plan.target}: check it and continue`,
      }),
      button('hand-over', 'Take over', change.id, { label: 'Take over: I carry this change on' }),
      cancelButton(change),
    ],
  };
}

function nobodyLine(change: Change): string {
  const step = currentStep(change);
  if (step?.kind !== 'wait') return '';
  const least = step.atLeastMs === 0 ? '' : `, waits at least ${duration(step.atLeastMs)}`;
  return `*Nobody needs to do anything now.* It looks every ${duration(step.everyMs)} by itself${least} and gives up after ${duration(step.timeoutMs)}; its locks stay held.`;
}

function leadLines(change: Change, step: PersonStep): readonly string[] {
  const carrier = person(change.carriedBy ?? change.requester);
  const lead = `*A person must do this now:* ${stepName(change, step)}. It is carried by ${carrier}; anyone who may propose changes can take it over. It waits as long as that takes, and its locks stay held.`;
  return [lead, ...notYetLines(change, step)];
}

function notYetLines(change: Change, step: PersonStep): readonly string[] {
  const look = lastLook(change, step.id);
  if (look === undefined || look.agreed) return [];
  const said = prose(clip(redact(oneLine(look.note)), 450));
  return [`*Not done yet,* seen ${when(look.at)}: ${sentence(said)}`];
}

function thenLines(step: PersonStep): readonly string[] {
  const undo = undoWords(step.undo);
  const proof =
    step.check.length === 0
      ? 'Then press *Done, continue*.'
      : `Then press *Done, continue*. It goes on only where this is seen: ${prose(checksWords(step.check))}.`;
  return [proof, ...(undo === '' ? [] : [`If you cancel after it: ${undo}`])];
}

function cancelButton(change: Change): Button {
  const label = `Cancel: end the change on ${change.plan.target} here`;
  return button('cancel', 'Cancel', change.id, { style: 'danger', label });
}

/** What is left to put back by hand where a change ended without success, one line for each step that was begun. */
export function leftToUndo(change: Change): readonly string[] {
  const lines = change.plan.steps.flatMap((step) => {
    const undo = undoWords(step.undo);
    const result = resultOf(change, step.id);
    if (undo === '' || (result === undefined && openIntent(change, step.id) === undefined)) return [];
    const how = result === undefined ? 'begun, perhaps done in part' : 'done';
    return [`• ${stepName(change, step)}, ${how}: ${undo}`];
  });
  return lines.length === 0 ? [] : ['*Left to undo by hand:*', ...lines];
}

function undoWords(undo: string | undefined): string {
  return undo === undefined ? '' : sentence(prose(clip(redact(oneLine(undo)), 360)));
}
