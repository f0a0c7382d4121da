/** Pieces of generated Markdown. */

const note = 'Generated from the definitions: do not edit. `npm run manual` writes it anew.';

/** A generated page: title, what it is, and its parts, a blank line between any two. */
export function page(title: string, lead: string, parts: readonly string[]): string {
  return `${[`# ${title}`, `<!-- ${note.replaceAll('`', '')} -->`, lead, ...parts].join('\n\n')}\n`;
}

/** A table; cells are Markdown of one line. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(heads), `|${heads.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Text as code within a line, whatever backticks it has. */
export function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** A block that is shown as it is. */
export function block(lines: readonly string[]): string {
  return ['```text', ...lines.map((line) => line.trimEnd()), '```'].join('\n');
}

/** Text from the definitions as Markdown: what looks like a tag is text, and pages of docs are links from docs/reference. */
export function prose(text: string): string {
  const parts = text.split(/(`[^`]*`)/);
  return parts
    .map((part) =>
      part.startsWith('`')
        ? part
        : part
            .replaceAll('<', '&lt;')
            .replace(/\bdocs\/(?<path>[\w/-]+\.md)/g, '[$<path>](../$<path>)')
            .replace(/\*/g, '\\*'),
    )
    .join('');
}

/** A list with a dot before each. */
export function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

function cell(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|');
}
