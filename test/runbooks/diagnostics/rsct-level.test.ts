import { describe, expect, it } from 'vitest';
import type { ErrorInfo } from '../../../src/core/errors.js';
import type { FactSet } from '../../../src/core/fact.js';
import type { ConfiguredLevels, NodeTarget } from '../../../src/core/target.js';
import type { Collected } from '../../../src/runbooks/definition.js';
import { rsctLevel } from '../../../src/runbooks/diagnostics/rsct-level.js';
import { lpar1, readingOf } from '../cases.js';

type FactFile = Parameters<typeof readingOf>[2];

/** Invented: `rsct.core` as `lslpp -Lcq` lists it, with these levels. */
const filesets = (level: string, state = 'C'): FactFile => ({
  value: [
    { package: 'rsct.core', fileset: 'rsct.core.rmc', level, state, type: 'F' },
    { package: 'rsct.core', fileset: 'rsct.core.utils', level: '3.2.6.10', state: 'C', type: 'F' },
  ],
});

function collected(
  facts: { filesets?: FactFile; level?: FactFile },
  more: { target?: Partial<NodeTarget>; rsctLevels?: ConfiguredLevels } = {},
): Collected<FactSet, FactSet> {
  const level: FactFile = { value: { version: '7200', technologyLevel: 5, servicePack: 3, build: '2148' } };
  const all = { filesets: filesets('3.2.6.2'), level, ...facts };
  return {
    target: { ...lpar1, ...more.target },
    node: {
      ok: true,
      facts: Object.fromEntries(
        Object.entries(all).map(([name, fact]) => [name, readingOf('lpar1', name, fact)]),
      ),
    },
    hmc: null,
    ...(more.rsctLevels === undefined ? {} : { rsctLevels: more.rsctLevels }),
  };
}

const idsOf = (one: Collected<FactSet, FactSet>) =>
  rsctLevel.judge(one).map(({ id, severity }) => [id, severity]);
const powervs: Partial<NodeTarget> = { platform: 'powervs', system: null };

describe('the level of RSCT', () => {
  it.each([
    ['3.2.6.2', []],
    ['3.2.6.10', []],
    ['3.3.0.0', []],
    ['3.2.6.1', [['rsct.level-below-recommended', 'warn']]],
    ['3.1.0.0', [['rsct.level-below-recommended', 'warn']]],
    ['3.0.9.9', [['rsct.level-too-old', 'crit']]],
    ['2.5.10.3', [['rsct.level-too-old', 'crit']]],
    ['3.1.5.0', [['rsct.level-too-old', 'crit']]],
    ['3.2.0.0', [['rsct.level-too-old', 'crit']]],
    ['3.1.5.1', [['rsct.level-below-recommended', 'warn']]],
  ])('%s is judged by number under an HMC', (level, expected) => {
    expect(idsOf(collected({ filesets: filesets(level) }))).toEqual(expected);
  });

  it.each([
    ['3.2.6.2', []],
    ['3.2.1.0', [['rsct.level-below-recommended', 'warn']]],
    ['3.2.0.10', [['rsct.level-too-old', 'crit']]],
    ['3.1.5.0', [['rsct.level-too-old', 'crit']]],
  ])('%s is judged by number on Power Virtual Server', (level, expected) => {
    expect(idsOf(collected({ filesets: filesets(level) }, { target: powervs }))).toEqual(expected);
  });

  it('is held against the settings, and against the defaults where they are silent', () => {
    const settings = { minimum: { hmc: '3.2.5.0' }, recommended: { powervs: '3.2.7.0' } };
    const at = (level: string, target: Partial<NodeTarget> = {}) =>
      idsOf(collected({ filesets: filesets(level) }, { target, rsctLevels: settings }));
    expect(at('3.2.4.9')).toEqual([['rsct.level-too-old', 'crit']]);
    expect(at('3.2.6.1')).toEqual([['rsct.level-below-recommended', 'warn']]);
    expect(at('3.2.6.2')).toEqual([]);
    expect(at('3.2.6.2', powervs)).toEqual([['rsct.level-below-recommended', 'warn']]);
  });

  it('tells what a person does about it, and offers no fix', () => {
    for (const level of ['3.2.5.0', '3.0.0.0', '3.1.5.0']) {
      const [finding] = rsctLevel.judge(collected({ filesets: filesets(level) }));
      expect(finding?.observed).toContain(`rsct.core.rmc ${level}`);
      expect(finding?.observed).toContain('A person updates rsct.core');
      expect(finding?.fixes).toEqual([]);
      expect(finding?.title).toContain(`RSCT ${level} on lpar1`);
    }
  });

  it('does not know whether an interim fix is the one that a level needs', () => {
    const [finding] = rsctLevel.judge(collected({ filesets: filesets('3.1.5.0', 'E') }));
    expect([finding?.severity, finding?.observed]).toEqual(['unknown', expect.stringContaining('emgr -l')]);
  });

  it('is the highest one listed', () => {
    const two = { value: [...listOf(filesets('3.2.0.0')), ...listOf(filesets('3.2.6.2'))] };
    expect(idsOf(collected({ filesets: two }))).toEqual([]);
  });

  it('is said of a healthy LPAR too', () => {
    expect(rsctLevel.remark?.(collected({}))).toBe('rsct.core.rmc 3.2.6.2, AIX 7200-05-03');
    const unread: FactFile = { unread: { class: 'LostError', message: 'stopped' } };
    expect(rsctLevel.remark?.(collected({ level: unread }))).toBe('rsct.core.rmc 3.2.6.2');
    expect(rsctLevel.remark?.(collected({ filesets: unread }))).toBeNull();
  });
});

