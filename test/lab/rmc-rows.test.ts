import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runOver } from './client.js';
import type { Ran } from './client.js';
import { loadEstate } from './estate.js';
import { startLab } from './lab.js';
import type { ConfigFiles, Lab, NodeState } from './lab.js';

const bin = '/usr/sbin/rsct/bin';
const recfgct = '/usr/sbin/rsct/install/bin/recfgct';
const system = 'Server-9009-42A-SN7800011';
let lab: Lab;
let files: ConfigFiles;
const folder = mkdtempSync(join(tmpdir(), 'aixops-rows-'));

const on = (node: string, command: string, input = ''): Promise<Ran> =>
  runOver(lab.node(node), files, 'root', command, input);
const out = async (node: string, command: string): Promise<string> => (await on(node, command)).stdout;
const hmc = async (command: string, name = 'hmc1'): Promise<string> =>
  (await runOver(lab.hmc(name), files, 'hscroot', command)).stdout;
const row = (node: string): Promise<string> => out(node, `${bin}/rmcdomainstatus -s ctrmc`);
const three = (node: string): Promise<string> =>
  out(node, `${bin}/lsnodeid; cat /etc/ct_node_id /var/ct/cfg/ct_node_id`);

beforeAll(async () => {
  lab = await startLab({ estate: 'rmc-rows', folder: join(folder, 'lab'), settleMs: 200 });
  files = await lab.writeConfig(join(folder, 'config'));
});

afterAll(async () => {
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the estate of rows and gates', () => {
  const estate = loadEstate('rmc-rows');

  it('has every row of the decision tree and every gate', () => {
    const tags = Object.values(estate.nodes).map(({ tags }) => tags);
    const rows = new Set(tags.map((tag) => tag['row']));
    for (let number = 1; number <= 19; number += 1) expect(rows).toContain(String(number));
    const gates = new Set(tags.map((tag) => tag['gate']));
    for (let number = 1; number <= 11; number += 1) expect(gates).toContain(`G${number}`);
  });

  it('names only scenarios that exist', () => {
    const known = readdirSync(new URL('./scenarios', import.meta.url));
    for (const { scenario } of Object.values(estate.nodes)) expect(known).toContain(`${scenario}.json`);
  });

  it('puts LPARs of Power Virtual Server into the inventory without system and HMC', () => {
    expect(lab.inventoryYaml()).toMatch(/pvs-healthy:\n(?: {4}.*\n)*? {4}platform: powervs\n/);
    expect(lab.inventoryYaml()).not.toMatch(/system: p[^\n]*\n(?: {4}lparId.*\n)? {4}platform: powervs/);
  });
});

