import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { clustersInTest, tool, utilities } from './clusters-in-test.js';

const bench = clustersInTest();
const { on, out } = bench;

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
    await bench.lab.node('crm2').setScenario('names-differ');
    expect(await out('crm2', 'host crm3')).toContain('127.0.1.251');
    expect((await on('crm2', 'host crm9')).stderr).toContain('0827-801');
    expect((await on('crm2', 'host 127.0.1.43')).stderr).toContain('0827-803');
  });

  it('tells the state of its manager, of its groups and of the node for the others', async () => {
    expect(await out('erp1', `${utilities}/clshowsrv -v`)).toMatch(
      /^Status of the RSCT .*(?:\n.*)+\nCurrent state: ST_STABLE\n/,
    );
    await bench.lab.node('erp1').setScenario('manager-moving');
    expect(await out('erp1', 'lssrc -ls clstrmgrES')).toMatch(
      /^Current state: ST_RP_RUNNING\n(?:.*\n)*There are 2 events on the Ibcast queue\nThere are 1 events on the RM Ibcast queue\n/,
    );
    await bench.lab.node('erp1').setScenario('services-stopped');
    expect((await on('erp1', `${utilities}/clRGinfo -s`)).stderr).toMatch(/^Cluster IPC error: /);
    expect(await out('erp2', `${utilities}/clRGinfo -s`)).toMatch(/:OFFLINE:erp1:.*\n.*:ONLINE:erp2:/);
    await bench.lab.node('erp1').setScenario('rg-unmanaged');
    expect(await out('erp2', `${utilities}/clRGinfo -s`)).toMatch(/^erp_rg:UNMANAGED:erp1:/);
    await bench.lab.node('erp1').setScenario('caa-node-down');
    expect(await out('erp2', 'lscluster -m')).toMatch(
      /State of node: DOWN\n(?:.*\n)*.*State of node: UP {2}NODE_LOCAL\n/,
    );
    await bench.lab.node('erp1').setScenario('one-node-down');
    expect(await out('erp2', 'lscluster -m')).toContain('State of node: DOWN');
    await bench.lab.node('erp1').setScenario('repository-lost');
    expect(await out('erp1', 'lspv')).not.toMatch(/caavg_private +active/);
    await bench.lab.node('erp1').setScenario('level-behind');
    expect(
      await out('erp1', `${utilities}/halevel -s; odmget HACMPnode; lslpp -Lqc cluster.es.server.rte`),
    ).toMatch(/^7\.2\.5 SP1\n(?:.*\n)*.*version = 21\n(?:.*\n)*.*:7\.2\.5\.1:/);
    expect(await out('erp1', 'find /var/hacmp -name cluster.log -mmin -15')).toBe('');
    await bench.lab.node('erp1').setScenario('takeover-just-now');
    expect(await out('erp1', 'find /var/hacmp -name cluster.log -mmin -15')).toBe(
      '/var/hacmp/adm/cluster.log\n',
    );
    await bench.lab.node('erp1').setScenario('sync-running');
    expect(await out('erp1', 'ps -ef | grep -E "cldare|clverify|cl_[a-z]+ |clmgr"')).toContain('cldare -rt');
    await bench.lab.node('erp1').setScenario({
      cluster: {
        errors: ['4B436A3A   1121050026 P S clcomd         SOFTWARE PROGRAM ABNORMALLY TERMINATED'],
      },
    });
    expect(await out('erp1', 'errpt')).toMatch(/^IDENTIFIER .*\n4B436A3A /);
  });

  it('has a clock of its own', async () => {
    await bench.lab.node('erp1').setScenario('clock-skewed');
    const [date, perl, there] = (
      await out(
        'erp1',
        "date -u '+%Y-%m-%dT%H:%M:%SZ'; perl -e 'print time, qq(\\n)'; clrsh erp2 date -u +%Y-%m-%dT%H:%M:%SZ",
      )
    ).split('\n');
    expect(Math.abs(Date.parse(date ?? '') - Date.now() - 300_000)).toBeLessThan(60_000);
    expect(Math.abs(Number(perl) * 1000 - Date.now() - 300_000)).toBeLessThan(60_000);
    expect(Math.abs(Date.parse(there ?? '') - Date.now())).toBeLessThan(60_000);
  });

  it('is in the inventory that the lab writes', () => {
    const inventory = parse(bench.lab.inventoryYaml()) as Record<string, unknown>;
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
    await bench.lab.cluster('erp').setScenario('cert-expired-security-on');
    const etc = join(bench.lab.node('erp1').root, 'etc/cluster');
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
