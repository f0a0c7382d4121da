/** The buttons of the list of changes: turning its pages, and opening what is known of a change. */
import { askerOf } from '../core/request.js';
import type { Message } from '../core/message.js';
import { attempt } from './attempt.js';
import { changesActions, type ChangesAction } from './changes-tools.js';
import type { EntryTools } from './entries.js';
import type { ClickPayload } from './payloads.js';
import { say, sentences } from './sentences.js';
import type { Answered, Reply } from './tools.js';
import { changeModal, type ChangeDetails } from './views/change-details.js';
import { changesMessage, locksMessage } from './views/changes-list.js';

const ourId = /^[A-Za-z0-9_-]{1,80}$/;
/** The card's address is worth a short wait: the trigger lives for three seconds. */
const linkMs = 600;

export function isChangesAction(action: string): action is ChangesAction {
  return (changesActions as readonly string[]).includes(action);
}

/** Carries out a click on such a button. Never rejects. */
export async function changesClick(
  read: ClickPayload,
  action: ChangesAction,
  entry: EntryTools,
): Promise<Reply> {
  const { arrival, value } = read;
  const place = { log: entry.log, reference: arrival.key };
  const tried = await attempt(`click ${action}`, place, async (): Promise<Reply> => {
    if (!(await entry.tools.once(arrival.key))) return { kind: 'repeated' };
    return ourId.test(value) ? act(read, action, entry) : say(sentences.gone);
  });
  if (tried.kind === 'done') return tried.value;
  if (tried.kind === 'explained')
    return { kind: 'private', message: tried.message, plain: tried.message.text };
  return say(sentences.notShown);
}

async function act(read: ClickPayload, action: ChangesAction, entry: EntryTools): Promise<Reply> {
  const { arrival, value, triggerId } = read;
  const { changes } = entry.tools;
  const who = askerOf(arrival);
  switch (action) {
    case 'changes-newer':
    case 'changes-older': {
      const page = await changes.page(value, who);
      return page?.kind === 'page' ? inItsPlace(changesMessage(page), read, entry) : told(page);
    }
    case 'changes-locks': {
      const shown = await changes.locks(who);
      return shown.kind === 'locks' ? privately(locksMessage(shown)) : told(shown);
    }
    case 'change-details': {
      const details = await changes.details(value, who);
      if (details?.kind !== 'details') return told(details);
      await entry.openForm(triggerId, changeModal(await linked(details, entry), arrival.channel));
      return { kind: 'done' };
    }
    case 'change-file':
      return told(await changes.file(value, who));
  }
}

/** The same with the card's address, where Slack tells it in time. */
export async function linked(details: ChangeDetails, entry: EntryTools): Promise<ChangeDetails> {
  if (details.card === null) return details;
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), linkMs).unref());
  const { channel, ts } = details.card;
  return {
    ...details,
    permalink: await Promise.race([entry.permalink(channel, ts).catch(() => null), late]),
  };
}

/** A page takes the place of the one whose button was pressed; where Slack does not let it, it is told anew. */
async function inItsPlace(
  message: Message,
  { responseUrl }: ClickPayload,
  entry: EntryTools,
): Promise<Reply> {
  if (responseUrl === null) return privately(message);
  try {
    await entry.replace(responseUrl, message);
    return { kind: 'done' };
  } catch (error) {
    entry.log.warn({ err: error }, 'a private message could not be replaced');
    return privately(message);
  }
}

function privately(message: Message): Reply {
  return { kind: 'private', message, plain: message.text };
}

function told(answered: Answered | null): Reply {
  if (answered === null) return say(sentences.gone);
  return answered.sentence === '' ? { kind: 'done' } : say(answered.sentence);
}