describe('recfgct', () => {
  it('gives a new id, prints what a capture shows, and the HMC finds the node again', async () => {
    await lab.node('row10').setScenario('healthy');
    const before = lab.node('row10').state();
    const ran = await on('row10', recfgct);
    expect(ran.stdout).toMatch(
      /^\/usr\/lib\/dr\/scripts\/all\/ctrmc_MDdr +DR script to refresh Management Domain configuration\n0513-071 The ctcas Subsystem has been added\.\n0513-071 The ctrmc Subsystem has been added\.\n0513-059 The ctrmc Subsystem has been started\. Subsystem PID is \d+\.\n$/,
    );
    expect(ran).toMatchObject({ stderr: '', code: 0 });
    const id = lab.node('row10').state().nodeId;
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(id).not.toBe(before.nodeId);
    expect(await three('row10')).toBe(`${id}\n`.repeat(3));
    await until('row10', ({ link }) => link === 'I');
  });

  it('takes a given id, filled with zeros, and refuses what is none', async () => {
    await on('row10', `${recfgct} -i ABCDEF012`);
    expect(await three('row10')).toBe('0000000abcdef012\n'.repeat(3));
    for (const wrong of ['-i 0x123456789abcd', '-i 1234', '-i', '-x', '-i 00112233445566778899'])
      expect(await on('row10', `${recfgct} ${wrong}`)).toMatchObject({ code: 1, stdout: '' });
    expect(await three('row10')).toBe('0000000abcdef012\n'.repeat(3));
  });

  it('keeps the id of /etc/ct_node_id by -s', async () => {
    await lab.node('row10').setScenario('node-id-mismatch');
    expect(await three('row10')).toBe('1c0de0bad0bad0ba\n1c0de0bad0bad0bb\n1c0de0bad0bad0ba\n');
    await on('row10', `${recfgct} -s`);
    expect(await three('row10')).toBe('1c0de0bad0bad0bb\n'.repeat(3));
  });

  it('gives an id to a node that has none', async () => {
    expect(await on('row10-missing', `${bin}/lsnodeid`)).toMatchObject({ code: 1 });
    expect((await on('row10-missing', 'cat /etc/ct_node_id')).code).not.toBe(0);
    await on('row10-missing', `${bin}/rmcctrl -z; ${bin}/rmcctrl -A`);
    await sleep(400);
    expect(lab.node('row10-missing').state().registered).toBe(false);
    await on('row10-missing', recfgct);
    await until('row10-missing', ({ link }) => link === 'I');
  });

  it('refuses in a peer domain that is online, in the words of a capture, and changes nothing', async () => {
    const before = lab.node('g01-online').snapshot();
    expect(await on('g01-online', `${recfgct} -n`)).toMatchObject({
      stdout:
        'Cannot run if an online Peer Domain exists (see output of lsrpdomain).\n' +
        'For assistance with removing domains, refer to the rmrpnode and rmrpdomain commands.\n',
      code: 1,
    });
    expect(lab.node('g01-online').changesSince(before)).toEqual(['ran recfgct -n']);
  });

  it('wipes a peer domain that is offline and says nothing of it', async () => {
    expect(await out('g01-offline', '/usr/bin/lsrpdomain')).toMatch(/^labdom +Offline +3\.2\.6\.1 /m);
    expect((await on('g01-offline', recfgct)).code).toBe(0);
    expect(await out('g01-offline', '/usr/bin/lsrpdomain')).toBe('');
  });

  it('leaves nothing running when it fails half way, and everything as it was when it fails before', async () => {
    expect((await on('fix-recfgct-fails', recfgct)).code).toBe(1);
    expect((await on('fix-recfgct-fails', '/usr/bin/lssrc -s ctrmc')).stdout).toMatch(/^0513-085 /);
    const before = lab.node('fix-recfgct-refuses').snapshot();
    expect((await on('fix-recfgct-refuses', recfgct)).code).toBe(1);
    expect(lab.node('fix-recfgct-refuses').changesSince(before)).toEqual(['ran recfgct']);
  });

  it('ends with the old id while cluster0 says so, and the stanza can be put back', async () => {
    const old = lab.node('fix-id-returns').state().nodeId;
    await on('fix-id-returns', recfgct);
    expect(lab.node('fix-id-returns').state().nodeId).toBe(old);
    const get = '/usr/bin/odmget -q name=cluster0 CuAt';
    expect(await out('fix-id-returns', get)).toMatch(
      /^\nCuAt:\n\tname = "cluster0"\n\tattribute = "node_uuid"\n/,
    );
    await on('fix-id-returns', `${get} >/var/adm/cluster0`);
    expect(await out('fix-id-returns', '/usr/bin/odmdelete -o CuAt -q name=cluster0')).toBe(
      '0518-307 odmdelete: 1 objects deleted.\n',
    );
    expect(await out('fix-id-returns', get)).toBe('');
    await on('fix-id-returns', recfgct);
    expect(lab.node('fix-id-returns').state().nodeId).not.toBe(old);
    expect((await on('fix-id-returns', '/usr/bin/odmadd /var/adm/cluster0')).code).toBe(0);
    expect(await out('fix-id-returns', get)).toContain('node_uuid');
  });

  it('cures a failing authentication, which a restart does not', async () => {
    await on('row16', `${bin}/rmcctrl -z; ${bin}/rmcctrl -A; ${bin}/rmcctrl -p`);
    await sleep(400);
    expect(await row('row16')).toMatch(/^ {2}i A /m);
    await on('row16', `${recfgct} -s`);
    await until('row16', ({ link }) => link === 'I');
  });

  it('can be taken back from a tar of /var/ct', async () => {
    await lab.node('row10').setScenario('healthy');
    const old = lab.node('row10').state().nodeId;
    await on('row10', `${bin}/rmcctrl -z; cd /; tar -cvf /var/adm/var-ct.tar /var/ct; ${recfgct}`);
    expect(lab.node('row10').state().nodeId).not.toBe(old);
    await on('row10', `${bin}/rmcctrl -z; tar -xf /var/adm/var-ct.tar; ${bin}/rmcctrl -A`);
    expect(await out('row10', `${bin}/lsnodeid; cat /var/ct/cfg/ct_node_id`)).toBe(`${old}\n`.repeat(2));
  });
});

