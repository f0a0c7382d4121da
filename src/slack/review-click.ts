import { askerOf } from '../core/request.js';
import { attempt } from './attempt.js';
import type { ClickPayload } from './payloads.js';
import { say, sentences } from './sentences.js';
import type { Reply, SlackLog, SlackTools } from './tools.js';

/** Ids are ours: anything else was not made by us. */
const ourId = /^[A-Za-z0-9_-]{1,80}$/;

/** "Reviewed", under what was done while a glass was broken. Never rejects. */
export async function reviewClick(
  { arrival, value }: Pick<ClickPayload, 'arrival' | 'value'>,
  { tools, log }: { readonly tools: SlackTools; readonly log: SlackLog },
): Promise<Reply> {
  const tried = await attempt('click reviewed', { log, reference: arrival.key }, async (): Promise<Reply> => {
    if (!(await tools.once(arrival.key))) return { kind: 'repeated' };
    const answered = ourId.test(value) ? await tools.time.reviewed(value, askerOf(arrival)) : null;
    if (answered === null) return say(sentences.gone);
    return answered.sentence === '' ? { kind: 'done' } : say(answered.sentence);
  });
  if (tried.kind === 'done') return tried.value;
  if (tried.kind === 'explained')
    return { kind: 'private', message: tried.message, plain: tried.message.text };
  return say(tried.kind === 'failed' ? sentences.notDecided : sentences.perhapsDecided);
}
