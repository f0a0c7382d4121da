import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const manual = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => join('docs', file));
const pages = ['README.md', 'CHANGELOG.md', ...manual].filter((file) => existsSync(join(root, file)));

/** The addresses of a page's links and pictures; what stands in code is none. */
function linksOf(text: string): readonly string[] {
  const prose = text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\((?<address>[^)\s]+)(?:\s+"[^"]*")?\)/g)].map(
    (found) => found.groups?.['address'] ?? '',
  );
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#{1,6} +(?<title>.+)$/gm)].map((found) =>
    (found.groups?.['title'] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

describe('the manual', () => {
  it('has pages', () => {
    expect(pages.length).toBeGreaterThan(5);
  });

  it.each(pages)('%s links to files and headings that are there', (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const broken = linksOf(text).filter((address) => {
      if (/^[a-z]+:/i.test(address)) return false;
      const [path = '', anchor] = address.split('#');
      const file = path === '' ? join(root, page) : join(root, dirname(page), decodeURIComponent(path));
      if (!existsSync(file)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});
