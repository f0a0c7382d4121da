import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runOver } from './client.js';
import { allPairs, clustersInTest, communicationError } from './clusters-in-test.js';
import { startLab } from './lab.js';

const bench = clustersInTest();
const { clrsh, folder, on, out, through } = bench;

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
    const before = bench.lab
      .cluster('erp')
      .nodes.map((name) => ({ name, was: bench.lab.node(name).snapshot() }));
    await clrsh('erp1', 'erp2');
    expect(await out('erp1', 'tail -100 /var/hacmp/clcomd/clcomd.log')).toContain('127.0.1.31->127.0.1.32');
    expect(await out('erp2', 'tail -100 /var/hacmp/clcomd/clcomd.log')).toContain('127.0.1.31->127.0.1.32');
    for (const { name, was } of before) expect(bench.lab.node(name).changesSince(was)).toEqual([]);
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
    await bench.lab.node('crm2').setScenario(scenario);
    if (scenario === 'keys-differ') {
      for (const name of ['crm1', 'crm3']) await bench.lab.node(name).setScenario('security-self-signed');
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
    await bench.lab.cluster('erp').setScenario('intermittent-mtu');
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
    await bench.lab.node('erp2').setScenario('pair-hangs');
    const ended = await on('erp2', 'clrsh erp1 date & sleep 1; kill $! 2>/dev/null && echo still there');
    expect(ended.stdout).toBe('still there\n');
  });
});

describe('clcomd', () => {
  it('is started and stopped by the SRC, as lssrc, netstat and ps then show', async () => {
    await bench.lab.node('erp1').setScenario('clcomd-down');
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
    expect(bench.lab.node('erp1').state().subsystems['clcomd']).toMatchObject({
      status: 'inoperative',
      pid: '',
    });
  });

  it('is not on file where it is not installed', async () => {
    await bench.lab.node('erp1').setScenario('clcomd-not-on-file');
    expect((await on('erp1', 'lssrc -s clcomd')).stdout).toContain(
      '0513-085 The clcomd Subsystem is not on file.',
    );
  });

  it('ends again where it cannot stay', async () => {
    await bench.lab.node('erp1').setScenario('clcomd-dies');
    await out('erp1', 'startsrc -s clcomd');
    expect(await out('erp1', 'lssrc -s clcomd; sleep 2; lssrc -s clcomd')).toMatch(
      /active\n.*\n.*inoperative\n$/,
    );
  });

  it('works with the list that it read at its start or at a refresh, which a change of the file is not', async () => {
    await bench.lab.node('erp1').setScenario('rhosts-stale');
    const write =
      'T=/etc/cluster/.rhosts.new.1; cp -p /etc/cluster/rhosts "$T" && cat >"$T" && chown root:system "$T" && chmod 600 "$T" && mv -f "$T" /etc/cluster/rhosts';
    const before = bench.lab.node('erp1').snapshot();
    expect((await on('erp1', write, '127.0.1.31\n127.0.1.32\n')).code).toBe(0);
    expect(bench.lab.node('erp1').changesSince(before)).toEqual([
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
    await bench.lab.node('erp1').setScenario(scenario);
    await on('erp1', 'cat >/etc/cluster/rhosts', '127.0.1.31\n127.0.1.32\n');
    expect((await on('erp1', 'refresh -s clcomd')).code).toBe(code);
    expect(await clrsh('erp2', 'erp1')).toMatchObject(communicationError);
    await out('erp1', 'stopsrc -s clcomd; startsrc -s clcomd');
    expect((await clrsh('erp2', 'erp1')).code).toBe(0);
  });
});
