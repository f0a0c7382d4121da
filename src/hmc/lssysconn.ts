/**
 * `lssysconn -r all`: the connections of the HMC to its managed systems.
 *
 *     resource_type=sys,type_model_serial_num=9009-42A*78A0001,sp=primary,sp_phys_loc=unavailable,ipaddr=10.20.9.5,alt_ipaddr=unavailable,state=Connected
 *
 * A connection in trouble has `connection_error_code` behind its state. "No results were found." means that the
 * HMC knows no system. Source: IBM Power Systems HMC commands, lssysconn.
 */
import type { Fact, Reader } from '../core/fact.js';
import { hmcRead } from '../core/remote-command.js';
import { readRows, type HmcRow } from './layouts/rows.js';

/** Reads what `lssysconn -r all` prints. */
export const lssysconn: Reader<readonly HmcRow[]> = {
  id: 'lssysconn',
  programs: ['lssysconn'],
  read: (text, options) => readRows(lssysconn, text, options),
};

/** The connections of the HMC to every managed system that it knows. */
export const systemConnections: Fact<readonly HmcRow[]> = {
  command: hmcRead('lssysconn', ['-r', 'all'], 'IBM Power Systems HMC commands, lssysconn'),
  reader: lssysconn,
};
