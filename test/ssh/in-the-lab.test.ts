import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hmcRead, nodeRead } from '../../src/core/remote-command.js';
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
    ['exited', 1],
    ['exited', 0],
    ['exited', 127],
    ['timed-out', null],
    ['exited', 0],
  ]);
  expect(outcomes[0]?.stdout).toMatch(/^ ctrmc .* active/m);
  expect(outcomes[1]?.stdout).toMatch(/^[0-9a-f]{16}/);
  expect(outcomes[1]?.stderr).toContain('/etc/nothing: No such file');
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
