import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { parse } from 'yaml';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runOver } from './client.js';
import { startLab } from './lab.js';
import type { ConfigFiles, Lab } from './lab.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-lab-cluster-'));
const utilities = '/usr/es/sbin/cluster/utilities';
const tool = `${utilities}/clrexec_cert_setup`;
const communicationError = { code: 1, stdout: '', stderr: 'Communication error, see logfile\n' };
const aDate = /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \w+ \d{4}\n$/;
let lab: Lab;
let files: ConfigFiles;

beforeAll(async () => {
  lab = await startLab({ estate: 'clusters', folder: join(folder, 'lab'), settleMs: 200 });
  files = await lab.writeConfig(join(folder, 'config'));
}, 60_000);
afterAll(async () => {
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  for (const name of lab.clusters) await lab.cluster(name).setScenario('healthy');
});

const on = (name: string, command: string, input = '') =>
  runOver(lab.node(name), files, 'root', command, input);
const out = async (name: string, command: string) => {
  const { code, stdout, stderr } = await on(name, command);
  expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
  return stdout;
};
const clrsh = (from: string, to: string, command = '/usr/bin/date') =>
  on(from, `/usr/sbin/clrsh ${to} ${command}`);

/** The pairs that get through, each tried once: `erp1>erp2`. */
async function through(cluster: string): Promise<string[]> {
  const { nodes } = lab.cluster(cluster);
  const tries = nodes.flatMap((from) => nodes.map(async (to) => ({ from, to, ran: await clrsh(from, to) })));
  const done = await Promise.all(tries);
  for (const { ran } of done) {
    if (ran.code === 0) expect(ran.stdout).toMatch(aDate);
    else expect(ran).toMatchObject(communicationError);
  }
  return done.filter(({ ran }) => ran.code === 0).map(({ from, to }) => `${from}>${to}`);
}

const allPairs = (...nodes: string[]) => nodes.flatMap((from) => nodes.map((to) => `${from}>${to}`));

