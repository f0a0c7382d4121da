/**
 * Patterns for ticket numbers, as an administrator writes them into `policy.yaml`:
 *
 *     CHG[0-9]{7}      (?:CHG|INC)[0-9]{7}      [A-Z]{2,8}-[0-9]+
 *
 * They are held against what people type, so only those are taken whose matching cannot explode: a group is never
 * repeated, nothing looks back or ahead, and few parts may vary in length. A pattern always fits the whole ticket.
 */

const longestPattern = 100;
/** Longer than any ticket system's numbers. */
export const longestTicket = 64;
const mostVarying = 3;
const mostAlternatives = 10;

/** One piece of a pattern, each with what may repeat it. */
const pieces =
  /(?<escape>\\[\s\S])|(?<set>\[(?:\\[\s\S]|[^\]\\])*\])|(?<open>\((?:\?[:=!<]?[=!]?)?)|(?<close>\))|(?<or>\|)|(?<repeat>[*+?]\??|\{\d{1,4}(?:,\d{0,4})?\}\??)|(?<plain>[\s\S])/gu;

/** Why a pattern is not taken, in words for the settings; null where it is. */
export function ticketPatternProblem(pattern: string): string | null {
  if (pattern === '') return 'This pattern is empty: leave the key out to ask for no ticket';
  if (pattern.length > longestPattern) return `This pattern has more than ${longestPattern} characters`;
  try {
    new RegExp(pattern, 'u');
  } catch {
    return 'This is no regular expression';
  }
  return explodes(pattern);
}

/** Whether a ticket is what the pattern asks for, as a whole. The pattern is one that was taken. */
export function isTicket(pattern: string, ticket: string): boolean {
  return ticket.length <= longestTicket && new RegExp(`^(?:${pattern})$`, 'u').test(ticket);
}

function explodes(pattern: string): string | null {
  let varying = 0;
  let alternatives = 0;
  let before = '';
  for (const { groups = {} } of pattern.matchAll(pieces)) {
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined) ?? '';
    const text = groups[kind] ?? '';
    if (kind === 'open' && text !== '(' && text !== '(?:')
      return 'This pattern looks ahead or behind, which is not taken';
    if (kind === 'escape' && /^\\[1-9k]$/.test(text))
      return 'This pattern refers back to a group, which is not taken';
    if (kind === 'repeat' && before === 'close')
      return 'This pattern repeats a group, which could take for ever: write it out';
    if (kind === 'repeat' && !/^\{\d+\}\??$/.test(text)) varying += 1;
    if (kind === 'or') alternatives += 1;
    before = kind;
  }
  if (varying > mostVarying) return `More than ${mostVarying} parts of this pattern vary in length`;
  return alternatives >= mostAlternatives
    ? `This pattern has more than ${mostAlternatives} alternatives`
    : null;
}
