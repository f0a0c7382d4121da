import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hmcChange, hmcRead, nodeChange, nodeRead } from '../../src/core/remote-command.js';
import type { Endpoint } from '../../src/core/target.js';
import type { Transport } from '../../src/ssh/transport.js';
import { startLab } from '../lab/lab.js';
import type { ConfigFiles, Lab, LabEndpoint } from '../lab/lab.js';
import { hmcAt, nodeAt, transportWith } from './targets.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-ssh-lab-'));
let lab: Lab;
let files: ConfigFiles;
let transport: Transport;

beforeAll(async () => {
  lab = await startLab({ estate: 'demo', folder: join(folder, 'lab') });
  files = await lab.writeConfig(join(folder, 'config'));
  transport = transportWith();
});
afterAll(async () => {
  await transport.close();
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});

const rebuild = (system: string) =>
  hmcChange('once', 'chsysstate', ['-m', system, '-o', 'rebuild', '-r', 'sys'], 'test');

const endpoint = (name: string, { host, port }: LabEndpoint, user: string): Endpoint => ({
  ...{ name, host, port, user, identityFile: files.identityFile, knownHosts: files.knownHosts },
  ...{ agent: false, become: null, algorithms: 'modern', jump: null },
});

it('reads a simulated node in one round trip, paths in its errors included', async () => {
  const node = nodeAt(endpoint('lpar1', lab.node('lpar1'), 'root'));
  const outcomes = await transport.read(node, [
    nodeRead('/usr/bin/lssrc', ['-s', 'ctrmc'], 'test'),
    nodeRead('/usr/bin/cat', ['/etc/nothing', '/etc/ct_node_id'], 'test'),
    nodeRead('/usr/bin/ls', ['-d', '/var/ct/cfg'], 'test'),
    nodeRead('/usr/es/sbin/cluster/utilities/clrsh', [], 'test'),
    nodeRead('/usr/bin/sleep', ['30'], 'test', { timeoutMs: 1000 }),
    nodeRead('/usr/bin/pwd', [], 'test'),
  ]);
  expect(outcomes.map((one) => [one.ended, one.exitCode])).toEqual([
    ['exited', 0],
    ['exited', 2],
    ['exited', 0],
    ['exited', 127],
    ['timed-out', null],
    ['exited', 0],
  ]);
  expect(outcomes[0]?.stdout).toMatch(/^ ctrmc .* active/m);
  expect(outcomes[1]?.stdout).toMatch(/^[0-9a-f]{16}/);
  expect(outcomes[1]?.stderr).toContain('Cannot open /etc/nothing.');
  expect(outcomes[2]?.stdout).toBe('/var/ct/cfg\n');
  expect(outcomes[5]?.stdout).toMatch(/^\/tmp\/aixops\.[0-9a-f]{16}\n$/);
});

it('reads a simulated HMC, and calls a node lost whose connection drops', async () => {
  const hmc = hmcAt(endpoint('hmc1', lab.hmc('hmc1'), 'hscroot'));
  const [version] = await transport.read(hmc, [hmcRead('lshmc', ['-V'], 'test')]);
  expect(version).toMatchObject({ ended: 'exited', exitCode: 0 });
  const node = nodeAt(endpoint('lpar1', lab.node('lpar1'), 'root'));
  const reading = transport.read(node, [nodeRead('/usr/bin/sleep', ['1'], 'test')]);
  setTimeout(() => {
    lab.node('lpar1').drop();
  }, 500);
  expect(await reading).toMatchObject([{ ended: 'lost', exitCode: null }]);
});

it('changes an HMC by one plain command in its own channel, and brings back how it ended', async () => {
  const hmc = hmcAt(endpoint('hmc1', lab.hmc('hmc1'), 'hscroot'));
  const before = (await lab.hmc('hmc1').ran('chsysstate')).length;
  const done = await transport.change(hmc, rebuild('Server-9009-42A-SN7800001'), 5_000);
  expect(done).toMatchObject({ ended: 'exited', exitCode: 0 });
  const refused = await transport.change(hmc, rebuild('none; ls'), 5_000);
  expect(refused).toMatchObject({ ended: 'exited', exitCode: 1 });
  expect(refused.stdout).toContain('HSCL8018');
  expect((await lab.hmc('hmc1').ran('chsysstate')).slice(before)).toEqual([
    'chsysstate -m Server-9009-42A-SN7800001 -o rebuild -r sys',
    'chsysstate -m none; ls -o rebuild -r sys',
  ]);
});

it('never gives a command to an HMC twice, and tells a lost answer from one that was not handed over', async () => {
  const at = lab.hmc('hmc1');
  const hmc = hmcAt(endpoint('hmc1', at, 'hscroot'));
  const before = (await at.ran('chsysstate')).length;
  const knob = join(at.root, 'lab/knobs/hang');
  mkdirSync(knob, { recursive: true });
  writeFileSync(join(knob, 'chsysstate'), '');
  const late = await transport.change(hmc, rebuild('p'), 700);
  expect(late).toMatchObject({ ended: 'timed-out', exitCode: null });
  const losing = transport.change(hmc, rebuild('p'), 10_000);
  await expect.poll(async () => (await at.ran('chsysstate')).length, { timeout: 20_000 }).toBe(before + 2);
  at.drop();
  expect(await losing).toMatchObject({ ended: 'lost', exitCode: null });
  rmSync(join(knob, 'chsysstate'));
  await at.setSsh('closed');
  await expect(transport.change(hmc, rebuild('p'), 5_000)).rejects.toMatchObject({ class: 'ConnectError' });
  await at.setSsh('normal');
  expect((await at.ran('chsysstate')).length).toBe(before + 2);
  await expect(transport.change(hmc, nodeChange('once', '/usr/bin/ls', [], 'test'), 5_000)).rejects.toThrow(
    'is no command for hmc1',
  );
});
