import { describe, expect, it } from 'vitest';
import { nextLook } from '../../jobs/check.js';
import type { Change, JournalEntry } from '../../src/approval/states.js';
import { planOf } from '../runbooks/fixes/cluster-ground.js';

const plan = planOf('clcomd-refresh', { tries: { 'erp1>erp2': 'xxx' } });
const settings = { gapMs: 60_000, pollMs: 30_000, deadlineMs: 900_000 };
const start = Date.parse('2026-11-03T10:00:00.000Z');

function read(seconds: number, agreed: boolean, mark?: string): JournalEntry {
  const at = new Date(start + seconds * 1000).toISOString();
  return { kind: 'read', at, agreed, note: 'seen', ...(mark !== undefined && { mark }) };
}

function after(...journal: JournalEntry[]) {
  const history = [{ at: new Date(start).toISOString(), move: 'verify', by: 'worker', note: '' }];
  const change = { plan, journal, history } as unknown as Change;
  return nextLook(change, start + 120_000, settings).kind;
}

describe('reads in a row', () => {
  it('count together while they are about the same processes', () => {
    expect(after(read(1, true, 'erp1:1 erp2:2'), read(61, true, 'erp1:1 erp2:2'))).toBe('verified');
    expect(after(read(1, true), read(61, true))).toBe('verified');
  });

  it('start anew where clcomd was started again in between, or did not agree', () => {
    expect(after(read(1, true, 'erp1:1 erp2:2'), read(61, true, 'erp1:1 erp2:9'))).toBe('wait');
    expect(after(read(1, true, 'a'), read(31, false), read(61, true, 'a'))).toBe('wait');
    expect(after(read(1, true, 'a'), read(31, true, 'b'), read(61, true, 'b'))).toBe('verified');
  });
});
