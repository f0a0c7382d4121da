import { describe, expect, it } from 'vitest';
import type { Evidence, Reading } from '../../src/core/fact.js';
import type { Outcome } from '../../src/core/outcome.js';
import { clockFace, type ClockFace } from '../../src/aix/date.js';
import { peerNames, tryFacts, tryReading, zonesOf } from '../../src/runbooks/cluster-probe.js';
import { clusterOf } from './clusters.js';

const evidence: Evidence = { target: 'erp1', command: '/usr/sbin/clrsh erp2 /usr/bin/date', excerpt: '' };
const ended = (
  exitCode: number | null,
  stdout = '',
  stderr = '',
  how: Outcome['ended'] = 'exited',
): Outcome => ({
  ended: how,
  exitCode,
  signal: null,
  stdout,
  stderr,
  durationMs: 1,
});
const face = (text: string): ClockFace => {
  const read = clockFace(text);
  if (read === null) throw new Error(text);
  return read;
};
const clockAt = (text: string): Reading<ClockFace> => ({ kind: 'value', value: face(text), evidence });
const zones = [zonesOf(clusterOf({}).nodes[0]?.node)];
const unread: Reading<{ output: string }> = {
  kind: 'unread',
  error: { class: 'CommandError', message: 'no' },
  evidence,
};

function answered(output: string, callerUtc = clockAt('2026-11-03T10:00:00Z')) {
  return tryReading({ kind: 'value', value: { output }, evidence }, { outcome: ended(0), callerUtc, zones });
}

describe('the name that clrsh is given', () => {
  const called = (hostname: string, local: string | null) => ({
    hostname: { value: { name: hostname } },
    members:
      local === null
        ? { failure: 'lscluster: Cluster services are not active.' }
        : { value: [{ name: local, state: 'UP', isLocal: true, pointsOfContact: 0 }] },
  });
  const namesWith = (nodes: Parameters<typeof clusterOf>[0]['nodes']) =>
    Object.fromEntries(peerNames(clusterOf({ nodes: nodes ?? {} }).nodes));

  it('is the inventory’s where the node bears it, alone or before its domain', () => {
    expect(namesWith({})).toEqual({ erp1: 'erp1', erp2: 'erp2' });
    expect(namesWith({ erp2: called('ERP2.example.com', null) })).toEqual({ erp1: 'erp1', erp2: 'erp2' });
  });

  it('is what the cluster calls the node, where that is another name', () => {
    expect(namesWith({ erp2: called('db7', 'db7.example.com') }).erp2).toBe('db7.example.com');
    expect(namesWith({ erp2: called('db7', null) }).erp2).toBe('db7');
  });

  it('is the inventory’s where the node was not reached, or says nothing', () => {
    expect(namesWith({ erp2: 'unreachable' }).erp2).toBe('erp2');
    expect(namesWith({ erp2: { hostname: null, members: null } }).erp2).toBe('erp2');
  });

  it.each(['-rf', 'a b', '$(reboot)', 'x;y', 'é', 'a'.repeat(65), ''])('is never %j', (name) => {
    expect(namesWith({ erp2: called(name, name) }).erp2).toBe('erp2');
    expect(() => tryFacts(name)).toThrow(TypeError);
  });

  it('is never another node’s: its pairs would be tried against that one', () => {
    expect(namesWith({ erp2: called('erp1', 'erp1.example.com') })).toEqual({ erp1: 'erp1', erp2: 'erp2' });
  });
});

describe('one try of a pair', () => {
  it('answered where the date is now, in the zone that the node itself names', () => {
    expect(answered('Tue Nov  3 11:00:05 CET 2026')).toMatchObject({ kind: 'value' });
    expect(answered('Tue Nov  3 10:01:59 UTC 2026')).toMatchObject({ kind: 'value' });
  });

  it('failed where the date is more than 120 s away, in either direction', () => {
    for (const date of [
      'Tue Nov  3 10:02:01 UTC 2026',
      'Tue Nov  3 09:57:59 UTC 2026',
      'Tue Nov  3 10:00:00 CET 2026',
    ])
      expect(answered(date), date).toMatchObject({ kind: 'failure' });
  });

  it('is unread where its zone is nobody’s, or the caller’s clock was not read', () => {
    expect(answered('Tue Nov  3 11:00:05 XYZ 2026').kind).toBe('unread');
    expect(
      answered('Tue Nov  3 11:00:05 CET 2026', {
        kind: 'unread',
        error: { class: 'LostError', message: 'x' },
        evidence,
      }).kind,
    ).toBe('unread');
    expect(answered('Tue Feb 31 11:00:05 CET 2026').kind).toBe('unread');
  });

  const ground = (outcome: Outcome | undefined) => ({
    outcome,
    callerUtc: clockAt('2026-11-03T10:00:00Z'),
    zones,
  });

  it('failed where clcomd says so, whatever the exit status', () => {
    const failure = {
      kind: 'failure',
      failure: { code: null, message: 'Communication error, see logfile' },
      evidence,
    } as const;
    expect(tryReading(failure, ground(ended(0)))).toBe(failure);
  });

  it('failed where it hung or ended badly', () => {
    expect(tryReading(unread, ground(ended(null, '', '', 'timed-out')))).toMatchObject({
      kind: 'failure',
      failure: { message: 'It did not answer within 30 s.' },
    });
    expect(tryReading(unread, ground(ended(255, '', 'no such node\n')))).toMatchObject({
      kind: 'failure',
      failure: { message: 'clrsh exited 255: no such node' },
    });
    expect(tryReading(unread, ground(ended(1)))).toMatchObject({ kind: 'failure' });
  });

  it.each([
    ['clrsh is not there', ended(127)],
    ['it could not be started', ended(126)],
    ['sudo refused it', ended(1, '', 'sudo: a password is required\n')],
    ['the connection was lost', ended(null, '', '', 'lost')],
    ['it printed something else and succeeded', ended(0, 'hello\n')],
    ['it was not run', undefined],
  ] as const)('is unread, and no failure of the pair, where %s', (_what, outcome) => {
    expect(tryReading(unread, ground(outcome)).kind).toBe('unread');
  });
});
