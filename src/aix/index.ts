import type { Reader } from '../core/fact.js';
import { cksumReader } from './cksum.js';
import { cllsifReader } from './cllsif.js';
import { clmgrReader } from './clmgr.js';
import { clockReader } from './clock.js';
import { cloudInitLogReader } from './cloud-init-log.js';
import { clrginfoReader } from './clrginfo.js';
import { clrshReader } from './clrsh.js';
import { clshowsrvReader } from './clshowsrv.js';
import { ctNodeIdReader } from './ct-node-id.js';
import { ctsthlReader } from './ctsthl.js';
import { ctsvhbacReader } from './ctsvhbac.js';
import { ctsvhbalReader } from './ctsvhbal.js';
import { ctsyschkReader } from './ctsyschk.js';
import { dateReader } from './date.js';
import { dfReader } from './df.js';
import { duReader } from './du.js';
import { errptReader } from './errpt.js';
import { fileTypeReader } from './file-type.js';
import { gskcapicmdDetailsReader } from './gskcapicmd-details.js';
import { gskcapicmdListReader } from './gskcapicmd-list.js';
import { halevelReader } from './halevel.js';
import { hostReader } from './host.js';
import { hostnameReader } from './hostname.js';
import { idReader } from './id.js';
import { ifconfigReader } from './ifconfig.js';
import { logTailReader } from './log-tail.js';
import { lsReader } from './ls.js';
import { lsLeReader } from './ls-le.js';
import { lsattrReader } from './lsattr.js';
import { lsclusterReader } from './lscluster.js';
import { lsclusterMReader } from './lscluster-m.js';
import { lscondrespReader } from './lscondresp.js';
import { lsitabReader } from './lsitab.js';
import { lslppReader } from './lslpp.js';
import { lsnodeidReader } from './lsnodeid.js';
import { lspvReader } from './lspv.js';
import { lsrpdomainReader } from './lsrpdomain.js';
import { lsrsrcReader } from './lsrsrc.js';
import { lssrcReader } from './lssrc.js';
import { lssrcClstrmgrReader } from './lssrc-clstrmgr.js';
import { lssrcMcproxyReader } from './lssrc-mcproxy.js';
import { netstatReader } from './netstat.js';
import { netstatInReader } from './netstat-in.js';
import { odmgetReader } from './odmget.js';
import { oslevelReader } from './oslevel.js';
import { psEfReader } from './ps-ef.js';
import { recfgctReader } from './recfgct.js';
import { rhostsReader } from './rhosts.js';
import { tcpReachReader } from './rmc-reach.js';
import { rmcdomainstatusReader } from './rmcdomainstatus.js';
import { servicesReader } from './services.js';
import { unameLReader } from './uname-l.js';
import { unameWReader } from './uname-w.js';

/** Every reader of an AIX, RSCT or PowerHA command. */
export const aixReaders: readonly Reader<unknown>[] = [
  cksumReader,
  cllsifReader,
  clmgrReader,
  clockReader,
  cloudInitLogReader,
  clrginfoReader,
  clrshReader,
  clshowsrvReader,
  ctNodeIdReader,
  ctsthlReader,
  ctsvhbacReader,
  ctsvhbalReader,
  ctsyschkReader,
  dateReader,
  dfReader,
  duReader,
  errptReader,
  fileTypeReader,
  gskcapicmdDetailsReader,
  gskcapicmdListReader,
  halevelReader,
  hostReader,
  hostnameReader,
  idReader,
  ifconfigReader,
  logTailReader,
  lsReader,
  lsLeReader,
  lsattrReader,
  lsclusterReader,
  lsclusterMReader,
  lscondrespReader,
  lsitabReader,
  lslppReader,
  lsnodeidReader,
  lspvReader,
  lsrpdomainReader,
  lsrsrcReader,
  lssrcReader,
  lssrcClstrmgrReader,
  lssrcMcproxyReader,
  netstatReader,
  netstatInReader,
  odmgetReader,
  oslevelReader,
  psEfReader,
  recfgctReader,
  rhostsReader,
  tcpReachReader,
  rmcdomainstatusReader,
  servicesReader,
  unameLReader,
  unameWReader,
];
