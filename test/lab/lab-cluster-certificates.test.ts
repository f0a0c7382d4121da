import { X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allPairs, clustersInTest, tool, utilities } from './clusters-in-test.js';

const bench = clustersInTest();
const { on, out, through } = bench;

describe('certificates', () => {
  const certificateOf = (node: string, of: string) => {
    const text = readFileSync(join(bench.lab.node(node).root, `etc/cluster/.cert-${of}`), 'utf8');
    return { text, is: new X509Certificate(text.slice(text.indexOf('-----BEGIN CERTIFICATE'))) };
  };
  const daysLeft = ({ is }: { is: X509Certificate }) => (Date.parse(is.validTo) - Date.now()) / 86_400_000;

  it('are made at the start, the same one on every node, with the key on its own node only', () => {
    const own = certificateOf('crm2', 'crm2');
    const copy = certificateOf('crm1', 'crm2');
    expect(own.is.fingerprint256).toBe(copy.is.fingerprint256);
    expect(own.is.subject).toBe('O=Lab\nCN=crm2.lab.example');
    expect(own.text).toContain('PRIVATE KEY');
    expect(copy.text).not.toContain('PRIVATE KEY');
    expect(daysLeft(own)).toBeCloseTo(400, 1);
    expect(certificateOf('crm1', 'crm1').is.fingerprint256).not.toBe(own.is.fingerprint256);
  });

  it('are those of NIM too, where the estate says so', async () => {
    expect(await out('erp1', 'ls -dlL /ssl_nimsh/certs/server.pem')).toMatch(/^-rw-r--r-- +1 root +system /);
    expect(
      await out('erp1', 'openssl x509 -in /ssl_nimsh/certs/server.pem -noout -checkend 3801600'),
    ).toContain('will not expire');
    expect(
      (await on('erp1', 'openssl x509 -in /ssl_nimsh/certs/server.pem -noout -checkend 3974400')).code,
    ).toBe(1);
  });

  it('may be in other stores, each read by the program that it is made for', async () => {
    const gsk = '/usr/opt/ibm/gsk8_64/bin/gsk8capicmd_64 -cert';
    const kdb = '-db /etc/security/ldap/key.kdb -stashed';
    expect(await out('erp1', `${gsk} -list ${kdb}`)).toContain('\n*-\tserver\n#\tdisk-key-1\n');
    const details = await out('erp1', `${gsk} -details ${kdb} -label server`);
    expect(details).toMatch(/^Not After : \w+ \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M GMT\+00:00$/m);
    expect(details).toMatch(/^Fingerprint : SHA256 : \n(?: {4}(?:[0-9A-F]{2} ?){16}\n){2}/m);
    expect((await on('erp1', `${gsk} -details ${kdb} -label disk-key-1`)).stdout).toContain('CTGSK3029W');
    expect(await out('erp1', 'cat /etc/security/ldap/ldap.cfg')).toContain(
      'ldapsslkeyf:/etc/security/ldap/key.kdb\n',
    );
    const p12 = '/var/ssl/lab/app.p12';
    expect(await out('erp1', `openssl pkcs12 -in ${p12} -nokeys -passin file:${p12}.password`)).toContain(
      'BEGIN CERTIFICATE',
    );
    expect(
      (await on('erp1', 'openssl x509 -inform der -in /var/ssl/lab/app.der -noout -checkend 0')).code,
    ).toBe(1);
  });

  it('stop clcomd where it works with them and they have expired, until the tool and a refresh of each node', async () => {
    await bench.lab.cluster('crm').setScenario('cert-expired-security-on');
    expect(daysLeft(certificateOf('crm1', 'crm3'))).toBeCloseTo(-12, 1);
    expect(await through('crm')).toEqual([]);
    const before = bench.lab.node('crm3').snapshot();
    expect(await out('crm1', tool)).toContain('crm3');
    for (const node of bench.lab.cluster('crm').nodes) {
      for (const of of bench.lab.cluster('crm').nodes) {
        const one = certificateOf(node, of);
        expect(daysLeft(one)).toBeCloseTo(365, 1);
        expect(one.is.fingerprint256).toBe(certificateOf('crm1', of).is.fingerprint256);
        expect(one.text.includes('PRIVATE KEY')).toBe(node === of);
      }
    }
    expect(bench.lab.node('crm3').changesSince(before)).toEqual([
      'changed etc/cluster/.cert-crm1',
      'changed etc/cluster/.cert-crm2',
      'changed etc/cluster/.cert-crm3',
    ]);
    expect(await through('crm')).toEqual([]);
    for (const node of ['crm1', 'crm2']) await out(node, 'refresh -s clcomd');
    expect(await through('crm')).toEqual(allPairs('crm1', 'crm2'));
    await out('crm3', 'refresh -s clcomd');
    expect(await through('crm')).toEqual(allPairs('crm1', 'crm2', 'crm3'));
  }, 60_000);

  it('stop one node where only its own have expired', async () => {
    await bench.lab.cluster('crm').setScenario('security-on');
    await bench.lab.node('crm2').setScenario('cert-expired-security-on');
    expect(await through('crm')).toEqual(allPairs('crm1', 'crm3'));
  });

  it('are shown by clmgr with the security that uses them', async () => {
    expect(await out('erp1', `${utilities}/clmgr query cluster`)).toContain('LEVEL="DISABLE"\n');
    await bench.lab.node('erp1').setScenario('cert-expiring');
    expect(await out('erp1', `${utilities}/clmgr query cluster SECURITY`)).toBe(
      'LEVEL="HIGH"\nALGORITHM="AES"\nMECHANISM="OpenSSL"\nCERTIFICATE="/etc/cluster/.cert-erp1"\nPRIVATE_KEY="/etc/cluster/.cert-erp1"\n',
    );
    expect(daysLeft(certificateOf('erp1', 'erp1'))).toBeCloseTo(9, 1);
  });

  it('lie beside files that are none', async () => {
    await bench.lab.node('erp1').setScenario('cert-odd-files');
    const listed = await out('erp1', 'ls -leA /etc/cluster');
    for (const row of [
      'd.* .cert-x-directory',
      'p.* .cert-x-fifo',
      'l.* .cert-x-link -> rhosts',
      '-.* .cert-x-huge',
    ])
      expect(listed).toMatch(new RegExp(`^${row}$`, 'm'));
    expect(await out('erp1', 'openssl x509 -in /etc/cluster/.cert-x-hostile-name -noout -subject')).toContain(
      '<!channel>',
    );
    expect(
      await out('erp1', 'openssl x509 -inform der -in /etc/cluster/.cert-x-der -noout -subject'),
    ).toContain('erp1-odd');
    expect((await on('erp1', 'openssl x509 -in /etc/cluster/.cert-x-broken -noout')).code).toBe(1);
  });
});

