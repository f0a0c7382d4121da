import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runOver } from './client.js';
import type { Ran } from './client.js';
import { startLab } from './lab.js';
import type { ConfigFiles, Lab } from './lab.js';
import { find } from './processes.js';

const bin = '/usr/sbin/rsct/bin';
const system = 'Server-9009-42A-SN7800001';
let lab: Lab;
let files: ConfigFiles;

const on = (node: string, command: string, input = ''): Promise<Ran> =>
  runOver(lab.node(node), files, 'root', command, input);
const hmc = (command: string): Promise<Ran> => runOver(lab.hmc('hmc1'), files, 'hscroot', command);

const folder = mkdtempSync(join(tmpdir(), 'aixops-lab-'));

beforeAll(async () => {
  lab = await startLab({ estate: 'demo', folder: join(folder, 'lab'), settleMs: 200 });
  files = await lab.writeConfig(join(folder, 'config'));
});

afterAll(async () => {
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('an AIX node', () => {
  beforeEach(async () => {
    await lab.node('lpar1').setScenario('healthy');
  });

  it('prints subsystems in AIX columns, with an empty PID where nothing runs', async () => {
    const { stdout, code } = await on('lpar1', '/usr/bin/lssrc -g rsct');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Subsystem {9}Group {12}PID {10}Status \n/);
    expect(stdout).toMatch(/^ ctrmc {12}rsct {13}\d{7} {6}active$/m);
    expect(stdout).toMatch(/^ ctcas {12}rsct {26}inoperative$/m);
    for (const line of stdout.trimEnd().split('\n').slice(1))
      expect(line.slice(48)).toMatch(/^(active|inoperative)$/);
  });

  it('knows the words and the status of a subsystem that is not on file', async () => {
    const { stdout, code } = await on('lpar1', '/usr/bin/lssrc -s clstrmgrES');
    expect(stdout).toBe('0513-085 The clstrmgrES Subsystem is not on file.\n');
    expect(code).toBe(1);
  });

  it('has the tools that AIX has, and lacks those that AIX lacks', async () => {
    const lacking = 'stat readlink mktemp base64 timeout setsid seq curl bash sha256sum';
    const { stdout } = await on('lpar1', `for p in awk sed grep nohup od ${lacking}; do command -v $p; done`);
    expect(stdout).toBe(['awk', 'sed', 'grep', 'nohup', 'od'].map((name) => `/usr/bin/${name}\n`).join(''));
  });

  it('never shows where its root is', async () => {
    const { stdout, stderr } = await on('lpar1', 'cd /var/adm; pwd; echo $HOME; /usr/bin/nothing');
    expect(stdout).toBe('/var/adm\n/home/root\n');
    expect(stderr).toContain('/usr/bin/nothing');
    expect(stdout + stderr).not.toContain(lab.folder);
  });

  it('lets a command without </dev/null eat the rest of a script on stdin', async () => {
    const eaten = await on('lpar1', '/usr/bin/ksh', 'echo one\ncat >/dev/null\necho two\n');
    expect(eaten.stdout).toBe('one\n');
    const whole = await on('lpar1', '/usr/bin/ksh', 'echo one\ncat >/dev/null </dev/null\necho two\n');
    expect(whole.stdout).toBe('one\ntwo\n');
  });

  it('keeps stdout, stderr and the exit status apart', async () => {
    expect(await on('lpar1', 'echo a; echo b >&2; exit 7')).toEqual({
      code: 7,
      signal: null,
      stdout: 'a\n',
      stderr: 'b\n',
    });
  });

  it('tells the signal that ended a command', async () => {
    const { signal } = await on('lpar1', 'kill -9 $$');
    expect(signal).toMatch(/KILL$/);
  });
});

describe('RMC on both sides', () => {
  const view = async () =>
    (await hmc(`lssyscfg -r lpar -m ${system} -F rmc_state --filter "lpar_ids=3"`)).stdout.trim();
  const entry = async () => (await hmc('lspartition -dlpar')).stdout.split('\n').slice(0, 2).join('\n');

  it('goes down and comes back by rmcctrl, as the HMC sees too', async () => {
    const node = lab.node('lpar1');
    await node.setScenario('healthy');
    const before = (await node.ran('rmcctrl')).length;
    expect(await view()).toBe('active');
    await on('lpar1', `${bin}/rmcctrl -z`);
    expect(node.state().subsystems['ctrmc']).toMatchObject({ status: 'inoperative', pid: '' });
    expect(node.state().subsystems['IBM.DRM']).toMatchObject({ status: 'inoperative' });
    expect(await view()).toBe('inactive');
    expect(await entry()).toMatch(/Active:<0>/);
    expect((await on('lpar1', '/usr/bin/netstat -an')).stdout).not.toContain('657');
    await on('lpar1', `${bin}/rmcctrl -A; ${bin}/rmcctrl -p`);
    expect((await on('lpar1', `${bin}/rmcdomainstatus -s ctrmc`)).stdout).toMatch(/^ {2}i A /m);
    await until(async () => (await view()) === 'active');
    expect((await on('lpar1', `${bin}/rmcdomainstatus -s ctrmc`)).stdout).toMatch(
      /^\nManagement Domain Status: Management Control Points\n {2}I A {2}0x[0-9a-f]{16} {2}0001 {2}127\.0\.1\.5\n$/,
    );
    expect(await entry()).toMatch(/Active:<1>, OS:<AIX, 7\.2, .*>, DCaps:<0x2c5f>/);
    expect((await node.ran('rmcctrl')).slice(before)).toEqual(['rmcctrl -z', 'rmcctrl -A', 'rmcctrl -p']);
  });

  it.each([
    'ctrmc-stopped',
    'drm-down',
    'dcaps-zero',
    'never-registered',
    'heartbeat-down',
    'clients-disabled',
  ])('is not right in scenario %s, and right after a restart', async (scenario) => {
    await lab.node('lpar1').setScenario(scenario);
    const isWell = async () =>
      (await view()) === 'active' && /Active:<1>.*DCaps:<0x2c5f>/s.test(await entry());
    expect(await isWell()).toBe(false);
    await on('lpar1', '/usr/bin/ksh', `${bin}/rmcctrl -z\n${bin}/rmcctrl -A\n${bin}/rmcctrl -p\n`);
    await until(isWell);
  });

  it('is opened by rmcctrl -p alone after rmcctrl -P', async () => {
    await lab.node('lpar1').setScenario('clients-disabled');
    expect((await on('lpar1', '/usr/bin/netstat -an')).stdout).not.toMatch(/^tcp.*\.657 /m);
    await on('lpar1', `${bin}/rmcctrl -p`);
    expect((await on('lpar1', '/usr/bin/netstat -an')).stdout).toMatch(/^tcp.*\*\.657 .*LISTEN$/m);
    await until(async () => (await view()) === 'active');
  });

  it('shows an empty domain and an empty table where no HMC has registered', async () => {
    await lab.node('lpar1').setScenario('never-registered');
    expect(await on('lpar1', `${bin}/rmcdomainstatus -s ctrmc`)).toMatchObject({ stdout: '', code: 0 });
    expect((await on('lpar1', `${bin}/lsrsrc IBM.MCP`)).stdout).toBe(
      'Resource Persistent Attributes for IBM.MCP\n',
    );
    expect((await hmc('lspartition -dlpar')).stdout).not.toContain('<3*9009-42A*7800001,');
  });

  it('fails to start as often as the scenario says', async () => {
    await lab.node('lpar1').setScenario('restart-fails');
    expect((await on('lpar1', `${bin}/rmcctrl -A`)).code).toBe(1);
    expect((await on('lpar1', `${bin}/rmcctrl -A`)).code).toBe(0);
    expect(lab.node('lpar1').state().subsystems['ctrmc']?.status).toBe('active');
  });

  it('is seen differently by the two HMC commands until the system is rebuilt', async () => {
    await lab.node('lpar1').setScenario('hmc-views-disagree');
    expect(await view()).toBe('inactive');
    expect(await entry()).toMatch(/Active:<1>/);
    expect((await hmc(`chsysstate -r sys -m ${system} -o rebuild`)).code).toBe(0);
    expect(await view()).toBe('active');
  });
});

describe('the restricted shell of the HMC', () => {
  it.each([
    ['last', '/bin/bash: last: command not found\n', 127],
    ['cat /etc/passwd', '/bin/bash: cat: command not found\n', 127],
  ])('has no %s', async (command, stderr, code) => {
    expect(await hmc(command)).toMatchObject({ stdout: '', stderr, code });
  });

  it.each(['/bin/ls', 'lshmc -V >x', 'lshmc -V; /usr/bin/id', 'PATH=/bin', 'cd /'])(
    'refuses %s',
    async (command) => {
      const { code, stderr } = await hmc(command);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/restricted|readonly/);
    },
  );

  it('pipes to grep and fgrep', async () => {
    expect((await hmc('lspartition -dlpar | fgrep lpar7 | grep -c Partition')).stdout).toBe('1\n');
  });

  it('tells errors on stdout with status 1', async () => {
    const at = `lssyscfg -r lpar -m ${system}`;
    for (const [command, words] of [
      [
        `${at} -F name --filter "lpar_names=zz"`,
        /^HSCL8012 The partition named zz was not found\. {2}Please/,
      ],
      ['lssyscfg -r lpar -m nope -F name', /^HSCL8018 /],
      ['lssyscfg -r lpar -F name', /^The command entered is either missing .* are -m\. Please/],
      [`${at} -F name,colour`, /^The command entered is either missing/],
    ] as const) {
      const ran = await hmc(command);
      expect(ran.stdout).toMatch(words);
      expect(ran).toMatchObject({ stderr: '', code: 1 });
    }
  });

  it('names columns, and keeps an LPAR that was never activated apart from a broken one', async () => {
    const { stdout } = await hmc(
      'lssyscfg -r lpar -m Server-9105-42A-SN7800002 -F lpar_id,name,state,rmc_state,rmc_ipaddr,os_version --header',
    );
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'lpar_id,name,state,rmc_state,rmc_ipaddr,os_version',
      '1,lpar5,Not Activated,inactive,,Unknown',
      '2,lpar6,Running,inactive,127.0.1.16,AIX 7.2 7200-05-03-2148',
    ]);
  });

  it('takes a command as data: quotes stay quotes', async () => {
    expect((await hmc("lssyscfg -r lpar -m 'a b;$(id)' -F name")).stdout).toMatch(
      /^HSCL8018 The managed system a b;\$\(id\) /,
    );
  });
});

