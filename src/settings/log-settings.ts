import { z } from 'zod';

/** `log:` of `aixops.yaml`: from which level on, and for whom. `auto`: for people on a terminal, else for machines. */
export const logSettings = z
  .strictObject({
    level: z
      .enum(['error', 'warn', 'info', 'debug'], 'This is error, warn, info or debug')
      .default('info')
      .describe('From which level on lines are written.'),
    format: z
      .enum(['auto', 'json', 'pretty'], 'This is auto, json or pretty')
      .default('auto')
      .describe('`auto`: for people on a terminal, else one JSON document a line.'),
  })
  .prefault({});

export const logKeys: readonly string[] = ['level', 'format'];
