/** Clicks on a card with host keys. */
import { askerOf } from '../core/request.js';
import { attempt } from './attempt.js';
import { enrolActions, type EnrolAction } from './enrol-tools.js';
import type { ClickPayload } from './payloads.js';
import { say, sentences } from './sentences.js';
import type { Reply, SlackLog, SlackTools } from './tools.js';

/** Whether a button is one of a card with host keys. */
export function isEnrolAction(action: string): action is EnrolAction {
  return (enrolActions as readonly string[]).includes(action);
}

/** Carries out a click. Resolves only when it is durable, and never rejects; an id that is not known is answered. */
export async function enrolClick(
  { arrival, value: id }: ClickPayload,
  action: EnrolAction,
  { tools, log }: { readonly tools: SlackTools; readonly log: SlackLog },
): Promise<Reply> {
  const entry = { log, reference: arrival.key };
  const tried = await attempt(`click ${action}`, entry, async (): Promise<Reply> => {
    if (!(await tools.once(arrival.key))) return { kind: 'repeated' };
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(id)) return say(sentences.gone);
    const act =
      action === 'enrol-pin'
        ? tools.enrol.pin(id, askerOf(arrival))
        : tools.enrol.reject(id, askerOf(arrival));
    const answered = await act;
    return answered === null ? say(sentences.gone) : say(answered.sentence);
  });
  if (tried.kind === 'done') return tried.value;
  if (tried.kind === 'explained')
    return { kind: 'private', message: tried.message, plain: tried.message.text };
  return say(tried.kind === 'failed' ? sentences.notDecided : sentences.perhapsDecided);
}
