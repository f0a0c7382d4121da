import { readTraceParent, type KeptTrace } from '../../core/tracing.js';

/** Where what was asked for can be followed, behind what a card says of itself; '' where that was not traced. */
export function traceWords(trace: KeptTrace | undefined): string {
  const read = readTraceParent(trace?.parent);
  // What was not sampled is to be found nowhere.
  if (read === null || !read.isSampled) return '';
  const url = trace?.url;
  const id = `\`${read.traceId}\``;
  return typeof url === 'string' && /^https?:\/\/[^\s<>|"'`]{1,600}$/.test(url)
    ? ` · trace ${id} (<${url}|open>)`
    : ` · trace ${id}`;
}
