import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judge } from '../../src/runbooks/judge.js';
import { findings } from '../../src/runbooks/findings.js';
import { diagnostics, findDiagnostic, fixes } from '../../src/runbooks/index.js';
import { caseNames, collectedOf } from './cases.js';

const known = new Map(findings.map((finding) => [finding.id, finding]));
const root = new URL('../../', import.meta.url);

/** Every id that stands in the source of the runbooks as a finding's. */
function idsInSource(): ReadonlySet<string> {
  const folder = new URL('src/runbooks/', root);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !/^findings(?:\.ts|\/)/.test(name),
  );
  const texts = files.map((name) => readFileSync(new URL(name, folder), 'utf8'));
  const ids = texts.flatMap((text) =>
    [...text.matchAll(/\bid: ['`](?<id>(?:[a-z]+)\.[a-z0-9-]+)(?<made>\$\{which\})?['`]/g)].flatMap(
      (found) => {
        const id = found.groups?.['id'] ?? '';
        return found.groups?.['made'] === undefined ? [id] : [`${id}expired`, `${id}expiring`];
      },
    ),
  );
  return new Set(ids);
}

describe('what is known of findings', () => {
  it('is told of every finding that the source makes, and of no other', () => {
    const made = [...idsInSource()].sort();
    expect(made.length).toBeGreaterThan(30);
    expect([...known.keys()].sort()).toEqual(made);
  });

  it('names each finding once', () => {
    expect(known.size).toBe(findings.length);
  });

  it.each(caseNames)('agrees with the verdict on %s', (name) => {
    const verdict = judge(findDiagnostic('rmc'), collectedOf(name), '2026-03-01T06:00:00.000Z', 1);
    for (const finding of verdict.findings) {
      const about = known.get(finding.id);
      expect(about?.from).toContain('rmc');
      // What follows from another is never worse than that, whatever it would be by itself.
      if (finding.follows === undefined) expect(about?.severities, finding.id).toContain(finding.severity);
    }
  });

  it.each(findings.map((finding) => [finding.id, finding] as const))('is whole for %s', (id, finding) => {
    expect(id).toMatch(/^[a-z]+\.[a-z][a-z0-9-]+$/);
    for (const text of [finding.means, ...finding.byHand]) expect(text).toMatch(/^[`A-Z].*[.]$/s);
    for (const text of [finding.expected, finding.evidence]) expect(text).not.toMatch(/\.$|^$/);
    expect(finding.byHand.length).toBeGreaterThan(0);
    expect(diagnostics.map((one) => one.id)).toEqual(expect.arrayContaining([...finding.from]));
    for (const [page] of finding.byHand.join(' ').matchAll(/docs\/[\w-]+\.md/g))
      expect(existsSync(new URL(page, root)) ? '' : page).toBe('');
  });

  it('has every finding that a fix says it cures', () => {
    for (const fix of fixes) for (const cure of fix.cures) expect([...known.keys()]).toContain(cure);
  });
});
