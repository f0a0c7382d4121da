import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import { diagnostics, findDiagnostic, findFix, fixes, fixesFor } from '../../src/runbooks/index.js';
import { subjectOf } from '../../src/slack/views/words.js';
import { caseNames, collectedOf } from './cases.js';

describe('the registry of runbooks', () => {
  it('finds what it has', () => {
    expect(findDiagnostic('rmc')).toBe(diagnostics[0]);
    expect(findFix('rmc-restart').risk).toBe('medium');
    expect(findFix('rmc-enable-remote').risk).toBe('low');
  });

  it('asks whether a near name was meant', () => {
    expect(() => findFix('rmc-restrat')).toThrow(
      new UsageError('Unknown fix "rmc-restrat". Did you mean rmc-restart?', 'Did you mean rmc-restart?'),
    );
    expect(() => findDiagnostic('rmx')).toThrow('Did you mean rmc?');
  });

  it('lists what there is for a name that is near to none', () => {
    expect(() => findFix('reboot')).toThrow(`Known: ${fixes.map((fix) => fix.id).join(', ')}.`);
  });

  it('offers for findings the fixes that may cure them', () => {
    expect(fixesFor(['rmc.drm-down']).map((fix) => fix.id)).toEqual(['rmc-restart']);
    expect(fixesFor(['rmc.lpar-not-running'])).toEqual([]);
  });

  it('has words for every diagnostic: what it looks at', () => {
    for (const { id } of diagnostics)
      expect(subjectOf(id), `src/slack/views/words.ts, subjects: ${id}`).not.toBe(id);
  });

  it('has every fix that a finding suggests, and the fix says that it cures it', () => {
    for (const name of caseNames)
      for (const finding of findDiagnostic('rmc').judge(collectedOf(name)))
        for (const id of finding.fixes) expect(findFix(id).cures, name).toContain(finding.id);
  });

  it('reads only, by command', () => {
    for (const one of [...diagnostics, ...fixes])
      for (const fact of 'node' in one ? Object.values(one.node) : [])
        expect(fact.command.effect).toBe('read');
  });
});