describe('clrsh', () => {
  it('runs the command on the other node, and gives what it printed and its exit status', async () => {
    expect((await clrsh('erp1', 'erp2', '/usr/bin/hostname')).stdout).toBe('erp2.lab.example\n');
    expect((await clrsh('erp2', '127.0.1.31', '/usr/bin/hostname')).stdout).toBe('erp1.lab.example\n');
    expect((await clrsh('erp1', 'erp1', '/usr/bin/hostname')).stdout).toBe('erp1.lab.example\n');
    expect((await clrsh('erp1', 'erp2', `"echo here >/tmp/here; exit 3"`)).code).toBe(3);
    expect(await out('erp2', 'cat /tmp/here; ls -dl /tmp/here')).toMatch(
      /^here\n-rw.* root +system .* \/tmp\/here\n$/,
    );
    expect((await on('erp1', 'cat /tmp/here')).code).toBe(2);
    expect((await clrsh('erp1', 'erp2', '/usr/bin/ls /etc/cluster/nothing')).stderr).toContain(
      'The file /etc/cluster/nothing does not exist.',
    );
  });

  it('gets through between all nodes of a healthy cluster, and to none of another', async () => {
    expect(await through('erp')).toEqual(allPairs('erp1', 'erp2'));
    expect(await through('crm')).toEqual(allPairs('crm1', 'crm2', 'crm3'));
    expect(await clrsh('erp1', 'crm1')).toMatchObject(communicationError);
    expect(await clrsh('erp1', '127.0.1.41')).toMatchObject(communicationError);
  });

  it('is nothing that a node outside of a cluster has', async () => {
    expect((await on('erp1', '/usr/sbin/clrsh')).stderr).toContain('(lab) clrsh');
    const alone = await startLab({ estate: 'demo', folder: join(folder, 'alone'), settleMs: 200 });
    const config = await alone.writeConfig(join(folder, 'alone-config'));
    expect((await runOver(alone.node('lpar1'), config, 'root', '/usr/sbin/clrsh erp1 date')).code).toBe(127);
    await alone.stop({ remove: true });
  });

  it('writes down every try in clcomd.log of both sides, which no snapshot calls a change', async () => {
    const before = lab.cluster('erp').nodes.map((name) => ({ name, was: lab.node(name).snapshot() }));
    await clrsh('erp1', 'erp2');
    expect(await out('erp1', 'tail -100 /var/hacmp/clcomd/clcomd.log')).toContain('127.0.1.31->127.0.1.32');
    expect(await out('erp2', 'tail -100 /var/hacmp/clcomd/clcomd.log')).toContain('127.0.1.31->127.0.1.32');
    for (const { name, was } of before) expect(lab.node(name).changesSince(was)).toEqual([]);
  });

  const into = (x: string) => allPairs('crm1', 'crm2', 'crm3').filter((pair) => !pair.endsWith(`>${x}`));
  const others = allPairs('crm1', 'crm2', 'crm3').filter(
    (pair) => !/crm2/.test(pair) || pair === 'crm2>crm2',
  );
  it.each([
    ['clcomd-down', allPairs('crm1', 'crm3')],
    ['clcomd-not-on-file', allPairs('crm1', 'crm3')],
    ['rhosts-labels', allPairs('crm1', 'crm2', 'crm3')],
    ['rhosts-missing', into('crm2')],
    ['rhosts-empty', into('crm2')],
    ['rhosts-mode', into('crm2')],
    ['rhosts-crlf', into('crm2')],
    ['rhosts-trailing-space', into('crm2')],
    ['rhosts-unresolvable', into('crm2')],
    ['rhosts-blank-line', allPairs('crm1', 'crm2', 'crm3')],
    ['rhosts-not-self', allPairs('crm1', 'crm2', 'crm3').filter((pair) => pair !== 'crm2>crm2')],
    ['rhosts-stale', allPairs('crm1', 'crm2', 'crm3').filter((pair) => pair !== 'crm3>crm2')],
    ['names-differ', allPairs('crm1', 'crm2', 'crm3').filter((pair) => pair !== 'crm2>crm3')],
    ['name-missing', allPairs('crm1', 'crm2', 'crm3').filter((pair) => pair !== 'crm2>crm3')],
    ['pair-blocked', allPairs('crm1', 'crm2', 'crm3').filter((pair) => !/crm1>crm2|crm2>crm1/.test(pair))],
    ['into-blocked', [...into('crm2'), 'crm2>crm2'].sort()],
    ['out-blocked', [...others, 'crm1>crm2', 'crm3>crm2'].sort()],
    ['out-firewall', [...others, 'crm1>crm2', 'crm3>crm2'].sort()],
    ['keys-differ', allPairs('crm1', 'crm3').concat('crm2>crm2').sort()],
    ['cert-expired-security-off', allPairs('crm1', 'crm2', 'crm3')],
    ['one-node-down', allPairs('crm1', 'crm3')],
  ])('in scenario %s on one of three nodes gets through where it should', async (scenario, expected) => {
    await lab.node('crm2').setScenario(scenario);
    if (scenario === 'keys-differ') {
      for (const name of ['crm1', 'crm3']) await lab.node(name).setScenario('security-self-signed');
    }
    if (scenario === 'one-node-down') {
      expect(
        (await Promise.all([clrsh('crm1', 'crm3'), clrsh('crm3', 'crm1')])).map(({ code }) => code),
      ).toEqual([0, 0]);
      expect(await clrsh('crm1', 'crm2')).toMatchObject(communicationError);
      return;
    }
    expect((await through('crm')).sort()).toEqual([...expected].sort());
  });

  it('fails every third try of each pair where jumbo frames get lost, in whatever order they come', async () => {
    await lab.cluster('erp').setScenario('intermittent-mtu');
    const rounds = await Promise.all([1, 2, 3].map(() => through('erp')));
    const counts = allPairs('erp1', 'erp2').map(
      (pair) => rounds.flat().filter((other) => other === pair).length,
    );
    expect(counts).toEqual([2, 2, 2, 2]);
    expect(await out('erp1', 'tail -50 /var/adm/ras/syslog.caa')).toContain('Overflow, Dropping packet.');
    expect(await out('erp1', '/usr/bin/netstat -in')).toMatch(/^en0 +9000 /m);
    expect(await out('erp1', 'lsattr -El en0 -a mtu_bypass; lsattr -El ent0 -a platform_lso')).toMatch(
      /^mtu_bypass on .*\nplatform_lso yes /,
    );
  });

  it('never ends where a firewall drops what it sends', async () => {
    await lab.node('erp2').setScenario('pair-hangs');
    const ended = await on('erp2', 'clrsh erp1 date & sleep 1; kill $! 2>/dev/null && echo still there');
    expect(ended.stdout).toBe('still there\n');
  });
});

