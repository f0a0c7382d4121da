import type { Reader } from '../core/fact.js';
import { ctNodeIdReader } from './ct-node-id.js';
import { ifconfigReader } from './ifconfig.js';
import { lslppReader } from './lslpp.js';
import { lsnodeidReader } from './lsnodeid.js';
import { lsrsrcReader } from './lsrsrc.js';
import { lssrcReader } from './lssrc.js';
import { netstatReader } from './netstat.js';
import { oslevelReader } from './oslevel.js';
import { rmcdomainstatusReader } from './rmcdomainstatus.js';
import { unameLReader } from './uname-l.js';

/** Every reader of an AIX, RSCT or PowerHA command. */
export const aixReaders: readonly Reader<unknown>[] = [
  ctNodeIdReader,
  ifconfigReader,
  lslppReader,
  lsnodeidReader,
  lsrsrcReader,
  lssrcReader,
  netstatReader,
  oslevelReader,
  rmcdomainstatusReader,
  unameLReader,
];