describe('RSCT that is not there', () => {
  it.each([
    ['lslpp says so', { failure: { code: null, message: 'lslpp: Fileset rsct.* not installed.' } }],
    ['the fileset is missing', { value: listOf(filesets('3.2.6.2')).slice(1) }],
    ['it is broken', filesets('3.2.6.2', 'B')],
    ['it is inconsistent', filesets('3.2.6.2', '?')],
  ] as const)('is critical where %s', (_why, facts) => {
    expect(idsOf(collected({ filesets: facts }))).toEqual([['rsct.not-installed', 'crit']]);
  });
});

describe('a level that was not read', () => {
  it.each<[string, FactFile]>([
    ['timed out', { unread: { class: 'LostError', message: 'stopped after 20 s' } }],
    ['was not understood', { unread: { class: 'ParseError', message: 'line 2', line: '?' } }],
    ['is another failure', { failure: { code: '0504-132', message: '0504-132 lslpp: no' } }],
  ])('is unknown where it %s', (_why, facts) => {
    expect(idsOf(collected({ filesets: facts }))).toEqual([['fact.unreadable', 'unknown']]);
  });

  it.each<[string, ErrorInfo, string, string]>([
    [
      'was not reached',
      { class: 'ConnectError', reason: 'timed-out', message: 'x' },
      'node.unreachable',
      'unknown',
    ],
    [
      'refused the login',
      { class: 'ConnectError', reason: 'login-refused', message: 'x' },
      'node.login-refused',
      'unknown',
    ],
    [
      'shows another host key',
      { class: 'ConnectError', reason: 'host-key-changed', message: 'x' },
      'node.host-key-changed',
      'crit',
    ],
    ['failed in another way', { class: 'Bug', message: 'x' }, 'fact.unreadable', 'unknown'],
  ])('is not judged where the node %s', (_why, error, id, severity) => {
    const findings = rsctLevel.judge({ ...collected({}), node: { ok: false, error } });
    expect(findings.map((one) => [one.id, one.severity])).toEqual([[id, severity]]);
    expect(findings[0]).not.toHaveProperty('symptom');
    expect(findings[0]?.title).not.toContain('RMC');
  });
});

function listOf(file: FactFile): readonly unknown[] {
  return 'value' in file ? (file.value as readonly unknown[]) : [];
}
