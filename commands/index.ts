import { didYouMean } from '../src/core/did-you-mean.js';
import { aixHelp } from './aix-help.js';
import { certExpiry } from './cert-expiry.js';
import { changes } from './changes.js';
import { clcomdFix } from './clcomd-fix.js';
import { clcomdStatus } from './clcomd-status.js';
import type { Command } from './command.js';
import { enrol } from './enrol.js';
import { rmcErrors } from './rmc-errors.js';
import { rmcFix } from './rmc-fix.js';
import { rmcStatus } from './rmc-status.js';
import { rsctLevel } from './rsct-level.js';

export { matching } from './choices.js';
export { parseArguments, type Parsed } from './parse.js';
export { findTopic } from './topics.js';

/** Every slash command, in the order in which help lists them. */
export const commands: readonly Command[] = [
  rmcStatus,
  rmcFix,
  rmcErrors,
  rsctLevel,
  clcomdStatus,
  clcomdFix,
  certExpiry,
  changes,
  enrol,
  aixHelp,
];

/** The command of that name, with or without its slash, in any letter case; null when there is none. */
export function findCommand(name: string): Command | null {
  const wanted = `/${name.replace(/^\//, '').toLowerCase()}`;
  return commands.find((one) => one.name === wanted) ?? null;
}

/** The name of the command that was probably meant, or null. */
export function nearCommand(name: string): string | null {
  return didYouMean(
    `/${name.replace(/^\//, '')}`,
    commands.map((one) => one.name),
  );
}
