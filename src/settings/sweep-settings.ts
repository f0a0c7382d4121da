import { z } from 'zod';

const seconds = z
  .number('This is a number of seconds')
  .min(5, 'This is at least 5 seconds')
  .max(3_600, 'This is at most an hour');

/** `sweep:` of `aixops.yaml`: how long each may take where many are read, so that the end is known at the start. */
export const sweepSettings = z
  .strictObject({
    nodeSeconds: seconds
      .default(40)
      .describe(
        'Where several nodes are read, each may take so long, login included; what it has not answered by then is unknown.',
      ),
    hmcSeconds: seconds
      .default(30)
      .describe(
        'So long HMCs are waited for where several nodes are read; after that their nodes are logged in to.',
      ),
  })
  .prefault({});

export const sweepKeys: readonly string[] = ['nodeSeconds', 'hmcSeconds'];