describe('two nodes with one id', () => {
  it('are heard one at a time, until one has another id', async () => {
    const heard = async () =>
      `${/^ {2}(.) /m.exec(await row('row09-twin'))?.[1]}${/^ {2}(.) /m.exec(await row('row09-clone'))?.[1]}`;
    const seen = [await heard(), await heard(), await heard()].join('');
    expect(seen).toContain('I');
    expect(seen).toContain('O');
    await on('row09-clone', `${recfgct} -n`);
    await until('row09-clone', ({ link }) => link === 'I');
    expect(await heard()).toBe('II');
  });
});

describe('two nodes with one id whose connections are suspended', () => {
  it('are heard again when one has another id', async () => {
    expect(await row('row09-z-clone')).toMatch(/^ {2}Z A /m);
    await on('row09-z-clone', recfgct);
    await until('row09-z-clone', ({ link }) => link === 'I');
    expect(await row('row09-z')).toMatch(/^ {2}I A /m);
    await lab.node('row09-z').setScenario('node-id-duplicate-suspended');
  });
});

describe('what stays as it is whatever is restarted', () => {
  it.each([
    ['row13', 'O'],
    ['row14', 'O'],
    ['row15', 'X'],
    ['row09-z', 'Z'],
    ['row18', 'O'],
  ])('%s shows %s', async (node, state) => {
    const first = new RegExp(`^ {2}${state} A {2}0x`, 'm');
    expect(await row(node)).toMatch(first);
    await on(node, `${bin}/rmcctrl -z; ${bin}/rmcctrl -A; ${bin}/rmcctrl -p`);
    await sleep(300);
    expect(await row(node)).toMatch(first);
  });

  it('shows a handshake that ends by itself at the second look', async () => {
    expect(await row('row16-once')).toMatch(/^ {2}i A /m);
    expect(await row('row16-once')).toMatch(/^ {2}I A /m);
  });
});

describe('another HMC', () => {
  it('is the only one that is registered, until a restart adds the right one behind it', async () => {
    const names = async () =>
      [...(await out('row12', `${bin}/lsrsrc IBM.MCP`)).matchAll(/HMCName {11}= "(.*)"/g)].map(
        ([, name]) => name,
      );
    expect(await names()).toEqual(['7063-CR1*78000A2']);
    await on('row12', `${bin}/rmcctrl -z; ${bin}/rmcctrl -A; ${bin}/rmcctrl -p`);
    await until('row12', ({ registered }) => registered);
    expect(await names()).toEqual(['7063-CR1*78000A2', '7063-CR2*78000A1']);
    expect(await row('row12')).toMatch(
      / {2}O A {2}0x83d4f1b2a6e5097c {2}0001 .*\n {2}I A {2}0x5a1e0c7d3b92f846 {2}0002 /,
    );
  });
});

