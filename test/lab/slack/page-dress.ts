/**
 * The local Slack's page draws less than Slack does: no preformatted blocks, no date tokens, and it shows entities as
 * they are written. This rewrites a message's mrkdwn for that page alone, so that people see what Slack would show them.
 * What the bot sent is checked and logged before; angle brackets become similar ones, so that nothing turns into markup here.
 */
export function dressForPage(mrkdwn: string): string {
  return mrkdwn
    .replace(/<!date\^\d+\^[^|<>]*\|(?<fallback>[^<>]*)>/g, '$<fallback>')
    .replace(/```\n?(?<body>[\s\S]*?)\n?```/g, (_found, body: string) =>
      body.split('\n').map(preformatted).join('\n'),
    )
    .replace(/`(?<body>[^`\n]+)`/g, (_found, body: string) => `\`${literal(body)}\``)
    .replaceAll('&lt;', '‹')
    .replaceAll('&gt;', '›')
    .replaceAll('&amp;', '&');
}

/** The same for a whole `chat.postMessage` body: every mrkdwn text in it; buttons, ids and plain texts stay as they are. */
export function dressBodyForPage(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dressBodyForPage);
  if (value === null || typeof value !== 'object') return value;
  const isMrkdwn = 'type' in value && value.type === 'mrkdwn';
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => {
      const isText = key === 'text' && typeof inner === 'string' && (isMrkdwn || !('type' in value));
      return [key, isText ? dressForPage(inner) : dressBodyForPage(inner)];
    }),
  );
}

// One line of inline code each: the page collapses blanks, and a line of nothing would end the code.
function preformatted(line: string): string {
  const text = literal(line.replaceAll('`', 'ˋ').replaceAll('\t', '        '));
  return `\`${text === '' ? '\u00a0' : text}\``;
}

// The page also makes bold and struck text of what stands in code.
function literal(text: string): string {
  return text.replaceAll(' ', '\u00a0').replaceAll('*', '∗').replaceAll('~', '∼');
}
