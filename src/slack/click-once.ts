import { attempt } from './attempt.js';
import type { ClickPayload } from './payloads.js';
import { say, sentences } from './sentences.js';
import type { Reply, SlackLog, SlackTools } from './tools.js';

/** Ids are ours: anything else was not made by us. */
const ourId = /^[A-Za-z0-9_-]{1,80}$/;

/**
 * Carries out a click: seen before? → an id of ours? → `act`, which authorises. Resolves only when it is durable, and never
 * rejects: what went wrong is in the reply, and an id that is not known is answered.
 */
export async function clickOnce(
  { arrival, value: id }: Pick<ClickPayload, 'arrival' | 'value'>,
  action: string,
  { tools, log }: { readonly tools: SlackTools; readonly log: SlackLog },
  act: () => Promise<Reply>,
): Promise<Reply> {
  const entry = { log, reference: arrival.key };
  const tried = await attempt(`click ${action}`, entry, async (): Promise<Reply> => {
    if (!(await tools.once(arrival.key))) return { kind: 'repeated' };
    return ourId.test(id) ? act() : say(sentences.gone);
  });
  if (tried.kind === 'done') return tried.value;
  if (tried.kind === 'explained')
    return { kind: 'private', message: tried.message, plain: tried.message.text };
  return say(tried.kind === 'failed' ? sentences.notDecided : sentences.perhapsDecided);
}
