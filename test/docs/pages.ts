/** The manual as the tests read it: README and everything below docs, with the blocks of code in them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** One page of Markdown; `path` is below the top of the project. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** One block between fences, without its indentation. `line` is that of its first line in the page. */
export interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly lines: readonly string[];
}

/** Every page of the manual. */
export const pages: readonly Page[] = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file))
    .sort(),
]
  .filter((path) => existsSync(join(root, path)))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

/** The blocks of one language, of all pages. Throws for a fence that is never closed. */
export function blocksIn(language: string): readonly Block[] {
  return pages.flatMap((page) => blocksOf(page)).filter((block) => block.language === language);
}

/** The text of a page without its blocks of code, and without code within a line. */
export function proseOf({ text }: Page): string {
  return text.replace(/^ *```[\s\S]*?^ *```$/gm, '').replace(/`[^`\n]*`/g, '');
}

function blocksOf({ path, text }: Page): readonly Block[] {
  const blocks: Block[] = [];
  let open: { indent: string; language: string; line: number; lines: string[] } | null = null;
  for (const [at, line] of text.split('\n').entries()) {
    const fence = /^(?<indent> *)```(?<language>\w*)\s*$/.exec(line)?.groups;
    if (open === null) {
      if (fence !== undefined)
        open = { indent: fence['indent'] ?? '', language: fence['language'] ?? '', line: at + 2, lines: [] };
    } else if (fence === undefined) {
      open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line.trimStart());
    } else {
      blocks.push({ page: path, line: open.line, language: open.language, lines: open.lines });
      open = null;
    }
  }
  if (open !== null) throw new Error(`${path}:${open.line}: this block of code is never closed`);
  return blocks;
}