describe('TCP 657 to the HMC, as the node tries it', () => {
  const perl = (host: string) =>
    `/usr/bin/perl -e 'use IO::Socket::INET; alarm 2; my $s = IO::Socket::INET->new(PeerAddr => "${host}", PeerPort => 657, Proto => "tcp"); print $s ? "open" : "error", "\\n"'`;
  const timed = (host: string) => perl(host).replace('alarm 2;', '').replace('Proto', 'Timeout => 1, Proto');
  const ksh = `/usr/bin/ksh93 -c 'exec 3<>/dev/tcp/127.0.2.5/657 && echo open'`;

  it('opens where nothing is in the way', async () => {
    expect(await out('healthy', perl('127.0.2.5'))).toBe('open\n');
    expect(await out('healthy', timed('127.0.2.5'))).toBe('open\n');
    expect(await out('healthy', ksh)).toBe('open\n');
  });

  it('is refused where nothing listens', async () => {
    await lab.node('row13').setScenario('port-refused');
    expect(await out('row13', perl('127.0.2.5'))).toBe('error\n');
    expect((await on('row13', ksh)).stdout).toBe('');
  });

  it('gets no answer behind a firewall', async () => {
    await lab.node('row13').setScenario('port-blocked');
    expect(await on('row13', perl('127.0.2.5'))).toMatchObject({
      stdout: '',
      signal: expect.stringMatching(/ALRM$/) as string,
    });
    const start = performance.now();
    expect(await out('row13', timed('127.0.2.5'))).toBe('error\n');
    expect(performance.now() - start).toBeGreaterThan(900);
  });

  it.each([
    ['port-refused', 'error ECONNREFUSED\n'],
    ['port-blocked', 'error timeout\n'],
    ['healthy', 'open\n'],
  ])('is the same over IPv6: %s', async (scenario, says) => {
    await lab.node('row13').setScenario(scenario);
    const probe =
      'use IO::Socket::IP; my $s = IO::Socket::IP->new(PeerAddr => "fe80::1", PeerPort => 657, Proto => "tcp", Timeout => 1);' +
      'print $s ? "open" : "error " . ($!{ECONNREFUSED} ? "ECONNREFUSED" : $!{ETIMEDOUT} ? "timeout" : $!), "\\n"';
    expect(await out('row13', `/usr/bin/perl -e '${probe}'`)).toBe(says);
  });

  it('offers perl its core modules only', async () => {
    expect((await on('healthy', `/usr/bin/perl -MPOSIX -e 'print POSIX::floor(1.5)'`)).stdout).toBe('1');
    expect(
      (await on('healthy', `/usr/bin/perl -e 'print scalar grep { m{/usr/local|/perl5$} } @INC'`)).stdout,
    ).toBe('0');
  });
});

describe('what gates look at', () => {
  it.each([
    ['g01-online', `${bin}/rmcdomainstatus -s ctrmc`, /^Peer Domain Status$/m],
    ['g01-online', `${bin}/lsrsrc IBM.MCP`, /ActivePeerDomain {2}= "labdom"/],
    ['g01-offline', `${bin}/lsrsrc IBM.MCP`, /ActivePeerDomain {2}= ""/],
    ['g02', '/usr/sbin/lspv', /caavg_private/],
    ['g02', '/usr/bin/lssrc -a', /^ clconfd .* active$/m],
    ['g02', '/usr/sbin/lscluster -c', /^Cluster Name: labcaa$/m],
    ['g02', '/usr/bin/odmget -q name=cluster0 CuAt', /node_uuid/],
    ['g03', `/usr/bin/lslpp -Lcq 'cluster.es.server.rte'`, /:cluster\.es\.server\.rte:/],
    ['g03', '/usr/bin/lssrc -s clstrmgrES', /active/],
    ['g04', '/usr/bin/lssrc -a', /^ IBM\.RecoveryRM .* active$/m],
    ['g05', '/usr/ios/cli/ioscli cluster -list', /labssp/],
    ['g06', '/usr/lpp/mmfs/bin/mmlscluster', /GPFS cluster name/],
    ['g07', '/usr/bin/lssrc -a', /^ IBM\.VMR .* active$/m],
    ['g09', '/usr/bin/lscondresp', /"Broadcast event on-shift"/],
    ['g10', '/usr/bin/uname -L', /^77 g10$/m],
    ['g11-wpar', '/usr/bin/uname -W', /^5$/m],
    ['g11-user', '/usr/bin/id -u', /^2001$/m],
    ['fix-disk-full', '/usr/bin/df -kP /var/adm', /^\/dev\/hd9var .* 0 .* \/var$/m],
  ])('%s: %s', async (node, command, shows) => {
    expect(await out(node, command)).toMatch(shows);
  });

  it('finds nothing of all this on a healthy node', async () => {
    for (const command of [
      '/usr/bin/lsrpdomain',
      '/usr/bin/odmget -q name=cluster0 CuAt',
      '/usr/bin/lscondresp',
    ])
      expect(await on('healthy', command)).toMatchObject({ stdout: '', code: 0 });
    expect((await on('healthy', '/usr/sbin/lscluster -c')).code).toBe(1);
    expect((await on('healthy', '/usr/lpp/mmfs/bin/mmlscluster')).code).toBe(127);
    expect(await out('healthy', '/usr/bin/uname -W')).toBe('0\n');
  });

  it('cannot read lsrpdomain where the scenario says so', async () => {
    expect(await on('g01-unread', '/usr/bin/lsrpdomain')).toMatchObject({ stdout: '', code: 1 });
  });

  it('has no program of RSCT where it is not installed', async () => {
    expect((await on('row05', `${bin}/rmcdomainstatus -s ctrmc`)).code).toBe(127);
    expect(await out('row05', '/usr/bin/lssrc -s ctrmc')).toMatch(/^0513-085 /);
    await lab.node('row05').setScenario('healthy');
    expect(await row('row05')).toMatch(/^ {2}I A /m);
  });
});

