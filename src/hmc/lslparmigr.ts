/**
 * `lslparmigr -r lpar -m SYSTEM`: whether partitions of a managed system are being moved to another one.
 *
 *     name,lpar_id,migration_state
 *     erp1,3,Not Migrating
 *     erp 2,4,Migration In Progress
 *
 * Only `Not Migrating` says that nothing is under way; any other state, and the same in another language, does not. An
 * HMC without an LPAR to name says "No results were found.": an empty list.
 * Source: IBM Power Systems HMC commands, lslparmigr (`-r lpar`, `-F`, `--header`). No public capture was found; the
 * layout is the one that all HMC lists share.
 */
import type { Fact, Reader } from '../core/fact.js';
import { hmcRead } from '../core/remote-command.js';
import { readRows, type HmcRow } from './layouts/rows.js';

/** Reads what `lslparmigr -r lpar` prints. */
export const lslparmigr: Reader<readonly HmcRow[]> = {
  id: 'lslparmigr',
  programs: ['lslparmigr'],
  read: (text, options) => readRows(lslparmigr, text, options),
};

/** The migration state of every LPAR of a managed system, by the name that the HMC gives the system. */
export function migrations(hmcSystemName: string): Fact<readonly HmcRow[]> {
  const args = ['-r', 'lpar', '-m', hmcSystemName, '-F', 'name,lpar_id,migration_state', '--header'];
  return {
    command: hmcRead('lslparmigr', args, 'IBM Power Systems HMC commands, lslparmigr'),
    reader: lslparmigr,
  };
}

/** Is this LPAR, for certain, not being moved? */
export function isAtRest(row: HmcRow): boolean {
  return row['migration_state'] === 'Not Migrating';
}