describe('faults', () => {
  const scenario = (name: string) => lab.node('lpar7').setScenario(name);

  it('refuses connections on a closed port and takes them again', async () => {
    await scenario('unreachable');
    await expect(on('lpar7', 'id')).rejects.toThrow(/ECONNREFUSED/);
    await scenario('healthy');
    expect((await on('lpar7', 'id -u')).stdout).toBe('0\n');
  });

  it('shows another host key', async () => {
    await scenario('key-changed');
    await expect(on('lpar7', 'id')).rejects.toThrow(/verification failed/i);
  });

  it('lets nobody in', async () => {
    await scenario('login-refused');
    await expect(on('lpar7', 'id')).rejects.toThrow(/authentication/i);
    await scenario('healthy');
    await expect(runOver(lab.node('lpar7'), files, 'guest', 'id')).rejects.toThrow(/authentication/i);
  });

  it('accepts and never speaks', async () => {
    await scenario('silent');
    await expect(on('lpar7', 'id')).rejects.toThrow(/timed out|handshake/i);
  });

  it('drops the connection in mid-command, and the command goes on', async () => {
    await scenario('disconnect-once');
    const { code, stdout } = await on(
      'lpar7',
      '/usr/bin/ksh',
      'echo begun\nsleep 1\necho done >/tmp/outcome\n',
    );
    expect({ code, stdout }).toEqual({ code: null, stdout: 'begun\n' });
    await until(async () => (await on('lpar7', 'cat /tmp/outcome')).stdout === 'done\n');
  });

  it('prints bytes that are no text', async () => {
    await scenario('garbage');
    expect((await on('lpar7', `${bin}/rmcdomainstatus -s ctrmc`)).stdout).toContain('\xff\xfe');
  });

  it('hangs until somebody ends it', async () => {
    await scenario('hang');
    const { stdout } = await on(
      'lpar7',
      '/usr/bin/ksh',
      `${bin}/lsrsrc IBM.MCP </dev/null >/dev/null 2>&1 & p=$!\nsleep 1\nkill -0 $p && echo hangs\nkill $p\n`,
    );
    expect(stdout).toBe('hangs\n');
  });
});

