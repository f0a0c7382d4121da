import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Change } from '../../src/approval/states.js';
import { findPart, installLine } from '../lab/system-parts.js';
import type { CollectedSpan } from '../tracing/collector.js';
import { collectorToken, openTracesBench, type LogLine, type TracesBench } from './traces-bench.js';

const run = promisify(execFile);
let bench: TracesBench;

beforeAll(async () => {
  bench = await openTracesBench('tracing: { link: "https://traces.example.net/trace/{traceId}" }');
}, 120_000);
afterAll(async () => {
  await bench.stop();
}, 60_000);

const ofTrace = (spans: readonly CollectedSpan[], traceId: string | undefined) =>
  spans.filter((span) => span.traceId === traceId);

/** Names from a span up to the first of its trace. */
function path(span: CollectedSpan | undefined, spans: readonly CollectedSpan[]): readonly string[] {
  if (span === undefined) return [];
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  if (parent === undefined && span.parentSpanId !== '') return [span.name, 'MISSING'];
  return [span.name, ...path(parent, spans)];
}

const linesOf = (lines: readonly LogLine[], traceId: string) =>
  lines.filter((line) => line['trace_id'] === traceId);

const traceOn = (text: string): string => /trace `(?<id>[0-9a-f]{32})`/.exec(text)?.groups?.['id'] ?? '';

describe('a slash command, with a collector named by the standard variable', { timeout: 120_000 }, () => {
  let spans: readonly CollectedSpan[] = [];
  let first: CollectedSpan | undefined;
  let card = '';

  beforeAll(async () => {
    await bench.type('/rmc-status', 'lpar6');
    card = JSON.stringify((await bench.seen('lpar6', 'remote clients are disabled')).blocks);
    const traceId = traceOn(card);
    spans = await bench.collected('the command and its last message', (all) => {
      const names = ofTrace(all, traceId).map(({ name }) => name);
      return (
        names.includes('slack command') && names.includes('job diagnose') && names.includes('slack post')
      );
    });
    spans = ofTrace(spans, traceId);
    first = spans.find(({ parentSpanId }) => parentSpanId === '');
  }, 120_000);

  it('is one trace over both processes: command, queue, job, SSH and the answer', () => {
    expect(first).toMatchObject({ name: 'slack command', attributes: { 'aixops.command': '/rmc-status' } });
    expect(
      path(
        spans.find(({ name }) => name === 'ssh read'),
        spans,
      ),
    ).toEqual(['ssh read', 'job diagnose', 'process read', 'add read.diagnose', 'slack command']);
    expect(
      path(
        spans.find(({ name }) => name === 'ssh connect'),
        spans,
      ).at(-1),
    ).toBe('slack command');
    expect(spans.some(({ name }) => name.startsWith('hmc '))).toBe(true);
    for (const span of spans) expect(path(span, spans).at(-1)).toBe('slack command');
    const roles = (name: string) => spans.find((one) => one.name === name)?.resource;
    expect(roles('slack command')).toMatchObject({
      'service.name': 'aixops',
      'aixops.role': 'bot',
      'deployment.environment.name': 'test',
    });
    expect(roles('job diagnose')).toMatchObject({ 'service.name': 'aixops', 'aixops.role': 'worker' });
    expect(roles('slack post')).toMatchObject({ 'aixops.role': 'bot' });
  });

  it('tells each remote command with how it ended', () => {
    const read = spans.find(({ name }) => name === 'ssh read');
    expect(read?.attributes).toMatchObject({ 'aixops.target': 'lpar6', 'aixops.target.kind': 'node' });
    expect(read?.events.length).toBeGreaterThan(3);
    for (const { name, attributes } of read?.events ?? []) {
      expect(name).toBe('remote command');
      expect(attributes).toMatchObject({ 'aixops.ended': 'exited' });
      expect(attributes['aixops.program']).toMatch(/^\/[\w/.-]+$/);
    }
  });

  it('has its id on the card, with a link to where traces are looked at', () => {
    expect(traceOn(card)).toBe(first?.traceId);
    expect(card).toContain(`<https://traces.example.net/trace/${first?.traceId ?? ''}|open>`);
  });

  it('is in each line of the log that belongs to it, in both processes', () => {
    const id = first?.traceId ?? '';
    const [worker, bot] = [linesOf(bench.log('worker'), id), linesOf(bench.log('bot'), id)];
    expect(bot).toMatchObject([{ msg: 'a request is queued', job: 'diagnose', actor: 'UALICE' }]);
    const job = { queue: 'read', job: 'diagnose', actor: 'UALICE', request: bot[0]?.['request'] };
    expect(worker).toMatchObject([
      { ...job, msg: 'a job begins', level: 30 },
      { ...job, msg: 'a job ended', level: 30, outcome: 'done' },
    ]);
    expect(worker[0]?.['jobId']).toBe(`diagnose-${String(bot[0]?.['request'])}`);
    expect(typeof worker[1]?.['ms']).toBe('number');
  });
});

