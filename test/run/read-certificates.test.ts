import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NodeCertificates, StoreReading } from '../../src/core/certificate.js';
import type { CertificateRule } from '../../src/core/target.js';
import { readCertificates } from '../../src/run/read-certificates.js';
import { certificateFor, type Pair } from '../lab/certificates.js';
import { openBench, recordOutput, type Bench } from './recorded-node.js';

const days = 86_400_000;
let bench: Bench;
let left: () => string;
let pairs: { readonly good: Pair; readonly old: Pair; readonly soon: Pair };

beforeAll(async () => {
  bench = await openBench({
    hmcs: {},
    systems: {},
    nodes: {
      plain: { address: '127.0.1.61', platform: 'powervs', lparId: 1, nodeId: '1c0de0a511b20c61' },
      ldap: {
        address: '127.0.1.63',
        platform: 'powervs',
        lparId: 3,
        nodeId: '1c0de0a511b20c63',
        certificates: { '/etc/security/ldap/key.kdb': 30 },
      },
      sudoer: {
        address: '127.0.1.62',
        platform: 'powervs',
        lparId: 2,
        nodeId: '1c0de0a511b20c62',
        user: 'aixops',
        become: 'sudo',
      },
    },
  });
  left = recordOutput(bench.lab.node('plain'));
  const made = (name: string, end: number) => certificateFor(bench.lab.folder, name, end);
  pairs = { good: made('good.example', 200), old: made('old.example', -40), soon: made('soon.example', 5) };
}, 60_000);
afterAll(() => bench.stop());
beforeEach(() => rmSync(at('/etc/tls'), { recursive: true, force: true }));

const at = (path: string, node = 'plain') => join(bench.lab.node(node).root, path);

function put(path: string, content: string | Buffer, node = 'plain'): void {
  mkdirSync(dirname(at(path, node)), { recursive: true });
  writeFileSync(at(path, node), content);
}

const openssl = (args: readonly string[], input = ''): Buffer =>
  execFileSync('openssl', args, { input, stdio: ['pipe', 'pipe', 'pipe'] });
const der = ({ certificate }: Pair): Buffer => openssl(['x509', '-outform', 'DER'], certificate);

type Rule = string | CertificateRule;
const ruleOf = (rule: Rule): CertificateRule =>
  typeof rule === 'string' ? { path: rule, owner: '@web-team' } : rule;

function read(rules: readonly Rule[], node = 'plain', clock = Date.now): Promise<NodeCertificates> {
  const { ssh, parser } = bench;
  return readCertificates(bench.target(node), rules.map(ruleOf), { ssh, parser, clock });
}

async function readOne(rule: Rule, node = 'plain'): Promise<StoreReading> {
  const { stores, error } = await read([rule], node);
  expect(error).toBeNull();
  expect(stores).toHaveLength(1);
  return stores[0]!; // the line above
}

const subjects = (store: StoreReading) => store.certificates.map(({ certificate }) => certificate?.subject);
const good = expect.stringContaining('good.example') as string;
const old = expect.stringContaining('old.example') as string;