describe('the lab as a whole', () => {
  it('writes an identity that only its owner reads, and the right key of every endpoint', () => {
    expect(statSync(files.identityFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(files.knownHosts, 'utf8').trim().split('\n')).toHaveLength(11);
    expect(lab.inventoryYaml()).toContain('Server-9009-42A-SN7800001');
  });

  it('counts connections', async () => {
    const before = lab.connections();
    await on('lpar2', 'id');
    expect(lab.connections()).toBe(before + 1);
  });

  it('refuses a folder that holds something else', async () => {
    const other = join(folder, 'config');
    writeFileSync(join(other, 'precious'), '');
    await expect(startLab({ estate: 'demo', folder: other })).rejects.toThrow(/not empty/);
  });

  it('lets a detached process outlive its connection, and leaves none behind when it stops', async () => {
    const other = await startLab({ estate: 'demo', folder: join(folder, 'other'), settleMs: 60_000 });
    const config = await other.writeConfig(join(folder, 'other-config'));
    const script = `nohup /usr/bin/ksh -c 'sleep 1; echo late >/var/adm/late; sleep 300' </dev/null >/dev/null 2>&1 &\n`;
    await runOver(other.node('lpar1'), config, 'root', '/usr/bin/ksh', script);
    await runOver(other.node('lpar2'), config, 'root', `${bin}/rmcctrl -A`);
    await until(async () => {
      const { stdout } = await runOver(other.node('lpar1'), config, 'root', 'cat /var/adm/late 2>/dev/null');
      return stdout === 'late\n';
    });
    expect(find(other.folder, new Set()).length).toBeGreaterThan(0);
    await other.stop({ remove: true });
    expect(find(other.folder, new Set())).toEqual([]);
  });
});

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 60; look += 1) {
    if (await isTrue()) return;
    await sleep(50);
  }
  throw new Error('waited in vain');
}
