import { describe, expect, it } from 'vitest';
import type { FactSet, Reading } from '../../../src/core/fact.js';
import type { Collected, Reached } from '../../../src/runbooks/definition.js';
import { rmc } from '../../../src/runbooks/diagnostics/rmc.js';
import { rmcHmcFactNames, rmcNodeFacts } from '../../../src/runbooks/diagnostics/rmc/facts.js';
import { judge } from '../../../src/runbooks/judge.js';
import { caseNames, collectedOf, readCase, readingOf } from '../cases.js';

const verdictOn = (collected: Collected<FactSet, FactSet>) =>
  judge(rmc, collected, '2026-03-01T06:00:00.000Z', 40);

describe('the verdict on RMC', () => {
  it.each(caseNames)('judges the case %s', (name) => {
    const { expect: expected, what } = readCase(name);
    const verdict = verdictOn(collectedOf(name));
    const findings = verdict.findings.map(({ id, severity, fixes, follows }) => ({
      id,
      severity,
      fixes,
      ...(follows !== undefined && { follows }),
    }));
    expect({ verdict: verdict.verdict, findings }, what).toEqual(expected);
  });

  it.each(caseNames)('names the node, an expectation and an observation in each finding of %s', (name) => {
    for (const finding of verdictOn(collectedOf(name)).findings) {
      expect(finding.title).not.toBe('');
      expect(finding.title).not.toContain('undefined');
      expect(finding.expected).not.toBe('');
      expect(finding.observed).not.toMatch(/^$|undefined/);
      expect(finding).not.toHaveProperty('symptom');
    }
  });

  it('says for a node that was not reached what its HMC says of it', () => {
    const [finding] = verdictOn(collectedOf('node-unreachable')).findings;
    expect(finding?.observed).toBe(
      'no route to host hmc1 says: state Running, rmc_state active, Active:<1>, DCaps:<0x2c5f>.',
    );
  });

  it('says on Power Virtual Server that the other side was not seen', () => {
    const [finding] = verdictOn(collectedOf('powervs-not-heard')).findings;
    expect(finding?.observed).toContain('The HMC’s side is IBM’s and was not seen.');
  });

  it('shows only the lines that prove the point', () => {
    const healthy = collectedOf('healthy');
    const printed =
      'Subsystem         Group            PID          Status\n ctrmc            rsct                          inoperative\n clcomd           caa              4000007      active';
    const subsystems = readings(collectedOf('ctrmc-stopped').node).subsystems as Reading<unknown>;
    const shown = {
      ...subsystems,
      evidence: { target: 'lpar1', command: '/usr/bin/lssrc -a', excerpt: printed },
    };
    const [finding] = verdictOn({
      ...healthy,
      node: withFact(collectedOf('ctrmc-stopped').node, 'subsystems', shown),
    }).findings;
    expect(finding?.evidence).toEqual([
      {
        target: 'lpar1',
        command: '/usr/bin/lssrc -a',
        excerpt: ' ctrmc            rsct                          inoperative',
      },
    ]);
  });
});

describe('a fact that was not read', () => {
  const ways: readonly (readonly [string, (name: string) => Reading<unknown> | undefined])[] = [
    ['missing', () => undefined],
    [
      'timed out',
      (name) => readingOf('lpar1', name, { unread: { class: 'LostError', message: 'stopped after 20 s' } }),
    ],
    [
      'not understood',
      (name) =>
        readingOf('lpar1', name, { unread: { class: 'ParseError', message: 'line 2: "?"', line: '?' } }),
    ],
    [
      'its own failure',
      (name) => readingOf('lpar1', name, { failure: { code: '0513-001', message: '0513-001 no' } }),
    ],
  ];
  const facts = [
    ...Object.keys(rmcNodeFacts).map((name) => ['node', name] as const),
    ...rmcHmcFactNames.map((name) => ['hmc', name] as const),
  ];
  const all = facts.flatMap(([side, name]) => ways.map(([way, make]) => [side, name, way, make] as const));

  it.each(all)('is never ok: %s %s %s', (side, name, _way, make) => {
    const healthy = collectedOf('healthy');
    const changed = { ...healthy, [side]: withFact(healthy[side], name, make(name)) };
    const verdict = verdictOn(changed);
    expect(verdict.verdict).not.toBe('ok');
    expect(verdict.findings).not.toEqual([]);
    expect(rmc.judge(changed).some((finding) => finding.id === 'fact.unreadable')).toBe(true);
  });

  it('covers every fact of the definition', () => {
    const { system } = collectedOf('healthy').target;
    expect(Object.keys(system === null ? {} : rmc.hmc(system))).toEqual(rmcHmcFactNames);
    expect(rmc.node).toBe(rmcNodeFacts);
  });
});

describe('the order of causes', () => {
  it.each(caseNames)('lets nothing follow a follower in %s', (name) => {
    const { findings } = verdictOn(collectedOf(name));
    const roots = new Set(findings.filter((one) => one.follows === undefined).map((one) => one.id));
    for (const one of findings) if (one.follows !== undefined) expect(roots).toContain(one.follows);
  });
});

function readings(side: Reached<FactSet> | null): Record<string, Reading<unknown>> {
  return side?.ok === true ? side.facts : {};
}

function withFact(
  side: Reached<FactSet> | null,
  name: string,
  reading: Reading<unknown> | undefined,
): Reached<FactSet> {
  const facts = Object.entries({ ...readings(side), [name]: reading }).filter(([, one]) => one !== undefined);
  return { ok: true, facts: Object.fromEntries(facts) as Record<string, Reading<unknown>> };
}
