import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuthContext } from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { hmcRead, nodeRead } from '../../src/core/remote-command.js';
import { loginAtOnce } from '../../src/ssh/login-at-once.js';
import { startOneServer, type Arrived, type OneServer } from './one-server.js';
import { describeWithOpenssh, makeKey, startOpenssh } from './openssh-server.js';
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

const isSigned = (context: AuthContext): boolean =>
  context.method === 'publickey' && context.signature !== undefined;

describe('a login', () => {
  it('is signed when it is first asked for, and does not wait to be told that it may ask', async () => {
    const logins: boolean[] = [];
    // This server takes the service only when a login was asked for: who waits for that waits for ever.
    const held = new WeakMap<object, () => void>();
    server = await startOneServer(
      answer,
      (connection, context) => {
        logins.push(isSigned(context));
        held.get(connection)?.();
        context.accept();
      },
      (connection) => {
        const protocol = Reflect.get(connection, '_protocol') as { serviceAccept(name: string): void };
        const accept = protocol.serviceAccept.bind(protocol);
        protocol.serviceAccept = (name) => {
          held.set(connection, () => accept(name));
        };
      },
    );
    const ssh = transportWith();
    try {
      const [outcome] = await ssh.read(server.target, [version]);
      expect(outcome).toMatchObject({ ended: 'exited', stdout: 'Version: 10\n' });
      expect(logins).toEqual([true]);
    } finally {
      await ssh.close();
    }
  });

  it('that is refused is told as such, and tried once', async () => {
    const logins: boolean[] = [];
    server = await startOneServer(answer, (_connection, context) => {
      logins.push(isSigned(context));
      context.reject(['publickey']);
    });
    const ssh = transportWith();
    try {
      await expect(ssh.read(server.target, [version])).rejects.toMatchObject({ reason: 'login-refused' });
      expect(logins).toEqual([true]);
    } finally {
      await ssh.close();
    }
  });

  it('goes its usual way where ssh2 is another one inside', () => {
    for (const client of [{}, { _protocol: null }, { _protocol: { service: () => undefined } }])
      expect(() => loginAtOnce(client, null)).not.toThrow();
  });
});

describeWithOpenssh('a login to OpenSSH', () => {
  it.each([
    ['Ed25519', ['-t', 'ed25519']],
    ['ECDSA', ['-t', 'ecdsa', '-b', '256']],
    ['RSA', ['-t', 'rsa', '-b', '2048']],
  ])('works with a key of type %s', async (name, how) => {
    const sshd = await startOpenssh();
    const ssh = transportWith();
    try {
      const key = makeKey(sshd.folder, `at-once-${name}`, how);
      appendFileSync(join(sshd.folder, 'authorized_keys'), `${key}\n`);
      const node = nodeAt(sshd.endpoint({ identityFile: `${sshd.folder}/at-once-${name}` }));
      const [outcome] = await ssh.read(node, [nodeRead('/bin/sh', ['-c', 'echo hello'], 'test')]);
      expect(outcome?.stdout).toBe('hello\n');
    } finally {
      await ssh.close();
      await sshd.stop();
    }
  });
});
