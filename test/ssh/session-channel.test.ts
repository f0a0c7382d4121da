import { getEventListeners } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { hmcRead, nodeRead } from '../../src/core/remote-command.js';
import { insideOf } from '../../src/ssh/session-channel.js';
import { startOneServer, type Arrived, type OneServer } from './one-server.js';
import { nodeAt, transportWith } from './targets.js';

let server: OneServer | null = null;
afterEach(() => server?.stop());

const version = hmcRead('lshmc', ['-V'], 'HMC lshmc man page');

function answer({ take }: Arrived): void {
  const channel = take();
  channel.write('Version: 10\n');
  channel.exit(0);
  channel.end();
}

/** Until the server has seen so many events; what it is told by another packet comes a moment later. */
async function seen(count: number): Promise<readonly string[]> {
  const deadline = Date.now() + 10_000;
  while ((server?.events.length ?? 0) < count && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 5));
  return server?.events ?? [];
}

it('has a channel open before the next command comes, and never more than were needed at once', async () => {
  server = await startOneServer(answer);
  const ssh = transportWith();
  try {
    await ssh.read(server.target, [version]);
    expect(await seen(3)).toEqual(['channel', 'command', 'channel']);
    await ssh.read(server.target, [version]);
    expect(await seen(5)).toEqual(['channel', 'command', 'channel', 'command', 'channel']);
    await ssh.read(server.target, [version, version]);
    // Two at once: one had a channel already, the other had to open one; then two wait.
    await seen(10);
    const channels = server.events.filter((event) => event === 'channel').length;
    expect(channels - 4).toBe(2);
  } finally {
    await ssh.close();
  }
});

it('sends what goes to a command before the server has said that it takes it', async () => {
  let before = 0;
  server = await startOneServer((arrived) => {
    // Long enough for what was sent with it to be here, however slow this machine is: nothing waits for an answer.
    const look = (patience: number): void => {
      before = arrived.socket?.bytesRead ?? 0;
      if (before > 50_000 || patience === 0) answer(arrived);
      else setTimeout(() => look(patience - 1), 20);
    };
    look(250);
  });
  const ssh = transportWith();
  try {
    const node = nodeAt({ ...server.target.endpoint, name: 'lpar1' });
    const outcome = await ssh.script(node, ': nothing\n'.repeat(6_000), 20_000);
    expect(outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
    expect(before).toBeGreaterThan(50_000);
  } finally {
    await ssh.close();
  }
});

it('listens to no signal any more when it is through', async () => {
  server = await startOneServer(answer);
  const ssh = transportWith();
  const { signal } = new AbortController();
  try {
    const node = nodeAt({ ...server.target.endpoint, name: 'lpar1' });
    await ssh.read(server.target, [version], signal);
    await ssh
      .read(node, [nodeRead('/usr/bin/uname', ['-L'], 'uname man page')], signal)
      .catch(() => undefined);
    await ssh.read(server.target, [version, version], signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  } finally {
    await ssh.close();
  }
});

it('opens another channel where the server has closed the one that waited', async () => {
  let commands = 0;
  server = await startOneServer((arrived) => {
    commands += 1;
    answer(arrived);
    // All of the connection's channels go, and the connection with them.
    if (commands === 1) setTimeout(() => arrived.socket?.destroy(), 20);
  });
  const ssh = transportWith();
  try {
    for (let round = 0; round < 3; round += 1) {
      const [outcome] = await ssh.read(server.target, [version]);
      expect(outcome).toMatchObject({ ended: 'exited', stdout: 'Version: 10\n' });
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    expect(commands).toBe(3);
  } finally {
    await ssh.close();
  }
});

it('knows an ssh2 that is made otherwise, whose own exec is used then', () => {
  expect(insideOf({})).toBeNull();
  expect(insideOf({ _chanMgr: { add: () => 0 }, _protocol: { session: () => 0 } })).toBeNull();
  const known = { _chanMgr: { add: () => 0 }, _protocol: { session: () => 0, exec: () => 0 } };
  expect(insideOf(known)).toBe(known);
});
