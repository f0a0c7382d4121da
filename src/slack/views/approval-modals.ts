/** The forms in which something is said before an act: why, which ticket, or the code of an authenticator. */
import type { InputBlock, ModalView } from '@slack/types';
import { mostReason } from '../../core/grounds.js';
import { section } from './dress.js';
import { clip, escapeText, plain } from './text.js';

/** Where each answer stands in a form. */
export const sayBlocks = { reason: 'say-reason', ticket: 'say-ticket', code: 'say-code' } as const;
export const sayAction = 'say';

interface FormWords {
  readonly id: string;
  readonly metadata: string;
  readonly title: string;
  readonly submit: string;
  readonly lines: readonly string[];
}

function form({ id, metadata, title, submit, lines }: FormWords, inputs: readonly InputBlock[]): ModalView {
  return {
    type: 'modal',
    callback_id: id,
    private_metadata: metadata,
    title: { type: 'plain_text', text: title },
    submit: { type: 'plain_text', text: submit },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [section(lines.join('\n')), ...inputs],
  };
}

function input(
  block: string,
  words: { readonly label: string; readonly hint: string; readonly initial: string | null },
  length: { readonly min: number; readonly max: number },
): InputBlock {
  return {
    type: 'input',
    block_id: block,
    label: { type: 'plain_text', text: words.label },
    hint: { type: 'plain_text', text: plain(words.hint, 300) },
    element: {
      type: 'plain_text_input',
      action_id: sayAction,
      multiline: block === sayBlocks.reason,
      min_length: length.min,
      max_length: length.max,
      ...(words.initial === null || words.initial === ''
        ? {}
        : { initial_value: words.initial.slice(0, length.max) }),
    },
  };
}

/** Why a change is wanted, and its ticket, where the policy wants to know. */
export function groundsForm(
  about: {
    readonly title: string;
    readonly reason: boolean;
    readonly ticket: string | null;
    readonly said: { readonly reason: string | null; readonly ticket: string | null };
  },
  place: { readonly id: string; readonly metadata: string },
): ModalView {
  const { title, reason, ticket, said } = about;
  const lines = [
    `*${escapeText(clip(title, 200))}*`,
    `The policy wants this to be said before a plan is made. Nothing runs before somebody else has approved it.`,
  ];
  const hint = 'It stands on the card, for who approves, and in the audit trail, with your name.';
  const inputs = [
    ...(reason
      ? [input(sayBlocks.reason, { label: 'Why?', hint, initial: said.reason }, { min: 3, max: mostReason })]
      : []),
    ...(ticket === null
      ? []
      : [
          input(
            sayBlocks.ticket,
            {
              label: 'Ticket',
              hint: `Of this shape: ${clip(ticket, 110)}. It stands there as well.`,
              initial: said.ticket,
            },
            { min: 1, max: 64 },
          ),
        ]),
  ];
  return form({ ...place, title: 'Why?', submit: 'Ask for it', lines }, inputs);
}

/** Why a change is rejected. */
export function rejectForm(
  about: { readonly title: string; readonly least: number },
  place: { readonly id: string; readonly metadata: string },
): ModalView {
  const lines = [`*${escapeText(clip(about.title, 200))}*`, 'Rejecting ends it. Nothing is run.'];
  const hint = 'It stands on the card and in the audit trail, with your name, and is told to who asked.';
  const length = { min: about.least, max: mostReason };
  const why = input(sayBlocks.reason, { label: 'Why is it rejected?', hint, initial: null }, length);
  return form({ ...place, title: 'Reject', submit: 'Reject it', lines }, [why]);
}

/** The code of an authenticator, before a change is approved. */
export function codeForm(
  about: { readonly title: string },
  place: { readonly id: string; readonly metadata: string },
): ModalView {
  const lines = [
    `*${escapeText(clip(about.title, 200))}*`,
    'Approving this asks for the code that your authenticator shows for aixops. It is remembered for one hour.',
  ];
  const hint = 'Six digits. Each code is taken once; five wrong ones lock for 15 minutes.';
  const typed = input(sayBlocks.code, { label: 'Code', hint, initial: null }, { min: 6, max: 12 });
  return form({ ...place, title: 'Your code', submit: 'Approve', lines }, [typed]);
}
