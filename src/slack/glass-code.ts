/** The form for the code of an authenticator, without which the policy lets nobody break the glass. */
import type { ModalView } from '@slack/types';
import { askerOf } from '../core/request.js';
import type { Message } from '../core/message.js';
import { attempt } from './attempt.js';
import type { Submitted } from './close-form.js';
import type { ClickPayload, FormPayload } from './payloads.js';
import { say, sentences } from './sentences.js';
import { glassCodeAction, type CodeWanted } from './time-tools.js';
import type { Reply, SlackLog, SlackTools } from './tools.js';
import { actions, button, message, section } from './views/dress.js';
import { clip, escapeText } from './views/text.js';

export const codeFormId = 'glass-code';
const codeBlock = 'code';
const typeAction = 'type';
const ourId = /^[A-Za-z0-9_-]{1,80}$/;

/** Asks one person for the code: a form opens only behind a click. */
export function codeWantedMessage({ wish, target }: CodeWanted): Message {
  const words = `Breaking the glass on ${escapeText(clip(target, 60))} needs the code that your authenticator shows. Nothing is opened yet.`;
  return message({
    text: words,
    first: [section(words)],
    last: [actions([button(glassCodeAction, 'Type the code', wish, { style: 'danger' })])],
  });
}

interface CodeTools {
  readonly tools: SlackTools;
  readonly log: SlackLog;
}

/** Opens the form; nothing is decided by that. */
export async function openCodeForm(
  { arrival, value, triggerId, inThread }: ClickPayload,
  entry: CodeTools & { readonly openForm: (triggerId: string, view: ModalView) => Promise<void> },
): Promise<Reply> {
  const { tools, log, openForm } = entry;
  const tried = await attempt('click code', { log, reference: arrival.key }, async (): Promise<Reply> => {
    if (!(await tools.once(arrival.key))) return { kind: 'repeated' };
    if (!ourId.test(value)) return say(sentences.gone);
    await openForm(triggerId, codeForm({ id: value, channel: arrival.channel, threadTs: inThread }));
    return { kind: 'done' };
  });
  if (tried.kind === 'done') return tried.value;
  return say('The form could not be opened, and nothing was opened. Press the button again.');
}

/** Where the form was opened, and for what. */
interface CodePlace {
  readonly id: string;
  readonly channel: string;
  readonly threadTs: string | null;
}

function codeForm(place: CodePlace): ModalView {
  const text = (words: string) => ({ type: 'plain_text' as const, text: words });
  return {
    type: 'modal',
    callback_id: codeFormId,
    private_metadata: JSON.stringify(place),
    title: text('Break the glass'),
    submit: text('Break it'),
    close: text('Leave it'),
    blocks: [
      section(
        'Windows and freezes then hold no change on what you named, for as long as the policy lets them. It approves nothing.',
      ),
      {
        type: 'input',
        block_id: codeBlock,
        label: text('The code that your authenticator shows'),
        hint: text('Six digits. The channel is told, and what is done is reviewed the next morning.'),
        element: { type: 'plain_text_input', action_id: typeAction, min_length: 6, max_length: 12 },
      },
    ],
  };
}

/** Takes the code to the desk, which authorises once more. Never rejects. */
export async function codeSubmitted(form: FormPayload, { tools, log }: CodeTools): Promise<Submitted> {
  const place = placeOf(form.metadata);
  const arrival = place === null ? null : form.arrival(place);
  const code = form.state[codeBlock]?.[typeAction]?.value ?? '';
  if (place === null || arrival === null) return { kind: 'incomplete' };
  const tried = await attempt('code', { log, reference: form.viewId }, async () => {
    if (!(await tools.once(arrival.key))) return { kind: 'repeated' } as const;
    return tools.time.giveCode(place.id, code, askerOf(arrival));
  });
  if (tried.kind === 'done') {
    const answered = tried.value;
    if (answered?.kind === 'repeated') return answered;
    if (answered?.kind === 'done') return { kind: 'closed', place, reply: { kind: 'done' } };
    return wrong(answered?.sentence ?? tooOld);
  }
  if (tried.kind === 'explained') return wrong(tried.message.text);
  return wrong(tried.kind === 'failed' ? sentences.notDecided : sentences.perhapsDecided);
}

const tooOld = 'This was asked for too long ago. Nothing was opened. Type the command again.';

function wrong(words: string): Submitted {
  // A field's error is plain text: a mention would be shown as its id.
  const shown = words.replaceAll(/<@[UW][A-Z0-9]{2,20}>/g, 'somebody else');
  return { kind: 'errors', errors: { [codeBlock]: clip(shown, 600) } };
}

function placeOf(metadata: string): CodePlace | null {
  try {
    const value: unknown = JSON.parse(metadata);
    if (typeof value !== 'object' || value === null) return null;
    const { id, channel, threadTs } = value as Record<string, unknown>;
    if (typeof id !== 'string' || !ourId.test(id) || typeof channel !== 'string') return null;
    return { id, channel, threadTs: typeof threadTs === 'string' ? threadTs : null };
  } catch {
    return null;
  }
}
