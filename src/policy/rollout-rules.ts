/** How fast a roll-out may grow: the section `rollout` of `policy.yaml`. */
import { z } from 'zod';

const size = z
  .number('This is a number of targets')
  .int('This is a whole number of targets')
  .min(1, 'This is at least 1')
  .max(50, 'This is at most 50');

/** One target goes first whatever is written here: it is the one that the others are judged by. */
const ramp = z
  .array(size, 'This is a list of numbers such as [1, 2, 4]')
  .min(1, 'This names at least the first wave')
  .max(20, 'This is at most 20 waves')
  .refine(([first]) => first === 1, 'The first wave is one target: begin with 1')
  .default([1, 2, 4])
  .describe('How many targets the first waves have; after that it goes on with the last number.');

export const rolloutSection = z
  .strictObject({ ramp, atMost: size.default(8).describe('No wave has more.') })
  .prefault({});

/** Its keys, for "did you mean". */
export const rolloutKeys: readonly string[] = ['ramp', 'atMost'];
