/**
 * `lssyscfg -r lpar -m SYSTEM` and `lssyscfg -r sys`: the LPARs of a managed system, the managed systems of an HMC.
 *
 *     lpar_id,name,state,rmc_state,rmc_ipaddr,os_version,lpar_env
 *     3,erp1,Running,active,10.20.0.31,AIX 7.2 7200-05-06-2320,aixlinux
 *     4,erp 2,Not Activated,inactive,,Unknown,aixlinux
 *
 * An LPAR that is not running keeps its last address and level, and `Unknown` is printed in the language of the
 * HMC. "No results were found." means that there are none. A name that no HMC attribute has fails the whole
 * command, so only fields that every level knows are asked for.
 * Source: IBM Power Systems HMC commands, lssyscfg.
 */
import type { Fact, Reader } from '../core/fact.js';
import { hmcRead } from '../core/remote-command.js';
import { readRows, type HmcRow } from './layouts/rows.js';

export type { HmcRow } from './layouts/rows.js';

const source = 'IBM Power Systems HMC commands, lssyscfg';

/** Reads what `lssyscfg -r lpar` prints. */
export const lssyscfgLpar: Reader<readonly HmcRow[]> = {
  id: 'lssyscfg-lpar',
  programs: ['lssyscfg'],
  read: (text, options) => readRows(lssyscfgLpar, text, options),
};

/** Reads what `lssyscfg -r sys` prints. */
export const lssyscfgSys: Reader<readonly HmcRow[]> = {
  id: 'lssyscfg-sys',
  programs: ['lssyscfg'],
  read: (text, options) => readRows(lssyscfgSys, text, options),
};

/** All LPARs of one managed system, by the name that the HMC gives it. */
export function partitions(hmcSystemName: string): Fact<readonly HmcRow[]> {
  const fields = 'lpar_id,name,state,rmc_state,rmc_ipaddr,os_version,lpar_env';
  const args = ['-r', 'lpar', '-m', hmcSystemName, '-F', fields, '--header'];
  return { command: hmcRead('lssyscfg', args, source), reader: lssyscfgLpar };
}

/** All managed systems of the HMC. A system it lost contact with may go by its address instead of its name. */
export const managedSystems: Fact<readonly HmcRow[]> = {
  command: hmcRead('lssyscfg', ['-r', 'sys', '-F', 'name,type_model,serial_num,state', '--header'], source),
  reader: lssyscfgSys,
};

/**
 * What dynamic operations each LPAR of a managed system can take (`1` or `0`). A call of its own: a level that lacks one
 * of these names fails the whole command, and must not take the LPARs' states along.
 */
export function dlparCapabilities(hmcSystemName: string): Fact<readonly HmcRow[]> {
  const fields = 'lpar_id,dlpar_mem_capable,dlpar_proc_capable,dlpar_io_capable';
  const args = ['-r', 'lpar', '-m', hmcSystemName, '-F', fields, '--header'];
  return { command: hmcRead('lssyscfg', args, source), reader: lssyscfgLpar };
}
