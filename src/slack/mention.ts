import { plainText } from '../core/typed-text.js';

/**
 * The command and the text behind it in a mention: `<@U0BOT> rmc-status lpar1` → `rmc-status`, `lpar1`.
 * Both are '' when the bot was only named. `botUser` is null when it is not known: the first mention is then the bot's.
 */
export function readMention(text: string, botUser: string | null): { command: string; text: string } {
  const mine =
    botUser === null ? /<@[UW][A-Z0-9]+(?:\|[^<>]*)?>/ : new RegExp(`<@${botUser}(?:\\|[^<>]*)?>`, 'g');
  const words = plainText(text.replace(mine, ' ').slice(0, 4_000));
  const [, command = '', rest = ''] = /^(?<command>\S+)\s*(?<rest>.*)$/s.exec(words) ?? [];
  return { command: command.replace(/[,:;.!?]+$/, ''), text: rest };
}
