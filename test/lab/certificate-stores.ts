import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { certificateFor } from './certificates.js';
import type { NodePlace } from './node-state.js';
import { bin } from './shell.js';

const gskit = 'usr/opt/ibm/gsk8_64/bin';

/** Makes the certificate stores that the estate gives the node, each in the form that its name ends with. */
export function placeStores(place: NodePlace): void {
  const { root, node } = place;
  const stores = Object.entries(node.certificates);
  rmSync(join(root, gskit), { recursive: true, force: true });
  if (stores.some(([path]) => path.endsWith('.kdb'))) {
    mkdirSync(join(root, gskit), { recursive: true });
    symlinkSync(join(bin, 'aix/gsk8capicmd_64'), join(root, gskit, 'gsk8capicmd_64'));
  }
  for (const [path, days] of stores) placeStore(place, path, days);
}

function placeStore({ root, lab, name }: NodePlace, path: string, days: number): void {
  const to = join(root, path);
  const { key, certificate } = certificateFor(
    lab,
    `${basename(path, extname(path))}.${name}.lab.example`,
    days,
  );
  mkdirSync(dirname(to), { recursive: true });
  switch (extname(path)) {
    case '.der': {
      write(to, Buffer.from(certificate.replace(/-----.*-----/g, ''), 'base64'), 0o644);
      return;
    }
    case '.p12': {
      placePkcs12(to, key + certificate);
      return;
    }
    case '.kdb':
      // The lab's own form: nothing reads it but the lab's gsk8capicmd_64, which wants its stash file beside it.
      write(to, `(lab) key database\n${certificate}`, 0o600);
      write(to.replace(/kdb$/, 'sth'), '(lab) stash\n', 0o600);
      {
        placeLdap(root, path);
        return;
      }
    default: {
      write(to, certificate, 0o644);
      return;
    }
  }
}

/** A PKCS#12 store, with its password in a file beside it: `<path>.password`. */
function placePkcs12(to: string, pem: string): void {
  write(`${to}.password`, 'lab\n', 0o600);
  const how = ['-export', '-name', 'server', '-passout', `file:${to}.password`, '-out', to];
  if (!existsSync(to))
    execFileSync('openssl', ['pkcs12', ...how], { input: pem, stdio: ['pipe', 'pipe', 'pipe'] });
  chmodSync(to, 0o600);
}

/** The LDAP client's configuration names its key database. */
function placeLdap(root: string, path: string): void {
  if (!path.startsWith('/etc/security/ldap/')) return;
  const lines = [
    'ldapservers:ldap1.lab.example',
    'useSSL:yes',
    `ldapsslkeyf:${path}`,
    'bindpwd:{DESv2}(lab) secret',
  ];
  write(join(root, 'etc/security/ldap/ldap.cfg'), `${lines.join('\n')}\n`, 0o600);
}

function write(path: string, content: string | Buffer, mode: number): void {
  writeFileSync(path, content);
  chmodSync(path, mode);
}
