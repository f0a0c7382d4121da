import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, proseOf, root } from './pages.js';

/** The addresses of a page's links and pictures; what stands in code is none. */
function linksOf(prose: string): readonly string[] {
  return [...prose.matchAll(/\]\((?<address>[^)\s]+)(?:\s+"[^"]*")?\)/g)].map(
    (found) => found.groups?.['address'] ?? '',
  );
}

/** The anchors of a page's headings, as GitHub makes them: the second of two alike has `-1` at its end. */
function anchorsOf(text: string): readonly string[] {
  const seen = new Map<string, number>();
  const plain = text.replace(/^ *```[\s\S]*?^ *```$/gm, '');
  return [...plain.matchAll(/^#{1,6} +(?<title>.+)$/gm)].map((found) => {
    const anchor = (found.groups?.['title'] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

/** Every page that stands as `docs/…` in the source, in the tests' lab or in the chart, with the file that names it. */
function pagesNamedInCode(): readonly (readonly [file: string, page: string])[] {
  const folders = ['src', 'commands', 'jobs', 'test/lab', 'helm'].filter((folder) =>
    existsSync(join(root, folder)),
  );
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(?:ts|md|ya?ml|txt|json)$/.test(file))
      .flatMap((file) => {
        const path = join(folder, file);
        const text = readFileSync(join(root, path), 'utf8');
        return [...text.matchAll(/(?<![\w/.])docs\/[\w./-]*\w(?:#[\w-]+)?/g)].map(
          ([page]) => [path, page] as const,
        );
      }),
  );
}

describe('the manual', () => {
  it('has pages', () => {
    expect(pages.length).toBeGreaterThan(5);
  });

  it.each(pages.map((page) => [page.path, page] as const))(
    '%s links to files and headings that are there',
    (path, page) => {
      const broken = linksOf(proseOf(page)).filter((address) => {
        if (/^[a-z]+:/i.test(address)) return false;
        const [to = '', anchor] = address.split('#');
        const file = to === '' ? join(root, path) : join(root, dirname(path), decodeURIComponent(to));
        if (!existsSync(file)) return true;
        return anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
      });
      expect(broken).toEqual([]);
    },
  );

  it('has every page that the program names', () => {
    const lost = pagesNamedInCode().filter(([, named]) => {
      const [page = '', anchor] = named.split('#');
      if (!existsSync(join(root, page))) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(join(root, page), 'utf8')).includes(anchor);
    });
    expect(lost.map(([file, page]) => `${file} names ${page}`)).toEqual([]);
  });

  it('lists every page in its index, so that nobody has to know of it', () => {
    const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
    const linked = linksOf(index).map((address) => join('docs', address.split('#')[0] ?? ''));
    const operations = existsSync(join(root, 'docs/operations.md'))
      ? linksOf(readFileSync(join(root, 'docs/operations.md'), 'utf8')).map((address) =>
          join('docs', address),
        )
      : [];
    const left = pages
      .map(({ path }) => path)
      .filter(
        (path) => path.startsWith('docs/') && path !== 'docs/README.md' && !path.startsWith('docs/fixes/'),
      )
      .filter((path) => ![...linked, ...operations].includes(path));
    expect(left).toEqual([]);
  });
});
