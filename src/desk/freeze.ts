/** How all changes are frozen, and how that is lifted, once it is known that this person may. */
import type { Change } from '../approval/states.js';
import type { Freeze } from '../core/may-start.js';
import { redact } from '../core/redact.js';
import type { Origin } from '../core/request.js';
import { utc } from '../slack/views/time.js';
import { frozenMessage, liftedMessage, type UnderWay } from '../slack/views/time-messages.js';
import { refused, startChange, type Answered } from './decisions.js';
import type { TimeDeskTools } from './time-desk.js';

const longestReason = 500;

/** A reason as it is kept: secrets of known shapes taken out. */
export function keptReason(text: string): string {
  return redact(text.trim()).slice(0, longestReason);
}

/** Holds every change back that has not begun; tells the channel why, and what goes on. */
export async function freezeAll(reason: string, origin: Origin, tools: TimeDeskTools): Promise<Answered> {
  const kept = keptReason(reason);
  if (kept === '')
    return refused('Say why: /changes freeze on <reason>. Others wait for it. Nothing was frozen.');
  const before = await tools.calm.freeze();
  if (before !== null) return refused(already(before));
  const at = new Date(tools.clock()).toISOString();
  const freeze: Freeze = { by: origin.user, at, reason: kept };
  const detail = { reason: kept, channel: origin.channel };
  await tools.audit.append({ code: 'freeze.on', actor: origin.user, object: 'freeze', detail });
  const other = await tools.calm.setFreeze(freeze);
  if (other !== null) return refused(already(other));
  await tell(`freeze:${tools.newId()}`, frozenMessage(freeze, await underWay(tools)), origin, tools);
  return { kind: 'done', sentence: '' };
}

/** Ends the freeze, and wakes what waited for that; of many who lift it one does. */
export async function liftFreeze(reason: string, origin: Origin, tools: TimeDeskTools): Promise<Answered> {
  const before = await tools.calm.freeze();
  if (before === null) return refused('Changes are not frozen. Nothing was done.');
  const why = keptReason(reason);
  const detail = { reason: why, by: before.by, at: before.at, why: before.reason, channel: origin.channel };
  await tools.audit.append({ code: 'freeze.off', actor: origin.user, object: 'freeze', detail });
  const lifted = await tools.calm.lift();
  if (lifted === null) return refused('Somebody else lifted the freeze just now.');
  const { approved } = await underWay(tools);
  for (const { id } of approved) await startChange(id, tools);
  const at = new Date(tools.clock()).toISOString();
  const news = liftedMessage({ by: origin.user, at, reason: why }, lifted, approved);
  await tell(`freeze:${tools.newId()}`, news, origin, tools);
  return { kind: 'done', sentence: '' };
}

/** What is under way, and what is approved and has not begun. */
export async function underWay({ changes }: Pick<TimeDeskTools, 'changes'>): Promise<UnderWay> {
  const open = await changes.open();
  const byAge = (a: Change, b: Change): number => a.createdAt.localeCompare(b.createdAt);
  const running = (['running', 'waiting', 'verifying'] as const).flatMap((state) =>
    open.filter((change) => change.state === state),
  );
  return {
    running: running.sort(byAge),
    approved: open.filter(({ state }) => state === 'approved').sort(byAge),
  };
}

/** Puts a message of its own into the channel where this was asked. */
export async function tell(
  key: string,
  message: ReturnType<typeof frozenMessage>,
  { channel, user }: Origin,
  { outbox }: Pick<TimeDeskTools, 'outbox'>,
): Promise<void> {
  await outbox.put({ key, channel, thread: null, priority: 'approval', user }, { kind: 'message', message });
}

function already({ by, at, reason }: Freeze): string {
  return `All changes are frozen already by <@${by}> since ${utc(at)}: ${reason}`;
}
