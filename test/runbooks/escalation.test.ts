import { describe, expect, it } from 'vitest';
import { escalationBundle, escalationQuestions } from '../../src/runbooks/escalation.js';
import { judge } from '../../src/runbooks/judge.js';
import { collectedOf, readingOf } from './cases.js';

const at = '2030-05-02T06:00:00.000Z';

function bundleOf(name: string) {
  const collected = collectedOf(name);
  return escalationBundle(collected, judge(escalationQuestions, collected, at, 800));
}

describe('the file for a support case', () => {
  it('has the verdict, all evidence, what was not read and why, and what to run besides', () => {
    const { filename, content } = bundleOf('drm-down');
    expect(filename).toBe('lpar1-rmc-evidence.txt');
    expect(content).toMatch(/^RMC on lpar1: crit\n/);
    expect(content).toContain('rmc.drm-down');
    for (const asked of ['snap -gtkc', 'ctsnap -x runrpttr', 'pedbg -c -q 4', '(date)'])
      expect(content).toContain(asked);
    const hmc = collectedOf('drm-down').hmc;
    for (const name of Object.keys(hmc?.ok === true ? hmc.facts : {}))
      expect(content).toContain(`  ${name}: `);
    expect(bundleOf('hang').content).toContain('not read: ');
    expect(bundleOf('node-unreachable').content).toContain('not reached: ');
    expect(bundleOf('powervs-not-heard').content).toContain('No HMC of ours sees this LPAR.');
  });

  it('shows foreign control characters and keeps secrets out', () => {
    const collected = collectedOf('healthy');
    const reading = readingOf('lpar1', 'oslevel', { value: 1 });
    const evidence = { ...reading.evidence, excerpt: 'a\u001b[31mred \u202etxt.exe password=hunter2secret' };
    const facts = { ...(collected.node.ok ? collected.node.facts : {}), level: { ...reading, evidence } };
    const whole = { ...collected, node: { ok: true, facts } } as unknown as typeof collected;
    const { content } = escalationBundle(whole, judge(escalationQuestions, collected, at, 1));
    expect(content).toContain('a\\u001b[31mred \\u202etxt.exe');
    expect(content).not.toContain('hunter2secret');
  });

  it('asks for the clock besides what the diagnostic asks', () => {
    expect(Object.keys(escalationQuestions.node)).toContain('clock');
  });
});