describe('the certificate tool', () => {
  it('is a file of root that ls, cksum and file know', async () => {
    expect(await out('erp1', `ls -l ${tool}`)).toMatch(
      /^-rwxr-xr-x +1 root +system +\d+ .* \/usr\/es\/.*clrexec_cert_setup\n$/,
    );
    expect(await out('erp1', `file ${tool}`)).toContain('shell script');
    const [one, other] = await Promise.all(['erp1', 'erp2'].map((node) => out(node, `cksum ${tool}`)));
    expect(one).toBe(other);
    chmodSync(join(bench.lab.node('erp1').root, tool), 0o755);
    writeFileSync(join(bench.lab.node('erp1').root, tool), '#!/bin/sh\necho other\n');
    expect(await out('erp1', `cksum ${tool}`)).not.toBe(other);
  });

  it.each([
    ['tool-writable', /^-rwxrwxr-x +1 root +system /],
    ['tool-foreign-owner', /^-rwxr-xr-x +1 build +staff /],
    ['tool-a-link', /^lrwxrwxrwx +1 root +system .* -> \/usr\/es\/sbin/],
  ])('shows its %s in ls', async (scenario, row) => {
    await bench.lab.node('erp1').setScenario(scenario);
    expect(await out('erp1', `ls -l ${tool}`)).toMatch(row);
  });

  it('may be missing', async () => {
    await bench.lab.node('erp1').setScenario('tool-missing');
    expect(await on('erp1', `ls -l ${tool}`)).toMatchObject({ code: 2, stdout: '' });
    await bench.lab.node('erp1').setScenario('healthy');
    expect((await on('erp1', `ls -l ${tool}`)).code).toBe(0);
  });

  it('may fail before it has changed anything, or half-way', async () => {
    await bench.lab.cluster('erp').setScenario('tool-fails');
    const before = ['erp1', 'erp2'].map((name) => bench.lab.node(name).snapshot());
    expect((await on('erp1', tool)).code).toBe(1);
    const changed = () =>
      ['erp1', 'erp2'].map(
        (name, at) =>
          bench.lab
            .node(name)
            .changesSince(before[at]!)
            .filter((line) => !line.startsWith('ran')).length,
      );
    expect(changed()).toEqual([0, 0]);
    await bench.lab.cluster('erp').setScenario('tool-fails-half');
    before.splice(0, 2, ...['erp1', 'erp2'].map((name) => bench.lab.node(name).snapshot()));
    expect((await on('erp1', tool)).code).toBe(1);
    expect(changed()).toEqual([2, 0]);
  });
});
