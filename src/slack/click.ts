import type { Grounds } from '../core/grounds.js';
import { askerOf } from '../core/request.js';
import type { Again, Demand } from './approval-tools.js';
import { clickOnce } from './click-once.js';
import { say, sentences } from './sentences.js';
import type { Answered, Arrival, Reply, SlackLog, SlackTools } from './tools.js';

/** What our buttons do: the `action_id`. */
export const buttonActions = [
  'offer',
  'approve',
  'reject',
  'withdraw',
  'roll-back',
  'look-again',
  'stop-reading',
  'continue',
  'hand-over',
  'cancel',
] as const;
export type ButtonAction = (typeof buttonActions)[number];

/** A click on one of our buttons. `id` is what the button's value holds: the id of an offer, a change or a request, nothing else. */
export interface Click {
  readonly action: ButtonAction;
  readonly id: string;
}

/**
 * One way for all buttons: seen before? → known? → allowed, written down and taken (all three inside the desk).
 * Resolves only when it is durable, and never rejects. An id that is not known is answered, never met with silence.
 */
export async function click(
  arrival: Arrival,
  { action, id }: Click,
  tools: SlackTools,
  log: SlackLog,
): Promise<Reply> {
  return clickOnce({ arrival, value: id }, action, { tools, log }, async () => {
    const answered =
      action === 'offer' ? await takeOffer(arrival, id, tools) : await decided(arrival, action, id, tools);
    if (answered === null) return say(sentences.gone);
    if (answered.kind === 'ask') return { kind: 'ask', demand: answered, again: againOf(action, id) };
    return answered.sentence === '' ? { kind: 'done' } : say(answered.sentence);
  });
}

function againOf(action: ButtonAction, id: string): Again {
  if (action === 'offer') return { what: 'offer', id };
  if (action === 'roll-back') return { what: 'undo', id };
  return { what: 'change', id, choice: action === 'reject' ? 'reject' : 'approve' };
}

/** The first click on an offer asks for its plan; a second one would make a second plan for the same thing. */
export async function takeOffer(
  arrival: Arrival,
  id: string,
  tools: SlackTools,
  grounds?: Grounds,
): Promise<Answered | Demand | null> {
  const claim = `offer:${id}`;
  if (!(await tools.once(claim))) return { kind: 'refused', sentence: sentences.offerTaken };
  const { teamId, channel, user, threadTs } = arrival;
  try {
    const origin = { teamId, channel, user, threadTs };
    const said = grounds === undefined ? [] : ([grounds] as const);
    const answered = await tools.desk.takeOffer(id, origin, ...said);
    if (answered?.kind !== 'done') await tools.forget(claim);
    return answered;
  } catch (error) {
    await tools.forget(claim).catch(() => undefined);
    throw error;
  }
}

function decided(
  arrival: Arrival,
  action: Exclude<ButtonAction, 'offer'>,
  id: string,
  { desk }: SlackTools,
): Promise<Answered | Demand | null> {
  const who = askerOf(arrival);
  switch (action) {
    case 'roll-back':
      return desk.rollBack(id, who);
    case 'look-again':
      return desk.lookAgain(id, who);
    case 'stop-reading':
      return desk.stopReading(id, who);
    case 'continue':
      return desk.continueChange(id, who);
    case 'hand-over':
      return desk.handOver(id, who);
    case 'cancel':
      return desk.cancelChange(id, who);
    default:
      return desk.decide(id, action, who);
  }
}
