import { describe, expect, it } from 'vitest';
import type { KeptTrace } from '../../../src/core/tracing.js';
import { traceWords } from '../../../src/slack/views/trace.js';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = `00-${id}-00f067aa0ba902b7-01`;

describe('the trace on a card', () => {
  it('is its id, to be copied, and a link where the settings have one', () => {
    expect(traceWords({ parent })).toBe(` · trace \`${id}\``);
    expect(traceWords({ parent, url: `https://t.example.net/${id}` })).toBe(
      ` · trace \`${id}\` (<https://t.example.net/${id}|open>)`,
    );
  });

  it('is nothing where nothing was traced, or nothing was sampled', () => {
    expect(traceWords(undefined)).toBe('');
    expect(traceWords({ parent: `00-${id}-00f067aa0ba902b7-00` })).toBe('');
  });

  it.each(['javascript:alert(1)', 'https://x/|y>', 'https://x/ <!channel>', 'https://x/\n*b*', 7, {}])(
    'is no link to %j, whoever wrote that into the store',
    (url) => {
      expect(traceWords({ parent, url } as KeptTrace)).toBe(` · trace \`${id}\``);
    },
  );

  it.each([null, 'x', 7, [], { parent: '<!channel>' }, { parent: 7 }])(
    'is nothing where the store holds %j in its place',
    (kept) => {
      expect(traceWords(kept as KeptTrace)).toBe('');
    },
  );
});
