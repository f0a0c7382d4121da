import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../docs/operations/health.md', import.meta.url), 'utf8');

/** What the page lets each check say, as patterns; `…` stands for anything. */
export const saying: ReadonlyMap<string, readonly { readonly pattern: RegExp; readonly state: string }[]> =
  new Map(
    page
      .split(/^### /m)
      .slice(1)
      .map((part) => [part.split('\n', 1)[0]?.trim() ?? '', rowsOf(part)]),
  );

function rowsOf(part: string): { readonly pattern: RegExp; readonly state: string }[] {
  const rows = part.split('\n').filter((line) => /^\| (?!says|---)/.test(line));
  return rows.map((row) => {
    const [, says = '', state = ''] = row.split('|').map((cell) => cell.trim());
    const parts = says.split('…').map((text) => text.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return { pattern: new RegExp(`^${parts.join('.*')}$`, 's'), state };
  });
}

/** Whether the page has that sentence under that check, with that state. */
export function isOnPage(check: string, state: string, sentence: string): boolean {
  return (saying.get(check) ?? []).some(
    (row) => row.pattern.test(sentence) && row.state.split(/\W/).includes(state),
  );
}
