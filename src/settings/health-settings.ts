import { z } from 'zod';
import type { Problem } from './problem.js';
import type { Environment } from './secrets.js';

const portWords = 'A port is 0 to 65535; 0 takes any free one';
const port = z
  .number(`This is a port number. ${portWords}`)
  .int(portWords)
  .min(0, portWords)
  .max(65_535, portWords);
const host = z
  .string('This is an address such as 127.0.0.1')
  .min(1, 'This is an address such as 127.0.0.1')
  .max(255);

/** `health:` of `aixops.yaml`: where a process says how it is. Without a port it says so nowhere. */
export const healthSettings = z
  .strictObject({
    host: host
      .default('127.0.0.1')
      .describe(
        'Where `/livez`, `/readyz` and `/metrics` answer; `0.0.0.0` in a container. AIXOPS_HEALTH_HOST goes before it.',
      ),
    port: port
      .nullable()
      .default(null)
      .describe('Their port; left out, they answer nowhere. AIXOPS_HEALTH_PORT goes before it.'),
  })
  .prefault({});

export const healthKeys: readonly string[] = ['health', 'host', 'port'];

export type HealthSettings = z.infer<typeof healthSettings>;

/** The variables that go before the file, so that processes on one machine share a folder and not a port. */
const variables = { host: 'AIXOPS_HEALTH_HOST', port: 'AIXOPS_HEALTH_PORT' } as const;

/** What the environment says of the health port in place of the file, or what is wrong with it. */
export function healthFromEnvironment(env: Environment): {
  readonly settings: Partial<HealthSettings>;
  readonly problems: readonly Problem[];
} {
  const { [variables.host]: givenHost = '', [variables.port]: givenPort = '' } = env;
  const isPort = /^\d{1,5}$/.test(givenPort) && Number(givenPort) <= 65_535;
  const problem = `This must be a port number, not "${givenPort}". ${portWords}.`;
  return {
    settings: {
      ...(givenHost === '' ? {} : { host: givenHost }),
      ...(isPort ? { port: Number(givenPort) } : {}),
    },
    problems:
      givenPort === '' || isPort ? [] : [{ file: 'environment', line: null, key: variables.port, problem }],
  };
}