describe('certificate files of a node', () => {
  it('gives every certificate of a bundle with keys between them, and no key', async () => {
    put(
      '/etc/tls/all.pem',
      `${pairs.good.key}${pairs.good.certificate}# the old one\n${pairs.old.key}${pairs.old.certificate}`,
    );
    const store = await readOne('/etc/tls/all.pem');
    expect(store).toMatchObject({
      path: '/etc/tls/all.pem',
      format: 'pem',
      status: 'read',
      owner: '@web-team',
    });
    expect(subjects(store)).toEqual([good, old]);
    expect(store.certificates.map(({ problem }) => problem)).toEqual([null, null]);
    expect(store.evidence.excerpt).not.toContain('BEGIN');
  });

  it('reads DER, whatever it is called, and PKCS#12 with the password file that the inventory declares', async () => {
    put('/etc/tls/a.der', der(pairs.good));
    put('/etc/tls/b.crt', der(pairs.good));
    put('/etc/tls/p.password', 'lab\n');
    const how = ['pkcs12', '-export', '-name', 'web server', '-passout', 'pass:lab'];
    put('/etc/tls/c.p12', openssl(how, pairs.good.key + pairs.good.certificate));
    const { stores } = await read([
      '/etc/tls/a.der',
      '/etc/tls/b.crt',
      { path: '/etc/tls/c.p12', owner: null, passwordFile: '/etc/tls/p.password' },
    ]);
    expect(stores.map(({ format, status }) => [format, status])).toEqual([
      ['der', 'read'],
      ['der', 'read'],
      ['pkcs12', 'read'],
    ]);
    expect(stores.map(subjects)).toEqual([[good], [good], [good]]);
    expect(stores[2]?.certificates[0]?.label).toBe('web server');
  });

  it('says why a PKCS#12 store stays closed', async () => {
    put('/etc/tls/wrong', 'wrong\n');
    put(
      '/etc/tls/c.p12',
      openssl(['pkcs12', '-export', '-passout', 'pass:lab'], pairs.good.key + pairs.good.certificate),
    );
    expect((await readOne('/etc/tls/c.p12')).reason).toMatch(/No passwordFile is declared/);
    const wrong = await readOne({ path: '/etc/tls/c.p12', owner: null, passwordFile: '/etc/tls/wrong' });
    expect(wrong).toMatchObject({ status: 'unreadable', format: 'pkcs12' });
    expect(wrong.reason).toMatch(/Mac verify error/);
  });

  it('refuses a directory, a FIFO and a device, and a file over 1 MiB, without opening them', async () => {
    mkdirSync(at('/etc/tls/folder'), { recursive: true });
    execFileSync('mkfifo', [at('/etc/tls/fifo')]);
    put('/etc/tls/large.pem', pairs.good.certificate + '# nothing\n'.repeat(157_287));
    const { stores } = await read(['/etc/tls/folder', '/etc/tls/fifo', '/dev/null', '/etc/tls/large.pem']);
    expect(stores.map(({ status }) => status)).toEqual(['refused', 'refused', 'refused', 'refused']);
    expect(stores.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('a directory'),
      expect.stringContaining('a FIFO'),
      expect.stringContaining('a character device'),
      expect.stringContaining('at most 1048576 (1 MiB)'),
    ]);
  }, 60_000);

  it('tells what is not there from what holds no certificate', async () => {
    put('/etc/tls/key.pem', pairs.good.key);
    put('/etc/tls/notes', 'words\n');
    const { stores } = await read(['/etc/tls/gone.pem', '/etc/tls/key.pem', '/etc/tls/notes']);
    expect(stores.map(({ status }) => status)).toEqual(['missing', 'unreadable', 'unreadable']);
    expect(stores[1]?.reason).toMatch(/no CERTIFICATE block/);
  });

  it('keeps a certificate that cannot be read in its place', async () => {
    put('/etc/tls/b.pem', pairs.old.certificate.replace(/\n.*\n/, '\n') + pairs.good.certificate);
    const store = await readOne('/etc/tls/b.pem');
    expect(store.certificates).toHaveLength(2);
    expect(store.certificates[0]).toMatchObject({ certificate: null });
    expect(store.certificates[0]?.problem).not.toBeNull();
    expect(subjects(store)[1]).toEqual(good);
  });

  it('reads a GSKit key database by its stash file, and never counts or asks for a secret key', async () => {
    const { stores } = await read(['/etc/security/ldap/ldap.cfg', '/etc/security/ldap/key.kdb'], 'ldap');
    expect(stores).toHaveLength(1);
    expect(stores[0]).toMatchObject({
      path: '/etc/security/ldap/key.kdb',
      format: 'kdb',
      status: 'read',
      certificates: [{ label: 'server', kind: 'self-signed', problem: null }],
    });
    const made = readFileSync(at('/etc/security/ldap/key.kdb', 'ldap'), 'utf8');
    const printed = openssl(['x509', '-noout', '-enddate', '-fingerprint', '-sha256'], made).toString();
    const { certificate } = stores[0]?.certificates[0] ?? { certificate: null };
    expect(printed).toContain(`=${certificate?.fingerprint256 ?? 'none'}`);
    expect(Date.parse(certificate?.notAfter ?? '')).toBe(
      Date.parse(/notAfter=(.*)/.exec(printed)?.[1] ?? 'none'),
    );
    const ran = await bench.lab.node('ldap').ran('gsk8capicmd_64');
    expect(ran.filter((command) => command.includes('disk-key-1'))).toEqual([]);
    expect(ran.filter((command) => !command.includes('-stashed'))).toEqual([]);
  });

  it('says why a GSKit key database stays closed', async () => {
    put('/etc/tls/key.kdb', '(lab) key database\n', 'ldap');
    const closed = await readOne('/etc/tls/key.kdb', 'ldap');
    expect(closed).toMatchObject({
      status: 'unreadable',
      format: 'kdb',
      reason: expect.stringMatching(/^CTGSK3026W/) as string,
    });
    put('/etc/tls/key.kdb', '(lab) key database\n');
    expect((await readOne('/etc/tls/key.kdb')).reason).toMatch(
      /not found or not executable: .*gsk8capicmd_64/,
    );
  });

  it('reads with sudo where the login is not root', async () => {
    put('/etc/tls/a.pem', pairs.good.certificate, 'sudoer');
    const { stores } = await read(['/etc/tls/*.pem'], 'sudoer');
    expect(stores.map(subjects)).toEqual([[good]]);
  });

  it('asks nothing where nothing is declared, and keeps a node that is not reached as one', async () => {
    const node = bench.lab.node('sudoer');
    const before = node.connections();
    expect(await read([], 'sudoer')).toMatchObject({ error: null, clockSkewMs: null, stores: [] });
    expect(node.connections()).toBe(before);
    const { endpoint, ...rest } = bench.target('sudoer');
    const nowhere = { ...rest, endpoint: { ...endpoint, port: 1 } };
    const { ssh, parser } = bench;
    const lost = await readCertificates(nowhere, [ruleOf('/etc/tls/a.pem')], {
      ssh,
      parser,
      clock: Date.now,
    });
    expect(lost).toMatchObject({ stores: [], error: { class: 'ConnectError', reason: 'refused' } });
  });

  it('notices a clock that is a day ahead, and takes one within the round trip for right', async () => {
    put('/etc/tls/a.pem', pairs.good.certificate);
    expect((await read(['/etc/tls/a.pem'])).clockSkewMs).toBe(0);
    const late = await read(['/etc/tls/a.pem'], 'plain', () => Date.now() - days);
    expect(Math.round((late.clockSkewMs ?? 0) / days)).toBe(1);
  });
});

