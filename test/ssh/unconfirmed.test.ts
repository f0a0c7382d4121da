import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { hmcChange, hmcRead } from '../../src/core/remote-command.js';
import { startOneServer, type OneServer } from './one-server.js';
import { transportWith } from './targets.js';

// A server that takes a command, and whose connection breaks before it has said so: for the client the command looks
// like one that never began.
const taken: string[] = [];
let breaks = 0;
let server: OneServer;
beforeAll(async () => {
  server = await startOneServer(({ command, take, socket }) => {
    taken.push(command);
    if (breaks > 0) {
      breaks -= 1;
      socket?.destroy();
      return;
    }
    const channel = take();
    channel.exit(0);
    channel.end();
  });
});
afterAll(() => server.stop());
beforeEach(() => {
  taken.length = 0;
  breaks = 1;
});

it('never gives a change again that the HMC may have taken, and calls it lost', async () => {
  const ssh = transportWith();
  const rebuild = hmcChange(
    'once',
    'chsysstate',
    ['-o', 'rebuild', '-r', 'sys', '-m', 'p9'],
    'HMC chsysstate man page',
  );
  try {
    const outcome = await ssh.change(server.target, rebuild, 10_000);
    expect(outcome).toMatchObject({ ended: 'lost', exitCode: null });
    expect(taken).toEqual(['chsysstate -o rebuild -r sys -m p9']);
  } finally {
    await ssh.close();
  }
});

it('asks again what only reads', async () => {
  const ssh = transportWith();
  try {
    const [outcome] = await ssh.read(server.target, [hmcRead('lshmc', ['-V'], 'HMC lshmc man page')]);
    expect(outcome).toMatchObject({ ended: 'exited', exitCode: 0 });
    expect(taken).toEqual(['lshmc -V', 'lshmc -V']);
  } finally {
    await ssh.close();
  }
});
