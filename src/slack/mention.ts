import { plainText } from '../core/typed-text.js';

/**
 * The command and the text behind it in a mention: `<@U0BOT> rmc-status lpar1` → `rmc-status`, `lpar1`.
 * Both are '' when the bot was only named. `botUser` is null when it is not known: the first mention is then the bot's.
 */
export function readMention(text: string, botUser: string | null): { command: string; text: string } {
  const mine = botUser === null ? /<@[UW][A-Z0-9]+(?:\|[^<>]*)?>/ : mentionOf(botUser);
  // People write "@aixops: …" and "@aixops, …" to each other.
  const words = plainText(text.replace(mine, ' ')).replace(/^[\s,:;.!-]+/, '');
  const [, command = '', rest = ''] = /^(?<command>\S+)\s*(?<rest>.*)$/s.exec(words) ?? [];
  return { command: command.replace(/[,:;.!?]+$/, ''), text: rest };
}

/** Ids are letters and digits: nothing in them needs escaping. */
function mentionOf(user: string): RegExp {
  return new RegExp(`<@${user.replace(/[^A-Z0-9]/g, '')}(?:\\|[^<>]*)?>`, 'g');
}
