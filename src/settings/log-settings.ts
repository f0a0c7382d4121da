import { z } from 'zod';

/** `log:` of `aixops.yaml`: from which level on, and for whom. `auto`: for people on a terminal, else for machines. */
export const logSettings = z
  .strictObject({
    level: z.enum(['error', 'warn', 'info', 'debug'], 'This is error, warn, info or debug').default('info'),
    format: z.enum(['auto', 'json', 'pretty'], 'This is auto, json or pretty').default('auto'),
  })
  .prefault({});

export const logKeys: readonly string[] = ['level', 'format'];
