/** A hostile case: one file of the corpus, and what must come of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const expectation = z.strictObject({
  /**
   * What the person gets: a private message, words under a form's field, a form, options of a typeahead, an answer over
   * HTTP, or nothing but an acknowledgement. `card`: the request was queued, its card tells the rest.
   */
  answer: z.enum(['private', 'errors', 'form', 'options', 'http', 'none', 'card']),
  /** Each stands in the answer. */
  contains: z.array(z.string()).default([]),
  /** None stands in it. */
  lacks: z.array(z.string()).default([]),
  /** Exactly what a typeahead offers. */
  options: z.array(z.string()).optional(),
  status: z.number().optional(),
  /** The lines that were queued, as the bot understood them. */
  asked: z.array(z.string()).default([]),
  /** Jobs that were queued otherwise. */
  jobs: z.array(z.string()).default([]),
  /** Whether state that was there before may move. */
  moves: z.boolean().default(false),
});

const schema = z.strictObject({
  says: z.string().min(4),
  kind: z.enum(['command', 'mention', 'click', 'form', 'typeahead', 'http', 'output']),
  payload: z.record(z.string(), z.unknown()),
  expect: expectation,
});

export type Case = z.infer<typeof schema> & { readonly file: string };
export type Kind = Case['kind'];

const folder = fileURLToPath(new URL('./corpus/', import.meta.url));

/** Every case of the corpus, in the order of its file names. */
export function readCorpus(): readonly Case[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.json'),
  );
  return files.sort().map((file) => {
    const read = schema.safeParse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    if (!read.success) throw new Error(`${file}: ${read.error.message}`);
    const payload = grown(read.data.payload) as Record<string, unknown>;
    return { ...read.data, payload, file };
  });
}

/** Long values are written short: `{ "times": 5000, "of": "lpar1 " }`; bytes as `{ "hex": "00ff" }`. */
function grown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(grown);
  if (typeof value !== 'object' || value === null) return value;
  const { times, of, hex } = value as Record<string, unknown>;
  if (typeof times === 'number' && typeof of === 'string') return of.repeat(times);
  if (typeof hex === 'string') return Buffer.from(hex, 'hex').toString('latin1');
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, grown(inner)]));
}
