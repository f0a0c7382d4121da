/** The form in which a person closes a change whose outcome is unknown, by what was seen on the node. */
import type { ModalView } from '@slack/types';
import { askerOf } from '../core/request.js';
import { attempt } from './attempt.js';
import type { ClickPayload, FormPayload } from './payloads.js';
import { say, sentences } from './sentences.js';
import type { Closing, Reply, SlackLog, SlackTools } from './tools.js';
import { clip, code, escapeText, plain } from './views/text.js';

export const closeFormId = 'close';
const seenBlock = 'seen';
const seenAction = 'type';

/** What opening and taking the form needs. */
interface CloseTools {
  readonly tools: SlackTools;
  readonly log: SlackLog;
  readonly openForm: (triggerId: string, view: ModalView) => Promise<void>;
}

/** Opens the form for who may close the change now; nothing is decided by that. */
export async function openCloseForm(
  click: ClickPayload,
  { tools, log, openForm }: CloseTools,
): Promise<Reply> {
  const { arrival, value: id, triggerId } = click;
  const entry = { log, reference: arrival.key };
  const tried = await attempt('click close', entry, async (): Promise<Reply> => {
    if (!(await tools.once(arrival.key))) return { kind: 'repeated' };
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(id)) return say(sentences.gone);
    const answered = await tools.desk.closing(id, askerOf(arrival));
    if (answered.kind !== 'ask') return say(answered.sentence);
    await openForm(
      triggerId,
      closeFormView(answered, { id, channel: arrival.channel, threadTs: click.inThread }),
    );
    return { kind: 'done' };
  });
  if (tried.kind === 'done') return tried.value;
  if (tried.kind === 'explained')
    return { kind: 'private', message: tried.message, plain: tried.message.text };
  return say(sentences.noCloseForm);
}

/** Where the form was opened, and for which change. */
interface ClosePlace {
  readonly id: string;
  readonly channel: string;
  readonly threadTs: string | null;
}

/** Says what is not known and what closing does, and asks for what was seen. */
export function closeFormView(about: Closing, place: ClosePlace): ModalView {
  return {
    type: 'modal',
    callback_id: closeFormId,
    private_metadata: JSON.stringify(place),
    title: { type: 'plain_text', text: 'Close by hand' },
    submit: { type: 'plain_text', text: 'Close it' },
    close: { type: 'plain_text', text: 'Leave it open' },
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: lines(about).join('\n') } },
      {
        type: 'input',
        block_id: seenBlock,
        label: { type: 'plain_text', text: plain(`What did you see on ${about.where}?`, 150) },
        hint: {
          type: 'plain_text',
          text: 'It stands on the card and in the audit trail, with your name. Say what you looked at, and whether the step has taken effect.',
        },
        element: {
          type: 'plain_text_input',
          action_id: seenAction,
          multiline: true,
          min_length: about.leastCharacters,
          max_length: 1_000,
        },
      },
    ],
  };
}

function lines({ title, where, step, locks, directory }: Closing): readonly string[] {
  const words = (text: string, max: number): string => escapeText(clip(text, max));
  const released = locks.slice(0, 5).map((key) => code(clip(key, 60)));
  return [
    `*${words(title, 200)}*`,
    `Nobody knows whether "${words(step, 150)}" has taken effect on ${words(where, 60)}.`,
    directory === null
      ? `An HMC keeps no record of it: look on ${words(where, 60)} yourself first.`
      : `Look there yourself first. What the step left, if anything, is in ${code(clip(directory, 200))}.`,
    `Closing runs nothing. The change ends as not verified${released.length === 0 ? '' : `, and ${released.join(', ')} can be changed again`}.`,
  ];
}

/** What became of a submitted form: closed, or why not, for the field. */
export type Submitted =
  | { readonly kind: 'closed'; readonly place: ClosePlace; readonly reply: Reply }
  | { readonly kind: 'errors'; readonly errors: Record<string, string> }
  /** Another process answers it. */
  | { readonly kind: 'repeated' }
  | { readonly kind: 'incomplete' };

/** Takes the submitted form to the desk, which authorises once more. */
export async function closeFormSubmitted(form: FormPayload, { tools, log }: CloseTools): Promise<Submitted> {
  const place = placeOf(form.metadata);
  const seen = form.state[seenBlock]?.[seenAction]?.value ?? '';
  if (place === null) return { kind: 'incomplete' };
  const entry = { log, reference: form.viewId };
  const tried = await attempt('close', entry, () =>
    tools.desk.closeChange(place.id, { user: form.user, channel: place.channel }, seen),
  );
  if (tried.kind === 'done' && tried.value.kind === 'done')
    return { kind: 'closed', place, reply: say(tried.value.sentence) };
  const words =
    tried.kind === 'done'
      ? tried.value.sentence
      : tried.kind === 'explained'
        ? tried.message.text
        : tried.kind === 'failed'
          ? sentences.notDecided
          : sentences.perhapsDecided;
  // A field's error is plain text: a mention would be shown as its id.
  const shown = words.replaceAll(/<@[UW][A-Z0-9]{2,20}>/g, 'somebody else');
  return { kind: 'errors', errors: { [seenBlock]: clip(shown, 600) } };
}

function placeOf(metadata: string): ClosePlace | null {
  try {
    const value: unknown = JSON.parse(metadata);
    if (typeof value !== 'object' || value === null) return null;
    const { id, channel, threadTs } = value as Record<string, unknown>;
    if (typeof id !== 'string' || typeof channel !== 'string') return null;
    return { id, channel, threadTs: typeof threadTs === 'string' ? threadTs : null };
  } catch {
    return null;
  }
}
