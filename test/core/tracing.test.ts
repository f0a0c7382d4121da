import { describe, expect, it } from 'vitest';
import { readTraceParent, untraced } from '../../src/core/tracing.js';

const [trace, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];

describe('a kept place in a trace', () => {
  it('is read as W3C Trace Context writes it', () => {
    expect(readTraceParent(`00-${trace}-${span}-01`)).toEqual({
      traceId: trace,
      spanId: span,
      isSampled: true,
    });
    expect(readTraceParent(`00-${trace}-${span}-00`)?.isSampled).toBe(false);
    expect(readTraceParent(`00-${trace}-${span}-03`)?.isSampled).toBe(true);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['a value with its own text', { toString: () => `00-${trace}-${span}-01` }],
    ['an empty string', ''],
    ['another version', `01-${trace}-${span}-01`],
    ['a trace of zeroes', `00-${'0'.repeat(32)}-${span}-01`],
    ['a span of zeroes', `00-${trace}-${'0'.repeat(16)}-01`],
    ['capitals', `00-${trace.toUpperCase()}-${span}-01`],
    ['more behind it', `00-${trace}-${span}-01-x`],
    ['a line end behind it', `00-${trace}-${span}-01\n`],
    ['markup', `00-${trace}-${span}-<!channel>`],
    ['a megabyte', 'a'.repeat(1_000_000)],
  ])('is not read from %s', (_what, value) => {
    expect(readTraceParent(value)).toBeNull();
  });
});

describe('tracing that is off', () => {
  it('does the work and nothing else', async () => {
    const kept = { parent: `00-${trace}-${span}-01` };
    expect(await untraced.span('a', {}, () => Promise.resolve(1))).toBe(1);
    const within = untraced.under(kept, 'a', {}, (span) => {
      span.set({ a: 1 });
      return Promise.resolve(2);
    });
    expect(await within).toBe(2);
    await expect(untraced.span('a', {}, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect([untraced.current(), untraced.keep(), untraced.queues]).toEqual([null, undefined, undefined]);
  });
});
