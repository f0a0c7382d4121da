import { describe, expect, it } from 'vitest';
import { spreadFaults } from './faults.js';
import { marked, marksOf, namesOf, renamed, taped, unmarked } from './tape.js';

describe('faults', () => {
  it('hit just the shares that were asked for, the same hosts each time, and spread over all', () => {
    const hosts = Array.from({ length: 1000 }, (_, at) => `h${at}`);
    const faults = spreadFaults(hosts, { refused: 0.05, hang: 0.02, cut: 0.02, garbage: 0.01 });
    const count = (kind: string) => [...faults.values()].filter((fault) => fault === kind).length;
    expect([count('refused'), count('hang'), count('cut'), count('garbage')]).toEqual([50, 20, 20, 10]);
    expect(spreadFaults(hosts, { refused: 0.05, hang: 0.02, cut: 0.02, garbage: 0.01 })).toEqual(faults);
    const inFirstTenth = hosts.slice(0, 100).filter((host) => faults.has(host)).length;
    expect(inFirstTenth).toBeGreaterThan(3);
    expect(inFirstTenth).toBeLessThan(25);
  });

  it('never hit more hosts than there are', () => {
    expect(spreadFaults(['a', 'b'], { refused: 1, hang: 1 }).size).toBe(2);
    expect(spreadFaults([], { refused: 1 }).size).toBe(0);
  });
});

describe('the names on a tape', () => {
  it('are taken out and put back without a trace', () => {
    const names = namesOf(17, 3);
    const text = Object.values(taped).join(' | ');
    const there = renamed(text, taped, names);
    for (const name of Object.values(taped)) expect(there).not.toContain(name);
    expect(renamed(there, names, taped)).toBe(text);
  });

  it('are different ones for each system', () => {
    const all = Array.from({ length: 300 }, (_, index) => namesOf(index, index));
    for (const key of [
      'system',
      'serial',
      'nodes',
      'network',
      'nodeIds',
      'hmc',
      'hmcAddress',
      'hmcNodeId',
    ] as const)
      expect(new Set(all.map((names) => names[key])).size).toBe(300);
    expect(all.every(({ nodeIds, hmcNodeId }) => nodeIds.length === 12 && hmcNodeId.length === 16)).toBe(
      true,
    );
  });

  it('and the marks of a script', () => {
    const script = 'f=@abc123 w= r=\n mkdir /tmp/aixops.0123456789abcdef\n';
    const marks = marksOf(script);
    if (marks === null) throw new Error('not found');
    expect(unmarked(script, marks)).not.toContain('abc123');
    expect(marked(unmarked(script, marks), marks)).toBe(script);
    expect(marksOf('ls\n')).toBeNull();
  });
});
