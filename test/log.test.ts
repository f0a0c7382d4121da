import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { KnownSecrets } from '../src/core/known-secrets.js';
import { createLog, type Logger } from '../src/log.js';
import { noteInLog, withLogFields } from '../src/log-fields.js';

const held = 'Held-By-The-Bot-1';

function logging(): { readonly log: Logger; readonly lines: () => readonly Record<string, unknown>[] } {
  const texts: string[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      texts.push(chunk.toString());
      done();
    },
  });
  const log = createLog('debug', new KnownSecrets([held]), sink);
  return { log, lines: () => texts.map((text) => JSON.parse(text) as Record<string, unknown>) };
}

/** An error as HTTP clients make them: the whole request hangs on it. */
function requestError(): Error {
  const request = { headers: { Authorization: `Bearer ${held}` }, config: { token: 'canary-1' } };
  const original = Object.assign(new Error(`refused with password=canary-2`), {
    request,
    code: 'ECONNRESET',
  });
  return Object.assign(new Error(`An API error occurred: ${held}`), {
    original,
    data: { token: 'canary-3' },
    request,
  });
}

describe('a line of the log', () => {
  it('has of an error its type, words, stack, code and causes, and nothing that hangs on it', () => {
    const { log, lines } = logging();
    log.error({ err: requestError(), jobId: 'j1' }, 'a job failed');
    const [line] = lines();
    const text = JSON.stringify(line);
    expect(text).not.toMatch(/canary/);
    expect(text).not.toContain(held);
    expect(line).toMatchObject({
      jobId: 'j1',
      msg: 'a job failed',
      err: {
        type: 'Error',
        message: 'An API error occurred: «redacted»',
        cause: { type: 'Error', message: 'refused with password=«redacted»', code: 'ECONNRESET' },
      },
    });
  });

  it('stays one JSON object a line whatever is in it: a cut-off key, quotes in quotes, line ends', () => {
    const { log, lines } = logging();
    const begin = ['-----BEGIN', 'PRIVATE', 'KEY-----'].join(' ');
    log.warn(
      { said: `${begin}\nMIIcanary`, json: '{"password":"canary \\" x"}', deep: [{ a: `x ${held} y` }] },
      'odd',
    );
    const [line] = lines();
    expect(line).toMatchObject({ said: '«redacted»', deep: [{ a: 'x «redacted» y' }], msg: 'odd' });
    expect(JSON.stringify(line)).not.toMatch(/MIIcanary|canary \\/);
  });

  it('ends with an error that is its own cause', () => {
    const { log, lines } = logging();
    const error: Error & { cause?: unknown } = new Error('round');
    error.cause = error;
    log.error({ err: error }, 'x');
    expect(lines()).toHaveLength(1);
  });
});

describe('the fields of the work under way', () => {
  it('are in each of its lines, and in no other, however much happens at once', async () => {
    const { log, lines } = logging();
    const work = (job: string, waits: number) =>
      withLogFields({ job }, async () => {
        for (let i = 0; i < waits; i += 1) await Promise.resolve();
        noteInLog({ actor: `of-${job}` });
        await new Promise((resolve) => setImmediate(resolve));
        log.info({ step: 1 }, 'inside');
        withLogFields({ change: 'c-1' }, () => log.info('deeper'));
      });
    noteInLog({ lost: 'yes' });
    await Promise.all([work('a', 3), work('b', 1)]);
    log.info('outside');
    const of = (job: string) => lines().filter((line) => line['job'] === job);
    for (const job of ['a', 'b'])
      expect(of(job)).toMatchObject([
        { msg: 'inside', actor: `of-${job}`, step: 1 },
        { msg: 'deeper', actor: `of-${job}`, change: 'c-1' },
      ]);
    const outside = lines().find(({ msg }) => msg === 'outside');
    expect(Object.keys(outside ?? {}).sort()).toEqual(['level', 'msg', 'time']);
  });

  it('give way to what a line says itself, and are searched for secrets like it', () => {
    const { log, lines } = logging();
    withLogFields({ queue: 'read', said: `x ${held}` }, () => log.info({ queue: 'change' }, 'one'));
    expect(lines()).toMatchObject([{ queue: 'change', said: 'x «redacted»' }]);
  });

  it('tell the trace where there is one', () => {
    const texts: string[] = [];
    const sink = { write: (line: string) => void texts.push(line) };
    const log = createLog('info', new KnownSecrets([]), sink, () => ({ traceId: 't1', spanId: 's1' }));
    log.info('one');
    expect(JSON.parse(texts[0] ?? '')).toMatchObject({ trace_id: 't1', span_id: 's1', msg: 'one' });
  });
});
