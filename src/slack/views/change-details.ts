import type { Button, KnownBlock, ModalView } from '@slack/types';
import { resultOf } from '../../approval/journal.js';
import type { Change, Move } from '../../approval/states.js';
import type { Step } from '../../core/plan.js';
import { redact } from '../../core/redact.js';
import { headline } from './change-head.js';
import { progressLines, stepName } from './change-progress.js';
import { outcomeLines, whatNow } from './change-outcome.js';
import { standing } from './change-standing.js';
import { actions, button, context, section } from './dress.js';
import { shortDigest, verifyWords } from './plan-text.js';
import { effectWords, stepCommands, stepPlace } from './step-text.js';
import { clip, clipMrkdwn, code, codeBlock, escapeText, headTail, oneLine, plural, visible } from './text.js';
import { utc, when } from './time.js';
import { person, prose, sentence } from './words.js';

/** One record of the audit trail, as far as it is shown. */
export interface TrailLine {
  readonly at: string;
  readonly code: string;
  readonly actor: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

/** A change with its records, for one who may see it. */
export interface ChangeDetails {
  readonly kind: 'details';
  readonly change: Change;
  /** Newest first. */
  readonly trail: readonly TrailLine[];
  /** Where the card stands in Slack, and its address; null where that is not at hand. */
  readonly card: { readonly channel: string; readonly ts: string } | null;
  readonly permalink: string | null;
}

/** Steps that are shown with commands and output; the file holds all. */
const stepsAtMost = 12;
const historyAtMost = 40;
const outputEnds = { head: 8, tail: 8, width: 120 };

/**
 * Everything that is known of a change, to be read; the whole of every output is a file away. `channel` is where it was
 * opened, `notice` what came of a click in it, as ready mrkdwn.
 */
export function changeModal(details: ChangeDetails, channel: string, notice = ''): ModalView {
  const { change } = details;
  const { steps } = change.plan;
  const more = steps.length - stepsAtMost;
  return {
    type: 'modal',
    private_metadata: JSON.stringify({ channel }),
    title: { type: 'plain_text', text: 'Change' },
    close: { type: 'plain_text', text: 'Close' },
    blocks: [
      ...(notice === '' ? [] : [context(`*${clip(notice, 600)}*`)]),
      section(leadOf(change)),
      section(factsOf(change)),
      actions(buttonsOf(details)),
      { type: 'divider' },
      section(planOf(change)),
      ...steps.slice(0, stepsAtMost).flatMap((step) => stepBlocks(change, step)),
      ...(more > 0 ? [context(`… and ${plural(more, 'more step')}: the file holds all of them.`)] : []),
      section(afterPlan(change)),
      { type: 'divider' },
      ...inSections('*History*', historyLines(change)),
      section(trailText(details.trail)),
    ],
  };
}

function leadOf(change: Change): string {
  const isOver = outcomeLines(change).some((line) => line !== '');
  const said =
    change.state === 'running' || change.state === 'verifying'
      ? progressLines(change)
      : isOver
        ? [...outcomeLines(change), whatNow(change)]
        : [];
  const lines = [headline(change), standing(change), ...said.filter((line) => line !== '')];
  return clipMrkdwn(lines.join('\n'), 2_800);
}

function factsOf(change: Change): string {
  const { plan } = change;
  const approved = change.approvals.map(({ user, at }) => `${person(user)} ${when(at)}`);
  const locks = plan.locks.slice(0, 6).map((key) => code(clip(key, 60)));
  const undo = [
    ...(change.rollbackOf === null ? [] : [`undoes change ${code(clip(change.rollbackOf, 60))}`]),
    ...(change.rolledBackBy === null ? [] : [`undone by change ${code(clip(change.rolledBackBy, 60))}`]),
  ];
  return [
    `*Target:* ${code(clip(plan.target, 60))} · *Fix:* ${escapeText(clip([plan.fix, ...(plan.args ?? [])].join(' '), 160))} · *Risk:* ${plan.risk}`,
    `*Asked by:* ${person(change.requester)} ${when(change.createdAt)}`,
    `*Approved by:* ${approved.length === 0 ? 'nobody' : approved.join(', ')} (${change.approvalsNeeded} needed)`,
    ...(change.carriedBy === undefined ? [] : [`*Carried by:* ${person(change.carriedBy)}`]),
    `*Locks it needs:* ${locks.length === 0 ? 'none' : locks.join(', ')}`,
    `*Change:* ${code(clip(change.id, 60))} · *plan* ${code(shortDigest(change.digest))}${undo.length === 0 ? '' : ` · ${undo.join(' · ')}`}`,
  ].join('\n');
}

function buttonsOf({ change, permalink }: ChangeDetails): Button[] {
  const card: Button[] =
    permalink === null
      ? []
      : [
          {
            type: 'button',
            action_id: 'open-card',
            text: { type: 'plain_text', text: 'Go to its card' },
            url: permalink,
          },
        ];
  return [
    button('change-file', 'Whole record as a file', change.id, {
      label: 'Put the whole record, all outputs included, into the thread of its card',
    }),
    ...card,
  ];
}

function planOf({ plan }: Change): string {
  const basis = plan.basis.map((line) => `• ${prose(clip(redact(oneLine(line)), 240))}`);
  const lines = [
    '*Plan, made from:*',
    ...basis,
    `*Interrupts:* ${sentence(clip(escapeText(oneLine(plan.interrupts)), 500))}`,
    `*Saved first:* ${plan.captures.map((capture) => escapeText(clip(oneLine(capture.title), 60))).join(', ') || 'nothing'}`,
  ];
  return clipMrkdwn(lines.join('\n'), 2_400);
}

function afterPlan({ plan }: Change): string {
  const { rollback } = plan;
  const undone =
    rollback.kind === 'none'
      ? `nothing. ${sentence(clip(escapeText(oneLine(rollback.reason)), 300))}`
      : `${plural(rollback.steps.length, 'step')}, shown and approved before it runs. ${sentence(clip(escapeText(oneLine(rollback.note)), 300))}`;
  return `*Counts as done when:* ${clip(prose(verifyWords(plan.verify)), 900)}\n*Undone by:* ${undone}`;
}

function stepBlocks(change: Change, step: Step): readonly KnownBlock[] {
  const where = escapeText(clip(stepPlace(step, change.plan.target), 60));
  const place = step.kind === 'person' ? 'a person' : where;
  const head = `*${stepName(change, step)}* on ${place} — ${effectWords(step)}`;
  return [
    section(`${head}\n${codeBlock(redact(stepCommands(step)), 1_200)}`),
    section(clipMrkdwn(resultText(change, step), 2_800)),
  ];
}

function resultText(change: Change, step: Step): string {
  const result = resultOf(change, step.id);
  if (result === undefined)
    return change.journal.some((entry) => entry.kind === 'intent' && entry.step === step.id)
      ? '▷ It was begun, and no outcome is known.'
      : '○ It was not started.';
  const { outcome } = result;
  if (outcome.kind === 'done') return `✔ Done ${when(result.at)}: ${prose(clip(redact(outcome.note), 500))}`;
  if (outcome.kind === 'unknown')
    return `? Outcome unknown ${when(result.at)}: ${clip(escapeText(redact(outcome.reason)), 500)}`;
  const { exitCode, stdout, stderr } = outcome;
  const said = [...outputOf('Output', stdout), ...outputOf('Error output', stderr)];
  const head = `${exitCode === 0 ? '✔' : '✖'} Ended with exit status ${exitCode} ${when(result.at)}.`;
  return [head, ...(said.length === 0 ? [silence(change)] : said)].join('\n');
}

/** Why there is no output to show: there was none, or it is not kept any more. */
function silence({ outputsRemovedAt }: Change): string {
  return outputsRemovedAt === undefined
    ? 'It printed nothing.'
    : `What it printed, if anything, was removed ${when(outputsRemovedAt)}: outputs are kept for so long only.`;
}

function outputOf(label: string, output: string): readonly string[] {
  return output.trim() === '' ? [] : [`${label}:\n${codeBlock(headTail(redact(output), outputEnds), 1_250)}`];
}

function historyLines(change: Change): readonly string[] {
  const moved = change.history.filter(({ move }) => move !== 'propose');
  const lines = moved.map(({ at, move, by, note }) => {
    const said = sentence(prose(clip(redact(oneLine(note)), 240)));
    return `${when(at)} · ${moveWords[move]} by ${person(by)}${said === '' ? '' : ` · ${said}`}`;
  });
  const hidden = lines.length - historyAtMost;
  const asked = `${when(change.createdAt)} · proposed by ${person(change.requester)}`;
  return hidden > 0
    ? [asked, `… ${plural(hidden, 'entry', 'entries')} hidden`, ...lines.slice(-historyAtMost)]
    : [asked, ...lines];
}

const moveWords: Readonly<Record<Move, string>> = {
  propose: 'proposed',
  approve: 'approved',
  reject: 'rejected',
  expire: 'expired, closed',
  supersede: 'replaced by a newer plan',
  callOff: 'called off',
  outdate: 'found out of date',
  run: 'started',
  wait: 'set waiting',
  resume: 'carried on',
  cancel: 'cancelled',
  verify: 'run to the end, checked',
  succeed: 'found verified',
  fail: 'ended as failed',
  lose: 'lost, outcome unknown',
  find: 'found again',
  close: 'closed by hand',
  rollBack: 'rollback begun',
  rolledBack: 'rolled back',
  rollBackFailed: 'rollback failed, closed',
};

/** Lines under a heading, in as many sections as they need. */
function inSections(heading: string, lines: readonly string[]): readonly KnownBlock[] {
  const parts: string[] = [];
  let part = heading;
  for (const line of lines) {
    if (part.length + line.length + 1 > 2_800) {
      parts.push(part);
      part = line;
    } else part = `${part}\n${line}`;
  }
  return [...parts, part].map((text) => section(text));
}

function trailText(trail: readonly TrailLine[]): string {
  if (trail.length === 0) return '*Audit trail*\nThe trail holds no record of it.';
  const lines = trail.map(({ at, code: name, actor, detail }) => {
    const words = Object.entries(detail)
      .filter(([, value]) => value !== null && value !== '')
      .map(([key, value]) => `${key}=${clip(oneLine(visible(String(value))), 40)}`);
    return clip(redact(`${utc(at)}  ${name.padEnd(16)} ${actor.padEnd(9)} ${words.join(' ')}`), 200);
  });
  return `*Audit trail,* newest first\n${codeBlock(lines.join('\n'), 2_700)}`;
}

/** The channel in which such a modal was opened; null when it is not one of these. */
export function placeOfModal(metadata: string): string | null {
  try {
    const value: unknown = JSON.parse(metadata);
    const channel: unknown =
      typeof value === 'object' && value !== null ? Reflect.get(value, 'channel') : null;
    return typeof channel === 'string' ? channel : null;
  } catch {
    return null;
  }
}