describe('globs', () => {
  it('are expanded without a shell, name by name, as a shell would', async () => {
    for (const name of ['a.pem', '.b.pem', 'c d.pem', '[x].pem', 'e.txt', 'x.pem'])
      put(`/etc/tls/${name}`, pairs.good.certificate);
    put('/etc/tls/one/server.pem', pairs.good.certificate);
    put('/etc/tls/two/server.pem', pairs.old.certificate);
    mkdirSync(at('/etc/tls/three'));
    const paths = async (path: string) => (await read([path])).stores.map((store) => store.path).sort();
    expect(await paths('/etc/tls/*.pem')).toEqual(
      ['[x].pem', 'a.pem', 'c d.pem', 'x.pem'].map((n) => `/etc/tls/${n}`),
    );
    expect(await paths('/etc/tls/.*.pem')).toEqual(['/etc/tls/.b.pem']);
    expect(await paths('/etc/tls/[x]*')).toEqual(['/etc/tls/[x].pem']);
    expect(await paths('/etc/tls/?.pem')).toEqual(['/etc/tls/a.pem', '/etc/tls/x.pem']);
    expect(await paths('/etc/t*/*/server.pem')).toEqual([
      '/etc/tls/one/server.pem',
      '/etc/tls/two/server.pem',
    ]);
    expect(await paths('/etc/tls/*/s*.pem')).toEqual(['/etc/tls/one/server.pem', '/etc/tls/two/server.pem']);
  });

  it('that fit nothing are missing, and those that fit too much are refused', async () => {
    for (let n = 0; n < 201; n += 1) put(`/etc/tls/n${n}.pem`, '');
    const { stores } = await read([
      '/etc/tls/*.none',
      '/etc/none/*.pem',
      '/etc/clus*/server.pem',
      '/etc/tls/*.pem',
    ]);
    expect(stores.map(({ status }) => status)).toEqual(['missing', 'missing', 'missing', 'refused']);
    expect(stores.map(({ path }) => path)[3]).toBe('/etc/tls/*.pem');
    expect(stores[3]?.reason).toMatch(/fits 201 paths, and at most 200/);
  });

  it('name a path once, for the first rule that does', async () => {
    put('/etc/tls/a.pem', pairs.good.certificate);
    const { stores } = await read([{ path: '/etc/tls/a.pem', owner: '@first' }, '/etc/tls/*.pem']);
    expect(stores.map(({ path, owner }) => [path, owner])).toEqual([['/etc/tls/a.pem', '@first']]);
  });
});

