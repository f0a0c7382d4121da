import type { Attachment, Message } from '../src/core/message.js';
import type { Request } from '../src/core/request.js';
import type { Verdict } from '../src/core/verdict.js';
import type { Outbox } from '../src/outbox/outbox.js';
import { inSlices } from '../src/loop/slices.js';
import { crowdSteps } from '../src/slack/views/crowd-message.js';
import { worstFirst } from '../src/slack/views/findings.js';
import { healthyMessage } from '../src/slack/views/healthy-message.js';
import { verdictMessage } from '../src/slack/views/verdict-message.js';
import { cardKeyOf, fixNames } from './show.js';

/** With more targets than these, the healthy ones share one message of the thread. */
const eachAtMost = 10;

/**
 * So many that are not healthy have a message each, the worst of them; the others share one with a file. Slack takes about
 * one message a second in a channel, and nobody reads hundreds.
 */
const unwellAtMost = 50;

/**
 * Posts verdicts in the thread of their request's card: one message each; of many, the healthy ones have one together, and
 * so have those that are not when they are a crowd. `posted` are those that are new; the others stand there already.
 */
export async function showVerdicts(
  request: Request,
  posted: readonly Verdict[],
  tools: { outbox: Outbox },
): Promise<void> {
  const { alone, crowd, healthy } = await parted(request, posted, tools);
  for (const verdict of alone) {
    const offers = request.offers.filter((offer) => offer.target === verdict.target);
    await post(request, nameOf(verdict), verdictMessage(verdict, offers, fixNames), tools);
  }
  if (crowd !== null) await post(request, 'crowd', await inSlices(crowdSteps(crowd)), tools);
  if (healthy !== null) await post(request, 'healthy', healthyMessage(healthy), tools);
}

/** Who has a message of their own, and who stands in which of the others; null for a message that stays as it is. */
interface Parted {
  readonly alone: readonly Verdict[];
  readonly crowd: readonly Verdict[] | null;
  readonly healthy: readonly Verdict[] | null;
}

async function parted(
  request: Request,
  posted: readonly Verdict[],
  { outbox }: { outbox: Outbox },
): Promise<Parted> {
  const { verdicts, secondRead } = request;
  if (verdicts.length <= eachAtMost) return { alone: posted, crowd: null, healthy: null };
  const isSecond = isSecondRead(request);
  // Who was posted alone before, waiting for a second read, is told of in the same message.
  const before = new Set<string>();
  for (const verdict of isSecond ? posted : [])
    if ((await outbox.get(`${cardKeyOf(request)}:${nameOf(verdict)}`)) !== null) before.add(verdict.target);
  const waits = new Set(isSecond ? [] : (secondRead?.targets ?? []));
  const others = verdicts.filter(({ target }) => !before.has(target));
  const isUnwell = ({ verdict, target }: Verdict): boolean => verdict !== 'ok' || waits.has(target);
  const crowd = worstFirst(others.filter(isUnwell)).slice(Math.max(0, unwellAtMost - before.size));
  const together = new Set(crowd);
  const isAlone = (one: Verdict): boolean => before.has(one.target) || (isUnwell(one) && !together.has(one));
  const healthy = others.filter((one) => !isUnwell(one));
  // Of a second read only those that had no message of their own move between the others.
  const isMoved = posted.some(({ target }) => !before.has(target));
  return {
    alone: posted.filter(isAlone),
    crowd: isSecond ? (isMoved ? crowd : null) : crowd.length > 0 ? crowd : null,
    healthy: healthy.length > 0 && (!isSecond || isMoved) ? healthy : null,
  };
}

function isSecondRead({ phase, secondRead }: Request): boolean {
  return phase === 'done' && secondRead !== undefined;
}

function nameOf({ target }: Verdict): string {
  return `target:${target}`;
}

async function post(
  request: Request,
  name: string,
  { message, attachment }: { readonly message: Message; readonly attachment: Attachment | null },
  tools: { outbox: Outbox },
): Promise<void> {
  const { channel, user } = request.origin;
  const letter = { channel, thread: { key: cardKeyOf(request) }, priority: 'detail' as const, user };
  const key = `${cardKeyOf(request)}:${name}`;
  await tools.outbox.put({ ...letter, key }, { kind: 'message', message });
  if (attachment === null) return;
  // A file cannot be changed in place: each of the two readings has one of its own, however often its job runs.
  const fileKey = `${key}${isSecondRead(request) ? ':again' : ''}:file`;
  await tools.outbox.putOnce({ ...letter, key: fileKey }, { kind: 'file', file: attachment });
}
