import { accessSync, constants, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { NodePlace } from './node-state.js';
import type { Product, Scenario } from './scenario.js';
import { bin } from './shell.js';

/** What comes with RSCT, by folder. Where it is not installed, none of it is there. */
const rsct: Readonly<Record<string, string>> = {
  'usr/bin': 'lsrsrc refrsrc lsrpdomain lscondresp',
  'usr/sbin/rsct/bin':
    'rmcctrl rmcdomainstatus rmcrefreshMD lsrsrc refrsrc lsrpdomain lscondresp lsnodeid ctsvhbac ctsvhbal ctsthl',
  'usr/sbin/rsct/install/bin': 'recfgct ctversion',
};

/** Where AIX keeps each other program of the lab. */
const base: Readonly<Record<string, string>> = {
  'usr/bin':
    'lssrc startsrc stopsrc refresh lslpp netstat oslevel uname hostname id sudo grep sed cat ls odmget odmdelete odmadd df tar perl telnet entstat ' +
    'chown cp date errpt file find host openssl ps',
  'usr/sbin': 'ifconfig netstat lspv lscluster lsattr chdev lsitab',
};

/** What comes with a cluster: `clrsh` with AIX, the others with PowerHA. */
const powerha: Readonly<Record<string, string>> = {
  'usr/sbin': 'clrsh',
  'usr/es/sbin/cluster/utilities': 'clRGinfo cllsif cllsnode clmgr clshowsrv cltopinfo halevel',
};

const products: Readonly<Partial<Record<Product, Readonly<Record<string, string>>>>> = {
  ssp: { 'usr/ios/cli': 'ioscli' },
  gpfs: { 'usr/lpp/mmfs/bin': 'mmlscluster' },
};

/** Links the programs that the scenario has and removes the others. */
export function linkPrograms({ root, cluster }: NodePlace, scenario: Scenario): void {
  const has = (product: string) => scenario.products.some((one) => one === product);
  place(root, base, scenario.absent);
  place(root, rsct, scenario.rsct === 'missing' ? 'all' : scenario.absent);
  for (const [product, folders] of Object.entries(products)) {
    for (const folder of Object.keys(folders)) {
      if (has(product)) mkdirSync(join(root, folder), { recursive: true });
      else rmSync(join(root, dirname(folder)), { recursive: true, force: true });
    }
    if (has(product)) place(root, folders, scenario.absent);
  }
  if (cluster !== null) {
    mkdirSync(join(root, 'usr/es/sbin/cluster/utilities'), { recursive: true });
    place(root, powerha, scenario.absent);
  }
  if (findOnHost('ksh93') !== null) place(root, { 'usr/bin': 'ksh93' }, scenario.absent);
}

function place(
  root: string,
  folders: Readonly<Record<string, string>>,
  absent: readonly string[] | 'all',
): void {
  for (const [folder, names] of Object.entries(folders)) {
    for (const name of names.split(' ')) {
      const to = join(root, folder, name);
      if (absent === 'all' || absent.includes(name)) rmSync(to, { force: true });
      else if (!existsSync(to)) symlinkSync(join(bin, 'aix', name), to);
    }
  }
}

/** Absolute path of a program of the host, or null. */
export function findOnHost(name: string): string | null {
  for (const folder of ['/usr/bin', '/bin', '/usr/local/bin', '/opt/homebrew/bin', '/usr/sbin', '/sbin']) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Not there: look on.
    }
  }
  return null;
}
