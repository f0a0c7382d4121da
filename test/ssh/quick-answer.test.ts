import { afterAll, beforeAll, expect, it } from 'vitest';
import { hmcRead } from '../../src/core/remote-command.js';
import { startOneServer, type OneServer } from './one-server.js';
import { transportWith } from './targets.js';

// A server whose whole answer to a command arrives in one piece: taken, output, exit status, closed. A real one does
// so when the command is quick and the machine busy.
let server: OneServer;
beforeAll(async () => {
  server = await startOneServer(({ take, socket }) => {
    socket?.cork();
    const channel = take();
    channel.write('Version: 10\n');
    channel.exit(0);
    channel.end();
    setImmediate(() => socket?.uncork());
  });
});
afterAll(() => server.stop());

it('hears the exit status that arrives together with the channel', async () => {
  const ssh = transportWith();
  try {
    for (let round = 0; round < 5; round += 1) {
      const [outcome] = await ssh.read(server.target, [hmcRead('lshmc', ['-V'], 'HMC lshmc man page')]);
      expect(outcome).toMatchObject({ ended: 'exited', exitCode: 0, stdout: 'Version: 10\n' });
    }
  } finally {
    await ssh.close();
  }
});
