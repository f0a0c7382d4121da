import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readlinkSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { hmcRead, nodeRead } from '../../src/core/remote-command.js';
import type { SshTransportOptions } from '../../src/ssh/ssh-transport.js';
import type { Transport } from '../../src/ssh/transport.js';
import { describeWithOpenssh, startOpenssh } from './openssh-server.js';
import type { OpensshServer } from './openssh-server.js';
import { hmcAt, nodeAt, transportWith } from './targets.js';

const shell = (text: string, options = {}) => nodeRead('/bin/sh', ['-c', text], 'test', options);

describeWithOpenssh('losing and closing connections', () => {
  let server: OpensshServer;
  const transports: Transport[] = [];
  const transport = (changes: Partial<SshTransportOptions> = {}) => {
    const made = transportWith(changes);
    transports.push(made);
    return made;
  };
  const begun = (name: string) => join(server.folder, name);
  const appears = (path: string) => expect.poll(() => existsSync(path), { timeout: 20_000 }).toBe(true);
  beforeAll(async () => {
    server = await startOpenssh();
  });
  afterEach(async () => {
    await Promise.all(transports.splice(0).map((one) => one.close()));
  });
  afterAll(() => server.stop());

  it('calls a command lost whose connection drops, and keeps what was whole before', async () => {
    const one = transport();
    const hangs = shell(`echo >${begun('a')}; sleep 2`);
    const reading = one.read(nodeAt(server.endpoint()), [shell('echo whole'), hangs, shell('echo never')]);
    await appears(begun('a'));
    server.dropConnections();
    const outcomes = await reading;
    expect(outcomes.map((outcome) => [outcome.ended, outcome.stdout])).toEqual([
      ['exited', 'whole\n'],
      ['lost', ''],
      ['lost', ''],
    ]);
  });

  it('calls a script and an HMC command lost, too', async () => {
    const one = transport();
    const scripting = one.script(nodeAt(server.endpoint()), `echo >${begun('b')}; sleep 2\n`, 5000);
    const reading = one.read(hmcAt(server.endpoint({ name: 'hmc1' })), [
      hmcRead('sh', ['-c', `echo >${begun('c')}; sleep 2`], 't'),
    ]);
    await appears(begun('b'));
    await appears(begun('c'));
    server.dropConnections();
    expect(await scripting).toMatchObject({ ended: 'lost', exitCode: null });
    expect(await reading).toMatchObject([{ ended: 'lost', exitCode: null }]);
  });

  it('connects anew when the warm connection has died in the meantime', async () => {
    const one = transport();
    const before = server.logins();
    await one.read(nodeAt(server.endpoint()), [shell('echo')]);
    server.dropConnections();
    const [outcome] = await one.read(nodeAt(server.endpoint()), [shell('echo again')]);
    expect(outcome?.stdout).toBe('again\n');
    expect(server.logins() - before).toBe(2);
  });

  it('closes a connection that is idle and makes a new one later', async () => {
    const one = transport({ idleCloseMs: 100 });
    const before = server.logins();
    await one.read(nodeAt(server.endpoint()), [shell('echo')]);
    await expect.poll(sockets).toBe(0);
    await one.read(nodeAt(server.endpoint()), [shell('echo')]);
    expect(server.logins() - before).toBe(2);
  });

  it('gets by with a server that allows one session at a time', async () => {
    const narrow = await startOpenssh({ config: ['MaxSessions 1'] });
    const one = transport();
    const reads = [1, 2, 3, 4, 5].map((i) => one.read(nodeAt(narrow.endpoint()), [shell(`echo ${i}`)]));
    const outcomes = (await Promise.all(reads)).map(([outcome]) => outcome?.stdout);
    await one.close();
    await narrow.stop();
    expect(outcomes).toEqual(['1\n', '2\n', '3\n', '4\n', '5\n']);
  });

  it('stops waiting when it is aborted', async () => {
    const one = transport();
    const node = nodeAt(server.endpoint());
    const busy = [1, 2, 3, 4].map((i) => one.read(node, [shell(`echo >${begun(`d${i}`)}; sleep 1`)]));
    await appears(begun('d4'));
    const waiting = new AbortController();
    const queued = one.read(node, [shell(`echo >${begun('never')}`)], waiting.signal);
    waiting.abort(new Error('not wanted any more'));
    await expect(queued).rejects.toThrow('not wanted any more');
    expect(existsSync(begun('never'))).toBe(false);
    expect((await Promise.all(busy)).flat().map((outcome) => outcome.ended)).toEqual(Array(4).fill('exited'));
    const running = new AbortController();
    const reading = one.read(node, [shell(`echo >${begun('e')}; sleep 2`)], running.signal);
    await appears(begun('e'));
    running.abort();
    expect(await reading).toMatchObject([{ ended: 'lost' }]);
  });

  it('stops waiting for an HMC when it is aborted, and connects to a dead one only once', async () => {
    const one = transport({ hmcSessions: 1 });
    const hmc = hmcAt(server.endpoint({ name: 'hmc1' }));
    const busy = one.read(hmc, [hmcRead('sh', ['-c', `echo >${begun('g')}; sleep 1`], 't')]);
    await appears(begun('g'));
    const waiting = new AbortController();
    const queued = one.read(hmc, [hmcRead('true', [], 't')], waiting.signal);
    waiting.abort(new Error('not wanted any more'));
    await expect(queued).rejects.toThrow('not wanted any more');
    expect(await busy).toMatchObject([{ ended: 'exited', exitCode: 0 }]);
    const startedAt = Date.now();
    const dead = hmcAt(server.endpoint({ name: 'hmc2', port: 1 }));
    await expect(
      one.read(
        dead,
        [1, 2, 3].map(() => hmcRead('true', [], 't')),
      ),
    ).rejects.toMatchObject({ reason: 'refused' });
    expect(Date.now() - startedAt).toBeLessThan(2400);
  });

  it('closes everything: no socket, no process and no directory is left', async () => {
    const marker = randomBytes(16).toString('hex');
    const one = transport({ random: () => marker });
    const reading = one.read(nodeAt(server.endpoint()), [shell(`echo >${begun('f')}; exec sleep 3.25`)]);
    await appears(begun('f'));
    await one.close();
    expect(await reading).toMatchObject([{ ended: 'lost' }]);
    expect(sockets()).toBe(0);
    await expect(one.read(nodeAt(server.endpoint()), [shell('echo')])).rejects.toMatchObject({
      reason: 'unreachable',
    });
    // The script on the node ends when its command does and it finds nobody to tell.
    await expect
      .poll(() => processes().filter((line) => line.includes('sleep 3.25')), { timeout: 20_000 })
      .toEqual([]);
    await expect
      .poll(() => existsSync(`/tmp/aixops.${marker.slice(0, 16)}`), { timeout: 20_000 })
      .toBe(false);
  });
});

/** Connected TCP sockets of this process to any sshd. */
function sockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      const inode = /socket:\[(\d+)\]/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
      return inode !== undefined && readFileSync('/proc/self/net/tcp', 'latin1').includes(` ${inode} `);
    } catch {
      return false;
    }
  }).length;
}

function processes(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    });
}
