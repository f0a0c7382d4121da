/** Clicks on a card with host keys. */
import { askerOf } from '../core/request.js';
import { clickOnce } from './click-once.js';
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
  click: ClickPayload,
  action: EnrolAction,
  entry: { readonly tools: SlackTools; readonly log: SlackLog },
): Promise<Reply> {
  return clickOnce(click, action, entry, async () => {
    const { arrival, value: id } = click;
    const { enrol } = entry.tools;
    const who = askerOf(arrival);
    const answered = await (action === 'enrol-pin' ? enrol.pin(id, who) : enrol.reject(id, who));
    return say(answered?.sentence ?? sentences.gone);
  });
}
