import type { Reader } from '../core/fact.js';
import { diagrmcReader } from './diagrmc.js';
import { lshmcNetwork, lshmcVersion } from './lshmc.js';
import { lslparmigr } from './lslparmigr.js';
import { lspartitionDlpar } from './lspartition.js';
import { lssyscfgLpar, lssyscfgSys } from './lssyscfg.js';
import { lssysconn } from './lssysconn.js';

/** Every reader of an HMC command's output. */
export const hmcReaders: readonly Reader<unknown>[] = [
  lssyscfgLpar,
  lssyscfgSys,
  lssysconn,
  lshmcVersion,
  lshmcNetwork,
  lspartitionDlpar,
  lslparmigr,
  diagrmcReader,
];
