import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A key and its certificate, as PEM texts. */
export interface Pair {
  readonly key: string;
  readonly certificate: string;
}

const day = 86_400_000;

const config = [
  '[ca]',
  'default_ca = lab',
  '[lab]',
  'dir = .',
  'database = index.txt',
  'new_certs_dir = .',
  'serial = serial',
  'unique_subject = no',
  'default_md = sha256',
  'policy = any',
  'x509_extensions = leaf',
  'email_in_dn = no',
  '[any]',
  'organizationName = optional',
  'commonName = supplied',
  '[leaf]',
  'basicConstraints = CA:FALSE',
  'keyUsage = digitalSignature',
  '[req]',
  'distinguished_name = dn',
  '[dn]',
  '',
].join('\n');

/**
 * A self-signed certificate, made by the host's openssl, that expires so many days from now (below zero: ago) and began
 * a year before that. What was made once for a name and a number of days is given again while the lab runs.
 */
export function certificateFor(lab: string, commonName: string, days: number): Pair {
  const store = join(lab, 'certificates');
  const known = join(
    store,
    `${commonName.replace(/[^\w.-]/g, '_')}${days < 0 ? '-ago' : '-in'}${Math.abs(days)}`,
  );
  if (!existsSync(`${known}.pem`)) {
    mkdirSync(store, { recursive: true });
    const { key, certificate } = newPair(store, commonName, new Date(Date.now() + days * day));
    writeFileSync(`${known}.key`, key);
    writeFileSync(`${known}.pem`, certificate);
  }
  return { key: readFileSync(`${known}.key`, 'utf8'), certificate: readFileSync(`${known}.pem`, 'utf8') };
}

function newPair(store: string, commonName: string, notAfter: Date): Pair {
  const folder = mkdtempSync(join(store, 'new-'));
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, {
      cwd: folder,
      stdio: 'pipe',
      env: { ...process.env, OPENSSL_CONF: 'ca.cnf' },
    });
  writeFileSync(join(folder, 'ca.cnf'), config);
  writeFileSync(join(folder, 'index.txt'), '');
  writeFileSync(join(folder, 'serial'), `5${randomBytes(15).toString('hex').slice(1)}\n`);
  const subject = `/O=Lab/CN=${commonName}`;
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'key');
  openssl('req', '-new', '-config', 'ca.cnf', '-key', 'key', '-subj', subject, '-out', 'request');
  const dates = ['-startdate', asn1(new Date(notAfter.getTime() - 365 * day)), '-enddate', asn1(notAfter)];
  const how = ['-selfsign', '-batch', '-notext', '-config', 'ca.cnf', '-keyfile', 'key'];
  openssl('ca', ...how, ...dates, '-in', 'request', '-out', 'certificate');
  const pair = {
    key: readFileSync(join(folder, 'key'), 'utf8'),
    certificate: readFileSync(join(folder, 'certificate'), 'utf8'),
  };
  rmSync(folder, { recursive: true });
  return pair;
}

/** `20270131120000Z`, which every openssl takes. */
function asn1(date: Date): string {
  return `${date.toISOString().replace(/\..*$/, '').replace(/[-:T]/g, '')}Z`;
}