describe('clcomd', () => {
  it('is started and stopped by the SRC, as lssrc, netstat and ps then show', async () => {
    await lab.node('erp1').setScenario('clcomd-down');
    const seen = () =>
      out(
        'erp1',
        'lssrc -s clcomd | tail -1; netstat -an | grep -c "[.]16191 "; ps -ef | grep -c "clcomd -d"',
      );
    expect((await on('erp1', 'lssrc -s clcomd; netstat -an | grep "[.]16191 "')).stdout).toMatch(
      /^Subsystem .*\n clcomd {11}caa +inoperative\n$/,
    );
    expect(await on('erp1', 'refresh -s clcomd')).toMatchObject({ code: 1 });
    expect(await out('erp1', 'startsrc -s clcomd')).toMatch(
      /^0513-059 The clcomd Subsystem has been started\. Subsystem PID is \d+\.\n$/,
    );
    expect(await seen()).toMatch(/^ clcomd +caa +\d+ +active\n1\n1\n$/);
    expect((await clrsh('erp2', 'erp1')).code).toBe(0);
    expect(await out('erp1', 'stopsrc -s clcomd')).toBe(
      '0513-044 The clcomd Subsystem was requested to stop.\n',
    );
    expect(await clrsh('erp2', 'erp1')).toMatchObject(communicationError);
    expect(lab.node('erp1').state().subsystems['clcomd']).toMatchObject({ status: 'inoperative', pid: '' });
  });

  it('is not on file where it is not installed', async () => {
    await lab.node('erp1').setScenario('clcomd-not-on-file');
    expect((await on('erp1', 'lssrc -s clcomd')).stdout).toContain(
      '0513-085 The clcomd Subsystem is not on file.',
    );
  });

  it('ends again where it cannot stay', async () => {
    await lab.node('erp1').setScenario('clcomd-dies');
    await out('erp1', 'startsrc -s clcomd');
    expect(await out('erp1', 'lssrc -s clcomd; sleep 2; lssrc -s clcomd')).toMatch(
      /active\n.*\n.*inoperative\n$/,
    );
  });

  it('works with the list that it read at its start or at a refresh, which a change of the file is not', async () => {
    await lab.node('erp1').setScenario('rhosts-stale');
    const write =
      'T=/etc/cluster/.rhosts.new.1; cp -p /etc/cluster/rhosts "$T" && cat >"$T" && chown root:system "$T" && chmod 600 "$T" && mv -f "$T" /etc/cluster/rhosts';
    const before = lab.node('erp1').snapshot();
    expect((await on('erp1', write, '127.0.1.31\n127.0.1.32\n')).code).toBe(0);
    expect(lab.node('erp1').changesSince(before)).toEqual([
      expect.stringMatching(/^ran chown root:system .*rhosts\.new/),
      'changed etc/cluster/rhosts',
    ]);
    expect(await clrsh('erp2', 'erp1')).toMatchObject(communicationError);
    expect(await out('erp1', 'refresh -s clcomd')).toBe(
      '0513-095 The request for subsystem refresh was completed successfully.\n',
    );
    expect((await clrsh('erp2', 'erp1')).code).toBe(0);
  });

  it.each([
    ['rhosts-stale-refresh-ignored', 0],
    ['rhosts-stale-refresh-unsupported', 1],
  ])('needs a restart in scenario %s', async (scenario, code) => {
    await lab.node('erp1').setScenario(scenario);
    await on('erp1', 'cat >/etc/cluster/rhosts', '127.0.1.31\n127.0.1.32\n');
    expect((await on('erp1', 'refresh -s clcomd')).code).toBe(code);
    expect(await clrsh('erp2', 'erp1')).toMatchObject(communicationError);
    await out('erp1', 'stopsrc -s clcomd; startsrc -s clcomd');
    expect((await clrsh('erp2', 'erp1')).code).toBe(0);
  });
});

