import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { showVerdicts } from '../../jobs/show-verdicts.js';
import { cardKeyOf } from '../../jobs/show.js';
import type { Request } from '../../src/core/request.js';
import type { Verdict } from '../../src/core/verdict.js';
import { openDeskBench, type DeskBench } from '../desk/desk-bench.js';
import { finding, healthy, sweep, verdict } from '../slack/views/examples.js';
import { textIn } from './stored.js';

let bench: DeskBench;
beforeAll(async () => {
  bench = await openDeskBench();
});
afterAll(async () => {
  await bench.stop();
});
beforeEach(async () => {
  await bench.fresh();
});

const ill = (name: string, severity: 'crit' | 'warn' = 'crit') =>
  verdict(name, [finding({ severity, title: `RMC is down on ${name}` })], severity);
const named = (letter: string, count: number, make: (name: string) => Verdict) =>
  Array.from({ length: count }, (_, at) => make(`${letter}${at + 1}`));
const requestOf = (verdicts: readonly Verdict[], more: Partial<Request> = {}): Request => ({
  ...{ ...sweep, phase: 'done', offers: [] },
  ...{ verdicts, total: verdicts.length, done: verdicts.length, ...more },
});

const textOf = (name: string): Promise<string> => textIn(bench, `${cardKeyOf(sweep)}:${name}`);

/** What stands in the thread, by the names behind the card's: `target:…`, `crowd`, `healthy` and files. */
async function thread(): Promise<readonly string[]> {
  const entries = await bench.outbox.queue(sweep.origin.channel, 1_000);
  return entries.map(({ key }) => key.slice(cardKeyOf(sweep).length + 1));
}
const alone = async (): Promise<readonly string[]> =>
  (await thread()).filter((name) => name.startsWith('target:') && !name.endsWith(':file'));

describe('the thread of a request with very many that are not healthy', () => {
  it('has a message for each of the worst fifty, and one with a file for all others', async () => {
    const all = [
      ...named('a', 40, healthy),
      ...named('w', 70, (n) => ill(n, 'warn')),
      ...named('c', 30, ill),
    ];
    await showVerdicts(requestOf(all), all, bench);
    const own = await alone();
    expect(own).toHaveLength(50);
    expect(own.filter((name) => name.startsWith('target:c'))).toHaveLength(30);
    expect(await textOf('crowd')).toContain('50 more LPARs are not healthy:* 50 warning.');
    expect(await textOf('healthy')).toContain('*40 LPARs* healthy');
    expect((await thread()).filter((name) => name.endsWith(':file'))).toEqual(['crowd:file']);
    const file = (await bench.outbox.get(`${cardKeyOf(sweep)}:crowd:file`))?.content;
    const content = file?.kind === 'file' ? file.file.content : '';
    // Each of the 140 is told of in one place.
    const told = [...content.matchAll(/^(w\d+): warning, read/gm)].map(([, name]) => `target:${name}`);
    expect(new Set([...own, ...told]).size).toBe(100);
    const before = await thread();
    await showVerdicts(requestOf(all), all, bench);
    expect(await thread()).toEqual(before);
  });

  it('has no such message where there are no more than fifty', async () => {
    const all = [...named('a', 40, healthy), ...named('c', 50, ill)];
    await showVerdicts(requestOf(all), all, bench);
    expect(await alone()).toHaveLength(50);
    expect(await thread()).not.toContain('crowd');
  });

  it('tells of a second read where the first one was told of', async () => {
    const others = [...named('a', 5, healthy), ...named('c', 49, ill)];
    const first = ['s1', 's2', 's3', 's4'].map((name) => ill(name, 'warn'));
    const secondRead = { at: '2026-03-04T03:12:00.000Z', targets: ['s1', 's2', 's3', 's4'] };
    const waiting = requestOf([...others, ...first], { phase: 'waiting', secondRead });
    await showVerdicts(waiting, waiting.verdicts, bench);
    const own = await alone();
    expect(own.filter((name) => name.startsWith('target:s'))).toEqual(['target:s1']);
    expect(await textOf('crowd')).toContain('3 more LPARs');
    const second = [healthy('s1'), healthy('s2'), ill('s3', 'warn'), ill('s4', 'warn')];
    await showVerdicts(requestOf([...others, ...second], { secondRead }), second, bench);
    expect(await textOf('target:s1')).toContain('healthy');
    expect(await textOf('crowd')).toContain('2 more LPARs');
    expect(await textOf('crowd')).toContain('s3, s4');
    expect(await textOf('healthy')).toContain('*6 LPARs* healthy: a1, a2, a3, a4, a5, s2');
    expect(await alone()).toEqual(own);
  });

  it('leaves the other messages as they are where the second read is of those with one of their own', async () => {
    const others = [...named('a', 20, healthy), ...named('c', 3, ill)];
    const secondRead = { at: '2026-03-04T03:12:00.000Z', targets: ['s1'] };
    const waiting = requestOf([...others, ill('s1', 'warn')], { phase: 'waiting', secondRead });
    await showVerdicts(waiting, waiting.verdicts, bench);
    const version = async () => (await bench.outbox.get(`${cardKeyOf(sweep)}:healthy`))?.version;
    const before = await version();
    await showVerdicts(requestOf([...others, healthy('s1')], { secondRead }), [healthy('s1')], bench);
    expect(await textOf('target:s1')).toContain('healthy');
    expect(await version()).toBe(before);
  });
});
