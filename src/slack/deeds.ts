/** What a command has the bot do at once: each is asked of the desk that knows it, and answered to one person. */
import type { Deed } from '../../commands/command.js';
import type { Message } from '../core/message.js';
import { askerOf } from '../core/request.js';
import { codeWantedMessage } from './glass-code.js';
import { say } from './sentences.js';
import type { CodeWanted } from './time-tools.js';
import type { Answered, Arrival, Reply, SlackTools } from './tools.js';
import { changesMessage, locksMessage } from './views/changes-list.js';

/** The desks ask by themselves who may, because the policy decides by what is named. `asked` is the line as understood. */
export async function carriedOut(
  deed: Deed,
  asked: string,
  arrival: Arrival,
  { time, changes }: SlackTools,
): Promise<Reply> {
  const { teamId, channel, user, threadTs } = arrival;
  const origin = { teamId, channel, user, threadTs };
  const who = askerOf(arrival);
  switch (deed.job) {
    case 'changes': {
      const page = await changes.list(deed.ask, asked, who);
      return page.kind === 'page' ? privately(changesMessage(page)) : told(page.sentence);
    }
    case 'locks': {
      const shown = await changes.locks(who);
      return shown.kind === 'locks' ? privately(locksMessage(shown)) : told(shown.sentence);
    }
    case 'release-lock':
      return told((await changes.release(deed.lock, deed.reason, who)).sentence);
    case 'freeze':
      return told((await time.freeze(deed.on, deed.reason, origin)).sentence);
    case 'break-glass':
      return glass(await time.breakGlass(deed.target, deed.reason, origin));
  }
}

function glass(answered: Answered | CodeWanted): Reply {
  return answered.kind === 'code' ? privately(codeWantedMessage(answered)) : told(answered.sentence);
}

function privately(message: Message): Reply {
  return { kind: 'private', message, plain: message.text };
}

function told(sentence: string): Reply {
  return sentence === '' ? { kind: 'done' } : say(sentence);
}