describe('certificates', () => {
  const certificateOf = (node: string, of: string) => {
    const text = readFileSync(join(lab.node(node).root, `etc/cluster/.cert-${of}`), 'utf8');
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
    await lab.cluster('crm').setScenario('cert-expired-security-on');
    expect(daysLeft(certificateOf('crm1', 'crm3'))).toBeCloseTo(-12, 1);
    expect(await through('crm')).toEqual([]);
    const before = lab.node('crm3').snapshot();
    expect(await out('crm1', tool)).toContain('crm3');
    for (const node of lab.cluster('crm').nodes) {
      for (const of of lab.cluster('crm').nodes) {
        const one = certificateOf(node, of);
        expect(daysLeft(one)).toBeCloseTo(365, 1);
        expect(one.is.fingerprint256).toBe(certificateOf('crm1', of).is.fingerprint256);
        expect(one.text.includes('PRIVATE KEY')).toBe(node === of);
      }
    }
    expect(lab.node('crm3').changesSince(before)).toEqual([
      'changed etc/cluster/.cert-crm1',
      'changed etc/cluster/.cert-crm2',
      'changed etc/cluster/.cert-crm3',
    ]);
    expect(await through('crm')).toEqual([]);
    for (const node of ['crm1', 'crm2']) await out(node, 'refresh -s clcomd');
    expect(await through('crm')).toEqual(allPairs('crm1', 'crm2'));
    await out('crm3', 'refresh -s clcomd');
    expect(await through('crm')).toEqual(allPairs('crm1', 'crm2', 'crm3'));
  }, 30_000);

  it('stop one node where only its own have expired', async () => {
    await lab.cluster('crm').setScenario('security-on');
    await lab.node('crm2').setScenario('cert-expired-security-on');
    expect(await through('crm')).toEqual(allPairs('crm1', 'crm3'));
  });

  it('are shown by clmgr with the security that uses them', async () => {
    expect(await out('erp1', `${utilities}/clmgr query cluster`)).toContain('LEVEL="DISABLE"\n');
    await lab.node('erp1').setScenario('cert-expiring');
    expect(await out('erp1', `${utilities}/clmgr query cluster SECURITY`)).toBe(
      'LEVEL="HIGH"\nALGORITHM="AES"\nMECHANISM="OpenSSL"\nCERTIFICATE="/etc/cluster/.cert-erp1"\nPRIVATE_KEY="/etc/cluster/.cert-erp1"\n',
    );
    expect(daysLeft(certificateOf('erp1', 'erp1'))).toBeCloseTo(9, 1);
  });

  it('lie beside files that are none', async () => {
    await lab.node('erp1').setScenario('cert-odd-files');
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
    chmodSync(join(lab.node('erp1').root, tool), 0o755);
    writeFileSync(join(lab.node('erp1').root, tool), '#!/bin/sh\necho other\n');
    expect(await out('erp1', `cksum ${tool}`)).not.toBe(other);
  });

  it.each([
    ['tool-writable', /^-rwxrwxr-x +1 root +system /],
    ['tool-foreign-owner', /^-rwxr-xr-x +1 build +staff /],
    ['tool-a-link', /^lrwxrwxrwx +1 root +system .* -> \/usr\/es\/sbin/],
  ])('shows its %s in ls', async (scenario, row) => {
    await lab.node('erp1').setScenario(scenario);
    expect(await out('erp1', `ls -l ${tool}`)).toMatch(row);
  });

  it('may be missing', async () => {
    await lab.node('erp1').setScenario('tool-missing');
    expect(await on('erp1', `ls -l ${tool}`)).toMatchObject({ code: 2, stdout: '' });
    await lab.node('erp1').setScenario('healthy');
    expect((await on('erp1', `ls -l ${tool}`)).code).toBe(0);
  });

  it('may fail before it has changed anything, or half-way', async () => {
    await lab.cluster('erp').setScenario('tool-fails');
    const before = ['erp1', 'erp2'].map((name) => lab.node(name).snapshot());
    expect((await on('erp1', tool)).code).toBe(1);
    const changed = () =>
      ['erp1', 'erp2'].map(
        (name, at) =>
          lab
            .node(name)
            .changesSince(before[at]!)
            .filter((line) => !line.startsWith('ran')).length,
      );
    expect(changed()).toEqual([0, 0]);
    await lab.cluster('erp').setScenario('tool-fails-half');
    before.splice(0, 2, ...['erp1', 'erp2'].map((name) => lab.node(name).snapshot()));
    expect((await on('erp1', tool)).code).toBe(1);
    expect(changed()).toEqual([2, 0]);
  });
});