describe('configuration files', () => {
  it('give way to the stores that they name, and their passwords stay on the node', async () => {
    put(
      '/etc/tls/ldap.cfg',
      'useSSL: TLS\nbindpwd:geheim1\nldapsslkeyf:/etc/tls/ldap.pem\nldapsslkeypwd:geheim2\n',
    );
    put('/etc/tls/ldap.pem', pairs.soon.certificate);
    put('/etc/tls/sshd_config', '#HostCertificate /etc/no\nHostCertificate /etc/tls/host-cert.pub\n');
    put('/etc/tls/host-cert.pub', 'ssh-rsa-cert-v01@openssh.com AAAA\n');
    put(
      '/etc/tls/httpd.conf',
      'ServerRoot "/etc/tls"\nKeyFile conf/key.kdb\nSSLCertificateFile /etc/tls/web.crt\n',
    );
    put('/etc/tls/web.crt', pairs.good.certificate);
    const { stores } = await read(['/etc/tls/ldap.cfg', '/etc/tls/sshd_config', '/etc/tls/h*.conf']);
    expect(stores.map(({ path, status, format }) => [path, status, format])).toEqual([
      ['/etc/tls/ldap.pem', 'read', 'pem'],
      ['/etc/tls/host-cert.pub', 'unreadable', 'unknown'],
      ['/etc/tls/conf/key.kdb', 'missing', 'kdb'],
      ['/etc/tls/web.crt', 'read', 'pem'],
    ]);
    expect(left()).toContain('ldapsslkeyf');
    expect(left()).not.toContain('geheim');
  });

  it('that name nothing are read, and nothing of them can expire', async () => {
    put('/etc/tls/ldap.cfg', 'useSSL: no\nldapsslkeyf:/etc/tls/ldap.kdb\n');
    expect(await readOne('/etc/tls/ldap.cfg')).toMatchObject({ status: 'read', certificates: [] });
  });
});

describe('No private key line ever leaves a node', () => {
  it('whatever stands beside it, in which form, and however the file is broken', async () => {
    const { good, old, soon } = pairs;
    const cut = soon.certificate.replace(/-----END.*\n/, '');
    const glued = (a: string, b: string) => a.trimEnd() + b;
    const files: Readonly<Record<string, string | Buffer>> = {
      'both.pem': good.key + good.certificate + old.key + old.certificate,
      'crlf.pem': (good.certificate + good.key).replaceAll('\n', '\r\n'),
      'cut.pem': cut + good.key + good.certificate,
      'glued.pem': glued(good.certificate, good.key) + old.certificate,
      'glued-before.pem': glued(good.key, good.certificate),
      'key.der': openssl(['pkey', '-outform', 'DER'], good.key),
      'key-only.pem': good.key,
      'key.crt': good.key,
      'encrypted.pem':
        good.certificate + String(openssl(['pkey', '-aes256', '-passout', 'pass:x'], good.key)),
      'p.password': 'lab\n',
      'store.p12': openssl(['pkcs12', '-export', '-passout', 'pass:lab'], good.key + good.certificate),
      'named.cfg': good.key,
      'ldap.cfg': `useSSL: yes\nldapsslkeyf:/etc/tls/named.cfg\n${good.key}`,
    };
    for (const [name, content] of Object.entries(files)) put(`/etc/tls/${name}`, content);
    const rules: Rule[] = [
      { path: '/etc/tls/*.p12', owner: null, passwordFile: '/etc/tls/p.password' },
      '/etc/tls/*',
    ];
    const { stores, error } = await read(rules);
    expect(error).toBeNull();
    const by = new Map(stores.map((store) => [store.path.replace('/etc/tls/', ''), store]));
    expect([...by.keys()].sort()).toEqual(
      Object.keys(files)
        .filter((name) => name !== 'ldap.cfg')
        .sort(),
    );
    expect(subjects(by.get('both.pem')!)).toHaveLength(2);
    expect(by.get('cut.pem')?.certificates).toMatchObject([{ certificate: null }]);
    expect(by.get('glued.pem')?.certificates).toHaveLength(2);
    expect(by.get('glued-before.pem')?.certificates).toHaveLength(1);
    const all = left() + JSON.stringify(stores);
    expect(all).toContain('BEGIN CERTIFICATE');
    expect(all.split('\n').filter((line) => line.includes('PRIVATE KEY'))).toEqual([]);
    for (const { key } of [good, old, soon]) {
      const body = key.split('\n').filter((line) => line !== '' && !line.includes('-----'));
      expect(body.filter((line) => all.includes(line))).toEqual([]);
    }
  }, 60_000);
});
