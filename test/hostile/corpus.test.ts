/**
 * The hostile corpus, played to one real bot over the way that Slack takes. Each file is a case; a failure names it. Nothing
 * but known names is queued, nobody is called, every answer can be read, and what was there before stays as it is.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyPrefix } from '../../src/redis/connect.js';
import { openHostileBench, type HostileBench } from './bench.js';
import { readCorpus, type Case } from './case.js';
import { problemsOf, stringsOf } from './checks.js';
import { play, type Outcome } from './play.js';

const corpus = readCorpus();
const people = ['UALICE', 'UBOB', 'UCAROL', 'UDAVE', 'UGUEST', 'UFOREIGN'];
let bench: HostileBench;

beforeAll(async () => {
  bench = await openHostileBench();
}, 60_000);
afterAll(async () => {
  await bench.stop();
});

/** Everything that does not fit what the case says. */
async function problems(one: Case): Promise<readonly string[]> {
  const outcome = await play(one, bench);
  const { expect: wanted } = one;
  const answer = answerOf(outcome);
  const words = stringsOf(answer.said)
    .map(({ text }) => text)
    .join('\n');
  const asked = await Promise.all(
    outcome.jobs.map(async ({ id }) => (await bench.shared.requests.get(id))?.asked ?? null),
  );
  const lines = asked.flatMap((line) => (line === null ? [] : [line]));
  const others = outcome.jobs.filter((_job, index) => asked[index] === null).map(({ name }) => name);
  return [
    ...(outcome.isAcknowledged ? [] : ['Slack got no acknowledgement']),
    ...same('the answer', answer.kind, wanted.answer),
    ...same('the status', outcome.status, wanted.status ?? null),
    ...wanted.contains
      .filter((part) => !words.includes(part))
      .map((part) => `"${part}" is not in: ${words.slice(0, 400)}`),
    ...wanted.lacks
      .filter((part) => words.includes(part))
      .map((part) => `"${part}" is in: ${words.slice(0, 400)}`),
    ...(wanted.options === undefined ? [] : same('the options', optionsOf(outcome), wanted.options)),
    ...same('what was queued', lines, wanted.asked),
    ...same('the jobs', others, wanted.jobs),
    ...same('whether something moved', outcome.hasMoved, wanted.moves),
    ...problemsOf([answer.said, outcome.letters.map(({ content }) => content)], people),
  ];
}

function same(what: string, was: unknown, wanted: unknown): readonly string[] {
  const [one, other] = [JSON.stringify(was), JSON.stringify(wanted)];
  return one === other ? [] : [`${what}: ${one} instead of ${other}`];
}

/** What the person has before him. */
function answerOf({ answer, status, letters, forms, jobs }: Outcome): {
  readonly kind: Case['expect']['answer'];
  readonly said: unknown;
} {
  if (status !== null) return { kind: 'http', said: answer?.['body'] === '' ? null : answer };
  if (answer !== null && 'options' in answer) return { kind: 'options', said: null };
  if (answer !== null && 'errors' in answer) return { kind: 'errors', said: answer };
  if (forms.length > 0) return { kind: 'form', said: forms };
  const whispers = letters.filter(({ content }) => content.kind === 'whisper').map(({ content }) => content);
  if (whispers.length > 0) return { kind: 'private', said: whispers };
  if (answer !== null && 'text' in answer) return { kind: 'private', said: answer };
  return { kind: jobs.length > 0 || letters.length > 0 ? 'card' : 'none', said: letters };
}

function optionsOf({ answer }: Outcome): readonly string[] {
  const options = answer?.['options'];
  return (Array.isArray(options) ? options : []).map((one: { value: string }) => one.value);
}

describe('the hostile corpus', () => {
  const played = corpus.filter(({ kind }) => kind !== 'output');

  it('has at least 300 cases, and no two that are the same', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(300);
    const seen = new Set(corpus.map(({ kind, payload }) => JSON.stringify([kind, payload])));
    expect(seen.size).toBe(corpus.length);
  });

  it('changes nothing, calls nobody, and gets an answer that can be read', async () => {
    const wrong: string[] = [];
    for (const one of played)
      for (const problem of await problems(one)) wrong.push(`${one.file}: ${problem}`);
    expect(wrong).toEqual([]);
  }, 120_000);

  it('reaches jobs with known names alone', async () => {
    const { redis } = bench.shared;
    const keys = (await redis.keys(`${keyPrefix}request:*`)).filter((key) => !key.endsWith(':job'));
    const requests = await Promise.all(keys.map(async (key) => await redis.get(key)));
    expect(keys.length).toBeGreaterThan(10);
    for (const text of requests) {
      const { wish } = JSON.parse(text ?? '{}') as { wish: { target?: string; targets?: readonly string[] } };
      for (const name of wish.targets ?? [wish.target ?? ''])
        expect(name).toMatch(
          /^(?:all|(?:system:|cluster:|hmc:)?(?:lpar1|lpar2|erp-db1|pvs1|p9-a|p9-b|hmc1|erp)|tag:env=(?:prod|test))$/,
        );
    }
  });

  it('brings nothing to Slack that calls many or hides something', async () => {
    const refused = await bench.send();
    // Whispers to people and channels that there are not; nothing is refused for what it holds.
    expect(
      refused.filter((code) => !/^(?:user_not_in_channel|channel_not_found|user_not_found)$/.test(code)),
    ).toEqual([]);
    expect(await bench.shared.outbox.waiting()).toEqual([]);
    const sent = bench.slack.traffic().filter(({ method }) => /^(?:chat|views|files)\./.test(method));
    expect(sent.length).toBeGreaterThan(50);
    // Where it goes is no text that anybody reads.
    const read = sent.map(({ args }) => ({ ...args, channel: undefined, user: undefined }));
    expect(read.flatMap((args) => problemsOf(args, people))).toEqual([]);
  }, 90_000);
});