describe('what a cluster shows of itself', () => {
  it('names its level, its nodes, their addresses and its groups', async () => {
    expect(await out('crm1', `${utilities}/halevel -s`)).toBe('7.2.7 GA\n');
    expect(await out('crm1', `${utilities}/clRGinfo -s`)).toBe(
      [
        'crm_rg:ONLINE:crm1:non-concurrent:OHN:FNPN:NFB:ignore::: : :::',
        'crm_rg:OFFLINE:crm2:non-concurrent:OHN:FNPN:NFB:ignore::: : :::',
        'crm_rg:OFFLINE:crm3:non-concurrent:OHN:FNPN:NFB:ignore::: : :::',
        'web_rg:ONLINE:crm3:non-concurrent:OHN:FNPN:NFB:ignore::: : :::',
        'web_rg:OFFLINE:crm1:non-concurrent:OHN:FNPN:NFB:ignore::: : :::',
        '',
      ].join('\n'),
    );
    const cllsif = await out('crm2', `${utilities}/cllsif`);
    for (const row of [
      'crm1 +boot .* crm1 +127\\.0\\.1\\.41 ',
      'crm3 +boot .* crm3 +127\\.0\\.1\\.43 ',
      'crm-svc +service .* crm2 +127\\.0\\.1\\.48 ',
    ])
      expect(cllsif).toMatch(new RegExp(`^${row}`, 'm'));
    expect(await out('crm2', `${utilities}/cllsif -c`)).toMatch(
      /^crm1:boot:net_ether_01:ether:public:crm1:127\.0\.1\.41:/,
    );
    expect(await out('crm2', `${utilities}/cllsnode`)).toMatch(
      /^NODE crm1:\n {4}Interfaces to network net_ether_01\n/,
    );
    expect(await out('crm2', `${utilities}/cltopinfo`)).toContain(
      'There are 3 node(s) and 1 network(s) defined',
    );
    expect(await out('crm2', `${utilities}/cltopinfo -i`)).toBe(cllsif);
    expect(
      (await out('crm2', 'odmget HACMPnode | grep version'))
        .split('\n')
        .filter((line) => /version = 23/.test(line)),
    ).toHaveLength(3);
    expect(await out('crm2', 'odmget HACMPlogs')).toContain('"/var/hacmp/clcomd"');
    expect(await out('crm2', '/usr/sbin/lscluster -c')).toContain('Number of nodes in cluster = 3');
    expect(await out('crm2', '/usr/sbin/lscluster -i')).toContain('IPv4 ADDRESS: 127.0.1.43 ');
    expect(await out('crm2', '/usr/bin/lslpp -Lqc cluster.es.server.rte bos.cluster.rte')).toMatch(
      /cluster\.es\.server\.rte:7\.2\.7\.0:.*\n.*bos\.cluster\.rte:/,
    );
    expect(await out('crm2', 'lspv | grep caavg_private')).toMatch(/ active\n$/);
    expect(
      await out('crm2', 'lsitab clcomd; grep -E "clcomd|caa" /etc/services; cat /etc/netsvc.conf'),
    ).toMatch(/^clcomd:.*\n(?:.*\n)+hosts = local, bind4\n$/);
    expect(await out('crm2', 'lsrpdomain')).toMatch(/^crm +Online /m);
  });

  it('knows names by /etc/hosts of the node', async () => {
    expect(await out('crm2', 'host crm3; host 127.0.1.43')).toMatch(
      /^(crm3 is 127\.0\.1\.43, {2}Aliases: .*\n)\1$/,
    );
    await lab.node('crm2').setScenario('names-differ');
    expect(await out('crm2', 'host crm3')).toContain('127.0.1.251');
    expect((await on('crm2', 'host crm9')).stderr).toContain('0827-801');
    expect((await on('crm2', 'host 127.0.1.43')).stderr).toContain('0827-803');
  });

  it('tells the state of its manager, of its groups and of the node for the others', async () => {
    expect(await out('erp1', `${utilities}/clshowsrv -v`)).toMatch(
      /^Status of the RSCT .*(?:\n.*)+\nCurrent state: ST_STABLE\n/,
    );
    await lab.node('erp1').setScenario('manager-moving');
    expect(await out('erp1', 'lssrc -ls clstrmgrES')).toMatch(
      /^Current state: ST_RP_RUNNING\n(?:.*\n)*There are 2 events on the Ibcast queue\nThere are 1 events on the RM Ibcast queue\n/,
    );
    await lab.node('erp1').setScenario('services-stopped');
    expect((await on('erp1', `${utilities}/clRGinfo -s`)).stderr).toMatch(/^Cluster IPC error: /);
    expect(await out('erp2', `${utilities}/clRGinfo -s`)).toMatch(/:OFFLINE:erp1:.*\n.*:ONLINE:erp2:/);
    await lab.node('erp1').setScenario('rg-unmanaged');
    expect(await out('erp2', `${utilities}/clRGinfo -s`)).toMatch(/^erp_rg:UNMANAGED:erp1:/);
    await lab.node('erp1').setScenario('caa-node-down');
    expect(await out('erp2', 'lscluster -m')).toMatch(
      /State of node: DOWN\n(?:.*\n)*.*State of node: UP {2}NODE_LOCAL\n/,
    );
    await lab.node('erp1').setScenario('one-node-down');
    expect(await out('erp2', 'lscluster -m')).toContain('State of node: DOWN');
    await lab.node('erp1').setScenario('repository-lost');
    expect(await out('erp1', 'lspv')).not.toMatch(/caavg_private +active/);
    await lab.node('erp1').setScenario('level-behind');
    expect(
      await out('erp1', `${utilities}/halevel -s; odmget HACMPnode; lslpp -Lqc cluster.es.server.rte`),
    ).toMatch(/^7\.2\.5 SP1\n(?:.*\n)*.*version = 21\n(?:.*\n)*.*:7\.2\.5\.1:/);
    expect(await out('erp1', 'find /var/hacmp -name cluster.log -mmin -15')).toBe('');
    await lab.node('erp1').setScenario('takeover-just-now');
    expect(await out('erp1', 'find /var/hacmp -name cluster.log -mmin -15')).toBe(
      '/var/hacmp/adm/cluster.log\n',
    );
    await lab.node('erp1').setScenario('sync-running');
    expect(await out('erp1', 'ps -ef | grep -E "cldare|clverify|cl_[a-z]+ |clmgr"')).toContain('cldare -rt');
    await lab.node('erp1').setScenario({
      cluster: {
        errors: ['4B436A3A   1121050026 P S clcomd         SOFTWARE PROGRAM ABNORMALLY TERMINATED'],
      },
    });
    expect(await out('erp1', 'errpt')).toMatch(/^IDENTIFIER .*\n4B436A3A /);
  });

  it('has a clock of its own', async () => {
    await lab.node('erp1').setScenario('clock-skewed');
    const [date, perl, there] = (
      await out(
        'erp1',
        "date -u '+%Y-%m-%dT%H:%M:%SZ'; perl -e 'print time, qq(\\n)'; clrsh erp2 date -u +%Y-%m-%dT%H:%M:%SZ",
      )
    ).split('\n');
    expect(Math.abs(Date.parse(date ?? '') - Date.now() - 300_000)).toBeLessThan(5_000);
    expect(Math.abs(Number(perl) * 1000 - Date.now() - 300_000)).toBeLessThan(5_000);
    expect(Math.abs(Date.parse(there ?? '') - Date.now())).toBeLessThan(5_000);
  });

  it('is in the inventory that the lab writes', () => {
    const inventory = parse(lab.inventoryYaml()) as Record<string, unknown>;
    expect(inventory['clusters']).toEqual({
      erp: { nodes: ['erp1', 'erp2'], certificates: ['/etc/cluster/.cert-*'], certificateTool: tool },
      crm: { nodes: ['crm1', 'crm2', 'crm3'], certificates: ['/etc/cluster/.cert-*'], certificateTool: tool },
    });
    expect(inventory['certificates']).toContainEqual({
      nodes: 'tag:env=prod',
      files: ['/ssl_nimsh/certs/*.pem'],
      owner: '@nim-team',
    });
  });
});