describe('a change, from the question to the second read', { timeout: 120_000 }, () => {
  let spans: readonly CollectedSpan[] = [];
  let change: Change;
  let traceId = '';

  beforeAll(async () => {
    await bench.type('/rmc-fix', 'lpar6 rmc-enable-remote');
    const card = await bench.seen('Approval needed', 'lpar6');
    traceId = traceOn(JSON.stringify(card.blocks));
    await bench.press(card, 'approve', 'UBOB');
    await bench.seen('Done and verified', 'lpar6');
    const [key = ''] = (await bench.redis.keys('*change:c-*')).filter((one) => !one.includes('seen'));
    change = JSON.parse((await bench.redis.hget(key, 'doc')) ?? '') as Change;
    const jobs = (all: readonly CollectedSpan[]) =>
      ofTrace(all, traceId).filter(({ name }) => name === 'job apply-fix');
    spans = await bench.collected('the end of the change', (all) => {
      const ended = jobs(all).some(({ attributes }) => attributes['aixops.state'] === 'verified');
      return ended && all.some(({ name }) => name === 'slack click');
    });
  }, 120_000);

  it('is in the trace in which it was asked for, whoever set its parts off', () => {
    const own = ofTrace(spans, traceId);
    const jobs = own.filter(({ name }) => name === 'job apply-fix');
    // The approval, and at least one look that a delayed job had: the two reads are a second apart.
    expect(jobs.length).toBeGreaterThan(1);
    expect(jobs.at(-1)?.attributes).toMatchObject({ 'aixops.change': change.id, 'aixops.target': 'lpar6' });
    expect(own.some(({ name }) => name === 'job propose-fix')).toBe(true);
    const step = own.find(({ name }) => name === 'change step');
    expect(path(step, own).slice(0, 2)).toEqual(['change step', 'job apply-fix']);
    expect(step?.attributes).toMatchObject({
      'aixops.change': change.id,
      'aixops.step.effect': 'idempotent',
      'aixops.outcome': 'exited',
      'aixops.exit_code': 0,
    });
    expect(
      path(
        own.find(({ name }) => name === 'ssh script'),
        own,
      ),
    ).toContain('change step');
  });

  it('is linked from the click that approved it, which is a trace of its own', () => {
    const click = spans.find(({ name }) => name === 'slack click');
    expect(click?.attributes).toMatchObject({ 'aixops.action': 'approve' });
    expect(click?.traceId).not.toBe(traceId);
    expect(click?.links.map((link) => link.traceId)).toEqual([traceId]);
    const begun = ofTrace(spans, traceId).find(({ links }) => links[0]?.traceId === click?.traceId);
    expect(begun?.name).toBe('job apply-fix');
  });

  it('is followed in the log by its id, each line with its job, its target and who asked', () => {
    const lines = bench.log('worker').filter((line) => line['change'] === change.id);
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines)
      expect(line).toMatchObject({ trace_id: traceId, job: 'apply-fix', target: 'lpar6', actor: 'UALICE' });
    expect(lines.at(-1)).toMatchObject({ msg: 'a job ended', outcome: 'done', state: 'verified' });
    expect(bench.log('bot')).toContainEqual(
      expect.objectContaining({ msg: 'a change was decided', change: change.id, actor: 'UBOB' }),
    );
  });

  it('puts no person, no secret, nothing typed and nothing printed into a span', async () => {
    await bench.type('/rmc-status', 'password=canary-typed-1 lpar6');
    await bench.collected(
      'the last command',
      (all) => all.filter(({ name }) => name === 'slack command').length > 2,
    );
    const text = bench.collector.bodies().join('\n');
    const printed = change.journal
      .flatMap((entry) => (entry.kind === 'capture' ? entry.output.split('\n') : []))
      .map((line) => line.trim())
      .filter((line) => line.length > 12);
    expect(printed.length).toBeGreaterThan(0);
    const { botToken, appToken } = bench.slack;
    for (const one of ['UALICE', 'UBOB', 'canary-typed-1', collectorToken, botToken, appToken, ...printed])
      expect(text).not.toContain(one);
    expect(bench.collector.headers()[0]?.authorization).toBe(`Bearer ${collectorToken}`);
  });
});

describe('a collector that goes away', { timeout: 120_000 }, () => {
  it('costs spans and a line of the log, and neither answers nor the end of a process', async () => {
    await bench.collector.stop();
    await bench.type('/rmc-status', 'lpar7');
    await bench.seen('lpar7');
    const told = () =>
      [...bench.log('bot'), ...bench.log('worker')].filter(({ msg }) =>
        String(msg).startsWith('tracing has a problem'),
      );
    while (told().length === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(told()[0]).toMatchObject({ level: 40 });
    expect(JSON.stringify(told())).not.toContain(collectorToken);
    expect(await bench.end()).toEqual([0, 0]);
  });

  it('leaves a log that is read as the manual says', async () => {
    const lines = [...bench.log('bot'), ...bench.log('worker')];
    const about = (field: string) =>
      lines.map((line) => line[field]).find((id) => typeof id === 'string') as string;
    writeFileSync(
      join(bench.folder, 'aixops.log'),
      `not JSON\n${lines.map((line) => JSON.stringify(line)).join('\n')}\n`,
    );
    const page = readFileSync(new URL('../../docs/operations/logs.md', import.meta.url), 'utf8');
    const commands = page.split('\n').filter((line) => line.startsWith('jq '));
    expect(commands.length).toBeGreaterThan(3);
    if ((await findPart('jq')) === null) {
      console.log(`not tried: jq is missing. ${installLine('jq')}`);
      return;
    }
    for (const line of commands) {
      const command = line
        .replace('"c-1f0e"', `"${about('change')}"`)
        .replace('"4bf9"', `"${about('trace_id')}"`);
      const { stdout } = await run('/bin/bash', ['-c', command], { cwd: bench.folder });
      expect(stdout.trim(), line).not.toBe('');
    }
  });
});
