import type { Message } from '../core/message.js';
import type { Reply } from './tools.js';
import { privateMessage } from './views/private.js';
import { escapeText } from './views/text.js';
import { person } from './views/words.js';

/** A plain sentence as a private message. `<@U…>` in it stays a mention of that person; all else is escaped. */
function privateSentence(sentence: string): Message {
  const parts = sentence.split(/(?<mention><@[UW][A-Z0-9]{2,20}>)/);
  const shown = parts.map((part, index) => (index % 2 === 1 ? person(part.slice(2, -1)) : escapeText(part)));
  return privateMessage(shown.join(''));
}

/** The same as a whole reply. */
export function say(sentence: string): Reply {
  return { kind: 'private', message: privateSentence(sentence), plain: sentence };
}

/** What is said when something could not be made durable. Each answers whether anything was touched. */
export const sentences = {
  notQueued: 'Nothing was queued: Redis did not answer. Nothing was touched. Try again.',
  perhapsQueued:
    'Redis did not answer in time, so it is not known whether this was queued. Look whether a card appears before you try again.',
  notDecided: 'Your click was not taken: Redis did not answer. Nothing was touched. Click again.',
  perhapsDecided:
    'Redis did not answer in time, so it is not known whether your click was taken. Click again: it counts once.',
  notShown: 'This could not be shown: Redis or Slack did not answer in time. Nothing was touched. Try again.',
  gone: 'This button is not known any more: its card is too old or was replaced. Nothing was run. Ask again with the command.',
  goneForm: 'This form is not known any more. Nothing was run. Close it, and open it again with the command.',
  offerTaken:
    'Somebody has asked for this fix already: look at the card in this thread. To ask again, type the command.',
  restTaken:
    'Somebody has asked for the rest already: look for its card. To ask again, type the command with the targets.',
  takenUnanswered:
    'This was taken, but its answer cannot be shown for now: Slack does not let this bot post. The answer is kept, and shown when somebody has mended this.',
  noForm: 'The form could not be opened. Nothing was run. Type it in one line instead.',
  noDemandForm:
    'The form could not be opened, and nothing was decided or queued: all is as it was. Press the button again, or type the line with --reason and --ticket.',
  noCloseForm:
    'The form could not be opened, and nothing was decided: the change is as it was. Press Close by hand again.',
} as const;
