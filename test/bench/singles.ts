/** Nothing may get faster by doing less: what a sweep says of a target is what asking that target alone says. */
import type { Verdict } from '../../src/core/verdict.js';
import { openEngine } from './engine.js';

/** A verdict in short: target, verdict, ids of the findings. */
export type Said = readonly [target: string, verdict: string, findings: readonly string[]];

export function saidOf({ target, verdict, findings }: Verdict): Said {
  return [target, verdict, findings.map(({ id }) => id)];
}

/** So many targets of a sweep are asked once more, each by itself; they are spread over all of it. */
const sampleSize = 24;

/**
 * Asks a sample of a sweep's targets one by one, in a process that knows nothing of the sweep, and answers with how many.
 * Throws where one of them says something else. Whoever is not healthy is asked too, up to as many again.
 */
export async function compareWithSingles(
  folder: string,
  diagnostic: string,
  swept: readonly Said[],
): Promise<number> {
  const ill = swept.filter(([, verdict]) => verdict !== 'ok');
  const sample = new Map([...spread(swept), ...spread(ill)].map((said) => [said[0], said]));
  const engine = openEngine(folder);
  try {
    for (const [target, said] of sample) {
      const alone = (await engine.run(diagnostic, [target])).map(saidOf);
      if (JSON.stringify(alone) !== JSON.stringify([said]))
        throw new Error(
          `the sweep said ${JSON.stringify(said)}, and asked alone it is ${JSON.stringify(alone)}`,
        );
    }
  } finally {
    await engine.close();
  }
  return sample.size;
}

function spread(said: readonly Said[]): readonly Said[] {
  const step = Math.max(1, said.length / sampleSize);
  return Array.from(
    { length: Math.min(sampleSize, said.length) },
    (_, at) => said[Math.floor(at * step)],
  ).filter((one) => one !== undefined);
}