describe('a snapshot', () => {
  it('finds nothing after reads, and names what was changed', async () => {
    const node = lab.node('healthy');
    const before = node.snapshot();
    await on(
      'healthy',
      `/usr/bin/lssrc -a; ${bin}/lsrsrc IBM.MCP; ${bin}/rmcdomainstatus -s ctrmc; cat /etc/ct_node_id`,
    );
    expect(node.changesSince(before)).toEqual([]);
    await on('healthy', 'mkdir /var/adm/aixops; echo x >/etc/ct_node_id');
    expect(node.changesSince(before)).toEqual(['changed etc/ct_node_id', 'added var/adm/aixops/']);
  });
});

describe('the HMC', () => {
  it('tells which LPAR is being moved', async () => {
    const gates = 'Server-9105-42A-SN7800013';
    expect(await hmc(`lslparmigr -r lpar -m ${gates} -F name,migration_state --header`, 'hmc2')).toMatch(
      /^name,migration_state\n(?:.*,Not Migrating\n)+g08,Migration In Progress\n(?:.*,Not Migrating\n)+$/,
    );
  });

  it('corrects a stale entry by diagrmc, and only when told to', async () => {
    await lab.node('row18').setScenario('recycled-ip');
    const address = () => hmc(`lssyscfg -r lpar -m ${system} -F rmc_ipaddr --filter "lpar_names=row18"`);
    const id = loadEstate('rmc-rows').nodes['row18']?.lparId ?? 0;
    const diagnose = `diagrmc -m ${system} --ip 127.0.3.99 --id ${id} -v`;
    expect(await hmc(diagnose)).toContain('recycled');
    expect(await address()).toBe('127.0.3.99\n');
    await hmc(`${diagnose} --autocorrect`);
    expect(await address()).not.toBe('127.0.3.99\n');
    expect(await hmc(diagnose)).toBe('127.0.3.99 has RMC connection.\n');
  });

  it('lists what it lost by its state only', async () => {
    expect(await hmc('lssyscfg -r sys -F name,state')).toContain('Server-9009-22A-SN7800012,No Connection\n');
    expect(await hmc('lssyscfg -r lpar -m Server-9009-22A-SN7800012 -F name')).toMatch(/^HSCL0237 /);
    expect(await hmc('lssysconn -r all')).toMatch(/9009-22A\*7800012,.*state=No Connection/);
  });

  it('says in its own language that it does not know a level', async () => {
    await lab.node('g09').setScenario('not-activated');
    expect(await hmc('lssyscfg -r lpar -m Server-9105-42A-SN7800013 -F name,os_version', 'hmc2')).toContain(
      'g09,Nieznane\n',
    );
  });

  it('refuses a dynamic operation for want of RMC, or for the operating system', async () => {
    await lab.node('row11').setScenario('never-registered');
    const add = (lpar: string) => hmc(`chhwres -r mem -m ${system} -o r -p ${lpar} -q 256`);
    expect(await add('row11')).toMatch(/^HSCL2957 /);
    expect(await add('row19')).toMatch(/^HSCL2929 /);
    expect(await add('row16-once')).toBe('');
  });
});

