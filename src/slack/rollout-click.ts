/** Clicks on the card of a roll-out. */
import { askerOf } from '../core/request.js';
import type { Demand } from './approval-tools.js';
import { clickOnce } from './click-once.js';
import type { ClickPayload } from './payloads.js';
import { rolloutActions, type RolloutAction } from './rollout-tools.js';
import { say, sentences } from './sentences.js';
import type { Answered, Arrival, Reply, SlackLog, SlackTools } from './tools.js';

/** Whether a button is one of a roll-out's card. */
export function isRolloutAction(action: string): action is RolloutAction {
  return (rolloutActions as readonly string[]).includes(action);
}

/** Carries out a click. Resolves only when it is durable, and never rejects; an id that is not known is answered. */
export async function rolloutClick(
  click: ClickPayload,
  action: RolloutAction,
  entry: { readonly tools: SlackTools; readonly log: SlackLog },
): Promise<Reply> {
  return clickOnce(click, action, entry, async () => {
    const { arrival, value: id } = click;
    const { tools } = entry;
    const answered =
      action === 'rollout-rest' ? await rest(id, arrival, tools) : await act(id, action, arrival, tools);
    if (answered?.kind !== 'ask') return say(answered?.sentence ?? sentences.gone);
    const choice = action === 'rollout-reject' ? 'reject' : 'approve';
    return { kind: 'ask', demand: answered, again: { what: 'rollout', id, choice } };
  });
}

function act(
  id: string,
  action: Exclude<RolloutAction, 'rollout-rest'>,
  arrival: Arrival,
  { rollout }: SlackTools,
): Promise<Answered | Demand | null> {
  const who = askerOf(arrival);
  switch (action) {
    case 'rollout-approve':
      return rollout.decide(id, 'approve', who);
    case 'rollout-reject':
      return rollout.decide(id, 'reject', who);
    case 'rollout-withdraw':
      return rollout.decide(id, 'withdraw', who);
    case 'rollout-stop':
      return rollout.stop(id, who);
  }
}

/** The first click asks for the rest; a second one would make a second roll-out of the same targets. */
async function rest(id: string, arrival: Arrival, tools: SlackTools): Promise<Answered | null> {
  const claim = `rollout-rest:${id}`;
  if (!(await tools.once(claim))) return { kind: 'refused', sentence: sentences.restTaken };
  const { teamId, channel, user, threadTs } = arrival;
  try {
    const answered = await tools.rollout.proposeRest(id, { teamId, channel, user, threadTs });
    if (answered?.kind !== 'done') await tools.forget(claim);
    return answered;
  } catch (error) {
    await tools.forget(claim).catch(() => undefined);
    throw error;
  }
}
