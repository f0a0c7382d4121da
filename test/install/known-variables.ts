import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;

/** OpenTelemetry and Node read these by themselves. Sources: "Environment Variable Specification", Node's command line options. */
const standard = [
  'OTEL_EXPORTER_OTLP_PROTOCOL',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
  'NODE_ENV',
  'NODE_COMPILE_CACHE',
];

const readers = [
  'src/config.ts',
  ...readdirSync(join(root, 'src/settings')).map((file) => `src/settings/${file}`),
];
const read = readers.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');

/** Whether something reads a variable of that name: aixops (also as NAME_FILE), or what it is made of. */
export function isKnownVariable(name: string): boolean {
  return standard.includes(name) || read.includes(`'${name.replace(/_FILE$/, '')}'`);
}

/** Milliseconds after which a process that was told to stop ends whatever happens. */
export const graceMs = Number(
  /graceMs = (?<ms>[\d_]+);/
    .exec(readFileSync(join(root, 'src/cli/life.ts'), 'utf8'))
    ?.groups?.['ms']?.replaceAll('_', ''),
);