describe('an LPAR of Power Virtual Server', () => {
  const refresh = `${bin}/rmcctrl -p; ${bin}/rmcrefreshMD -s ctrmc`;
  const address = 'fe80::f816:3eff:fe';

  it('has an interface with nothing but the injected address', async () => {
    expect(await out('pvs-healthy', '/usr/sbin/ifconfig -a')).toMatch(/^en1: .*\n\tinet6 fe80::.*\/64$/m);
    expect(await row('pvs-healthy')).toMatch(/^ {2}I A {2}0x[0-9a-f]{16} {2}0001 {2}fe80::/m);
  });

  it('is heard again once the address is back and RMC was refreshed', async () => {
    expect(await out('row08', '/usr/sbin/ifconfig -a')).not.toContain('fe80');
    expect(
      await out(
        'row08',
        'grep inet6 /var/log/cloud-init-output.log; grep fe80 /var/log/cloud-init-output.log',
      ),
    ).toContain(address);
    await on('row08', refresh);
    await sleep(400);
    expect(lab.node('row08').state().link).toBe('O');
    lab.node('row08').configureLinkLocal();
    await on('row08', refresh);
    await until('row08', ({ link }) => link === 'I');
  });

  it('needs the original node id on its own image, and both disks keep what is theirs', async () => {
    const node = lab.node('row08-own');
    const estate = loadEstate('rmc-rows').nodes['row08-own'];
    const original = estate?.nodeId ?? '';
    expect(node.state()).toMatchObject({ image: 'own', registered: false });
    expect(await out('row08-own', `${bin}/lsnodeid`)).not.toBe(`${original}\n`);
    await on('row08-own', 'echo mine >/var/adm/mine');

    await node.bootImage('original');
    expect(await three('row08-own')).toBe(`${original}\n`.repeat(3));
    expect(await row('row08-own')).toMatch(/^ {2}I A /m);
    expect((await on('row08-own', 'cat /var/adm/mine')).code).not.toBe(0);

    await node.powerOff();
    await expect(on('row08-own', 'id')).rejects.toThrow(/ECONNREFUSED/);
    await node.bootImage('own');
    expect(await out('row08-own', 'cat /var/adm/mine')).toBe('mine\n');
    const chdev = `/usr/sbin/chdev -l en1 -a netaddr6=${address}fe:1 -a prefixlen=64 -a state=up`;
    expect(await out('row08-own', chdev)).toBe('en1 changed\n');
    expect(await out('row08-own', '/usr/sbin/ifconfig -a')).toMatch(
      /^en1: .*\n\tinet6 fe80::f816:3eff:fefe:1\/64\n/m,
    );
    await on('row08-own', `${bin}/rmcctrl -p; ${recfgct}; ${bin}/rmcctrl -p`);
    await sleep(400);
    expect(node.state().link).not.toBe('I');
    await on('row08-own', `${recfgct} -i ${original}; ${bin}/rmcctrl -p`);
    await until('row08-own', ({ link }) => link === 'I');
    expect(await three('row08-own')).toBe(`${original}\n`.repeat(3));
    await node.bootImage('own');
    expect(node.state()).toMatchObject({ nodeId: original, link: 'I' });
  });
});

async function until(node: string, isTrue: (state: NodeState) => boolean): Promise<void> {
  for (let look = 0; look < 60; look += 1) {
    if (isTrue(lab.node(node).state())) return;
    await sleep(50);
  }
  throw new Error(`waited in vain: ${JSON.stringify(lab.node(node).state())}`);
}