// The commands of a backup, of a change and of its rollback, as administrators write them.
describe('a backup of /etc/cluster', () => {
  const B = '/var/backup/clcomd/20270101T000000Z';
  const backup = `
B=${B}
umask 077
mkdir -p "$B" && chmod 700 /var/backup/clcomd "$B"
cd / || exit 1
ls -leR ./etc/cluster > "$B/ls.before"
find ./etc/cluster -type f -exec cksum {} \\; | sort -k3 > "$B/cksum.before"
tar -cpf "$B/etc_cluster.tar" ./etc/cluster ./etc/hosts ./etc/netsvc.conf
tar -tf "$B/etc_cluster.tar" > "$B/tar.toc" || exit 1
cksum "$B/etc_cluster.tar" > "$B/tar.cksum"
cp -ph /etc/cluster/rhosts "$B/rhosts"
${utilities}/clshowsrv -v > "$B/clshowsrv.before" 2>&1
/usr/sbin/lscluster -m > "$B/lscluster_m.before" 2>&1
df -k /var
`;
  const restore = `
B=${B}
cksum "$B/etc_cluster.tar" | diff - "$B/tar.cksum" || exit 1
cd / && mkdir -p "$B/now" && cp -ph /etc/cluster/rhosts "$B/now/rhosts"
/usr/bin/tar -xpf "$B/etc_cluster.tar" ./etc/cluster
chown root:system /etc/cluster/rhosts; chmod 600 /etc/cluster/rhosts
find ./etc/cluster -type f -exec cksum {} \\; | sort -k3 | diff - "$B/cksum.before"
`;

  it('is taken and restored byte for byte, and names what came later', async () => {
    await lab.cluster('erp').setScenario('cert-expired-security-on');
    const etc = join(lab.node('erp1').root, 'etc/cluster');
    const was = ['rhosts', '.cert-erp1', '.cert-erp2'].map((file) => readFileSync(join(etc, file), 'latin1'));
    expect(await out('erp1', backup)).toMatch(
      /^Filesystem +1024-blocks +Free .*\n\/dev\/hd9var +\d+ +2097152 .* \/var\n$/,
    );
    expect(await out('erp1', `cat ${B}/tar.toc ${B}/ls.before`)).toMatch(
      /^\.\/etc\/cluster\/\n(?:.*\n)*-rw--------\s+1 root +system .* rhosts\n$/,
    );
    await out('erp1', `${tool}; echo 127.0.9.9 >/etc/cluster/rhosts; : >/etc/cluster/later`);
    const changed = await on('erp1', restore);
    expect(changed.stdout).toMatch(/^\d+d\d+\n< \d+ 0 \.\/etc\/cluster\/later\n$/);
    expect(
      ['rhosts', '.cert-erp1', '.cert-erp2'].map((file) => readFileSync(join(etc, file), 'latin1')),
    ).toEqual(was);
    expect(await out('erp1', 'ls -l /etc/cluster/rhosts')).toMatch(/^-rw------- +1 root +system /);
  });

  it('is refused in an archive that somebody changed', async () => {
    await out('erp1', backup);
    await out('erp1', `echo >>${B}/etc_cluster.tar`);
    expect((await on('erp1', restore)).code).toBe(1);
  });

  it('knows owners by chown, and only names that the system has', async () => {
    await out('erp1', 'cp /etc/hosts /tmp/mine; chown bin:bin /tmp/mine; mv /tmp/mine /tmp/moved');
    expect(await out('erp1', 'ls -l /tmp/moved')).toMatch(/ bin +bin /);
    await out('erp1', 'chown root:system /tmp/moved');
    expect(await out('erp1', 'ls -l /tmp/moved')).toMatch(/ root +system /);
    expect((await on('erp1', 'chown nobody-here /tmp/moved')).code).toBe(1);
    expect((await on('erp1', 'cp -a /etc/hosts /tmp/x')).stderr).toContain('(lab) cp');
    expect((await on('erp1', 'find /etc -maxdepth 1')).stderr).toContain('(lab) find');
  });
});
