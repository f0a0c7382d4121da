import type { Reader } from '../core/fact.js';
import { clrginfoReader } from './clrginfo.js';
import { clrshReader } from './clrsh.js';
import { clshowsrvReader } from './clshowsrv.js';
import { ctNodeIdReader } from './ct-node-id.js';
import { gskcapicmdListReader } from './gskcapicmd-list.js';
import { ifconfigReader } from './ifconfig.js';
import { lslppReader } from './lslpp.js';
import { lsnodeidReader } from './lsnodeid.js';
import { lsrpdomainReader } from './lsrpdomain.js';
import { lsrsrcReader } from './lsrsrc.js';
import { lssrcClstrmgrReader } from './lssrc-clstrmgr.js';
import { lssrcReader } from './lssrc.js';
import { netstatReader } from './netstat.js';
import { oslevelReader } from './oslevel.js';
import { recfgctReader } from './recfgct.js';
import { rmcdomainstatusReader } from './rmcdomainstatus.js';
import { unameLReader } from './uname-l.js';

/** Every reader of an AIX, RSCT or PowerHA command. */
export const aixReaders: readonly Reader<unknown>[] = [
  clrginfoReader,
  clrshReader,
  clshowsrvReader,
  ctNodeIdReader,
  gskcapicmdListReader,
  ifconfigReader,
  lslppReader,
  lsnodeidReader,
  lsrpdomainReader,
  lsrsrcReader,
  lssrcClstrmgrReader,
  lssrcReader,
  netstatReader,
  oslevelReader,
  recfgctReader,
  rmcdomainstatusReader,
  unameLReader,
];
