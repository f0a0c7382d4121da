import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ConnectError } from '../../src/core/errors.js';
import { nodeRead } from '../../src/core/remote-command.js';
import type { Endpoint } from '../../src/core/target.js';
import { fingerprint } from '../../src/ssh/known-hosts.js';
import { fetchHostKeys } from '../../src/ssh/fetch-host-keys.js';
import type { SshTransportOptions } from '../../src/ssh/ssh-transport.js';
import type { Transport } from '../../src/ssh/transport.js';
import { describeWithOpenssh, makeKey, startOpenssh } from './openssh-server.js';
import type { OpensshServer } from './openssh-server.js';
import { nodeAt, transportWith } from './targets.js';

const fetching = { timeoutMs: 3000, agentSocket: null, storedKeys: null };
const hello = nodeRead('/bin/sh', ['-c', 'echo hello'], 'test');

describeWithOpenssh('connecting to OpenSSH', () => {
  let server: OpensshServer;
  let bastion: OpensshServer;
  const transports: Transport[] = [];
  const transport = (changes: Partial<SshTransportOptions> = {}) => {
    const made = transportWith(changes);
    transports.push(made);
    return made;
  };
  const read = (endpoint: Endpoint, changes: Partial<SshTransportOptions> = {}) =>
    transport(changes).read(nodeAt(endpoint), [hello]);
  const failure = async (reading: Promise<unknown>): Promise<ConnectError> => {
    const error: unknown = await reading.then(
      () => new Error('it did not fail'),
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ConnectError)) throw error;
    return error;
  };
  const knownHosts = (name: string, text: string) => {
    const path = join(server.folder, name);
    writeFileSync(path, text);
    return path;
  };
  const print = (key: string) => fingerprint(Buffer.from(key.split(' ')[1] ?? '', 'base64'));

  beforeAll(async () => {
    server = await startOpenssh();
    bastion = await startOpenssh({ host: '127.0.0.3' });
  });
  afterEach(async () => {
    await Promise.all(transports.splice(0).map((one) => one.close()));
  });
  afterAll(async () => {
    await server.stop();
    await bastion.stop();
  });

  it('refuses a host that is not pinned and shows its fingerprint', async () => {
    const error = await failure(read(server.endpoint({ knownHosts: '/nowhere/known_hosts' })));
    expect(error.reason).toBe('host-key-unknown');
    expect(error.message).toBe(
      `Connecting to lpar1 (127.0.0.1:${server.port}) was refused: its host key is not known. Presented: ssh-ed25519 ` +
        `${print(server.hostKeys.ed25519)}. Compare it by another way, then pin it with: aixops enrol lpar1 ` +
        '(without Redis only /nowhere/known_hosts counts, not what was pinned from Slack). Nothing was run.',
    );
  });

  it('refuses a changed host key and shows both fingerprints', async () => {
    const other = makeKey(server.folder, 'other', ['-t', 'ed25519']);
    const path = knownHosts('changed', `[127.0.0.1]:${server.port} ${other}\n`);
    const error = await failure(read(server.endpoint({ knownHosts: path })));
    expect(error.reason).toBe('host-key-changed');
    expect(error.message).toContain(`Pinned: ssh-ed25519 ${print(other)}.`);
    expect(error.message).toContain(`Presented: ssh-ed25519 ${print(server.hostKeys.ed25519)}.`);
    expect(error.message).toMatch(/aixops enrol lpar1\. Nothing was run\.$/);
  });

  it('calls a host changed that no longer has a key of the pinned type', async () => {
    const alone = await startOpenssh({ config: [] });
    const other = makeKey(server.folder, 'other384', ['-t', 'ecdsa', '-b', '384']);
    const path = knownHosts('type-changed', `[127.0.0.1]:${alone.port} ${other}\n`);
    const error = await failure(read(alone.endpoint({ knownHosts: path })));
    await alone.stop();
    expect(error.reason).toBe('host-key-changed');
    expect(error.message).toContain(`Pinned: ecdsa-sha2-nistp384 ${print(other)}`);
    expect(error.message).toContain(`Presented: ssh-ed25519 ${print(alone.hostKeys.ed25519)}`);
  });

  it('refuses a revoked key although it is pinned', async () => {
    const text = readFileSync(server.knownHosts, 'utf8');
    const path = knownHosts('revoked', `${text}@revoked * ${server.hostKeys.ed25519}\n`);
    const error = await failure(read(server.endpoint({ knownHosts: path })));
    expect(error).toMatchObject({ reason: 'host-key-changed' });
    expect(error.message).toContain('@revoked');
  });

  it('says that a certificate authority counts for nothing', async () => {
    const path = knownHosts('authority', `@cert-authority * ${server.hostKeys.ed25519}\n`);
    const error = await failure(read(server.endpoint({ knownHosts: path })));
    expect(error.reason).toBe('host-key-unknown');
    expect(error.message).toContain('host certificates are not supported');
  });

  it('accepts whichever key type is pinned', async () => {
    for (const type of ['ecdsa', 'rsa'] as const) {
      const path = knownHosts(type, `[127.0.0.1]:${server.port} ${server.hostKeys[type]}\n`);
      const [outcome] = await read(server.endpoint({ knownHosts: path }));
      expect(outcome?.stdout).toBe('hello\n');
    }
  });

  it('says who was refused and what was offered', async () => {
    makeKey(server.folder, 'stranger', ['-t', 'ed25519']);
    const identityFile = join(server.folder, 'stranger');
    const error = await failure(read(server.endpoint({ identityFile })));
    expect(error.reason).toBe('login-refused');
    expect(error.message).toBe(
      `Login as ${server.user} on lpar1 (127.0.0.1:${server.port}) was refused. Offered: the key ${identityFile}. ` +
        'The server takes: publickey. Nothing was run.',
    );
  });

  it('refuses key files that others may use, that are missing, locked or no key', async () => {
    const path = (name: string) => join(server.folder, name);
    copyFileSync(server.identityFile, path('loose'));
    chmodSync(path('loose'), 0o640);
    execFileSync('/usr/bin/ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', path('locked')]);
    writeFileSync(path('garbage'), 'no key\n', { mode: 0o600 });
    const messages = await Promise.all(
      ['loose', 'missing', 'locked', 'garbage'].map(async (name) => {
        const error = await failure(read(server.endpoint({ identityFile: path(name) })));
        expect(error.reason).toBe('login-refused');
        return error.message;
      }),
    );
    expect(messages[0]).toContain(`mode 0640); type: chmod 600 ${path('loose')}`);
    expect(messages[1]).toContain('could not be read (ENOENT)');
    expect(messages[2]).toContain('is locked by a passphrase: load it into an agent');
    expect(messages[3]).toContain('is no private key');
  });

  it('logs in by an agent', async () => {
    const socket = join(server.folder, 'agent.sock');
    const agent = spawn('/usr/bin/ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    try {
      await expect.poll(() => readdirSync(server.folder)).toContain('agent.sock');
      const endpoint = server.endpoint({ identityFile: null, agent: true });
      const empty = await failure(read(endpoint, { agentSocket: socket }));
      expect(empty.message).toContain('Offered: the keys of the agent.');
      execFileSync('/usr/bin/ssh-add', ['-q', server.identityFile], { env: { SSH_AUTH_SOCK: socket } });
      const [outcome] = await read(endpoint, { agentSocket: socket });
      expect(outcome?.stdout).toBe('hello\n');
      expect((await failure(read(endpoint))).message).toContain('SSH_AUTH_SOCK is not set');
      expect(await failure(read(endpoint, { agentSocket: '/nowhere' }))).toMatchObject({
        reason: 'login-refused',
      });
    } finally {
      agent.kill();
    }
  });

  it('goes through a jump host, with both keys pinned', async () => {
    const jump = bastion.endpoint({ name: 'bastion1' });
    const before = bastion.logins();
    const one = transport();
    const [[direct], [second]] = await Promise.all([
      one.read(nodeAt(server.endpoint({ jump })), [hello]),
      one.read(nodeAt(server.endpoint({ name: 'lpar2', jump })), [hello]),
    ]);
    expect([direct?.stdout, second?.stdout]).toEqual(['hello\n', 'hello\n']);
    expect(bastion.logins() - before).toBe(1);
  });

  it('says which of the two failed when a jump does not work', async () => {
    const unknown = bastion.endpoint({ name: 'bastion1', knownHosts: '/nowhere' });
    const first = await failure(read(server.endpoint({ jump: unknown })));
    expect(first).toMatchObject({ reason: 'jump-failed', target: 'lpar1' });
    expect(first.message).toMatch(
      /^Connecting to lpar1 \(.*\) through bastion1 failed: Connecting to bastion1 .* aixops enrol bastion1 \(.*\)\. Nothing was run\.$/,
    );
    const jump = bastion.endpoint({ name: 'bastion1' });
    const second = await failure(read(server.endpoint({ jump, knownHosts: '/nowhere' })));
    expect(second).toMatchObject({ reason: 'host-key-unknown', target: 'lpar1' });
    const third = await failure(read(server.endpoint({ jump, port: 1 })));
    expect(third.reason).toBe('unreachable');
    expect(third.message).toContain('bastion1 could not reach it');
  });

  it('tries a refused connection three times and then says so', async () => {
    const startedAt = Date.now();
    const error = await failure(read(server.endpoint({ port: 1 })));
    expect(error).toMatchObject({ reason: 'refused', target: 'lpar1' });
    expect(error.message).toMatch(
      /^Connecting to lpar1 \(127\.0\.0\.1:1\) was refused: .* Nothing was run\.$/,
    );
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1200);
  });

  it('names a host that does not exist and algorithms that do not fit', async () => {
    expect(await failure(read(server.endpoint({ host: 'nobody.invalid' })))).toMatchObject({
      reason: 'unreachable',
    });
    const old = await startOpenssh({
      config: ['KexAlgorithms diffie-hellman-group14-sha1', 'Ciphers aes256-cbc'],
    });
    const modern = await failure(read(old.endpoint()));
    expect(modern.reason).toBe('algorithms');
    expect(modern.message).toContain('"algorithms: legacy"');
    const [outcome] = await read(old.endpoint({ algorithms: 'legacy' }));
    await old.stop();
    expect(outcome?.stdout).toBe('hello\n');
  });

  it('gives up on a server that says nothing, and leaves no socket behind', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => {
      sockets.add(socket);
      socket.resume().on('error', () => undefined);
      socket.once('close', () => sockets.delete(socket));
    });
    const port = await listen(silent);
    const error = await failure(read(server.endpoint({ port }), { connectTimeoutMs: 300 }));
    expect(error.reason).toBe('timed-out');
    expect(error.message).toBe(
      `Connecting to lpar1 (127.0.0.1:${port}) timed out after 0.3 s. Nothing was run.`,
    );
    await expect.poll(() => sockets.size).toBe(0);
    silent.close();
  });

  it('comes through when the server is back at the second try', async () => {
    let tries = 0;
    const flaky = createServer((socket) => {
      tries += 1;
      if (tries === 1) socket.destroy();
      else {
        const onward = connect({ port: server.port, host: '127.0.0.1' });
        socket.pipe(onward).pipe(socket);
      }
    });
    const port = await listen(flaky);
    const path = knownHosts('flaky', `[127.0.0.1]:${port} ${server.hostKeys.ed25519}\n`);
    const one = transport();
    const [outcome] = await one.read(nodeAt(server.endpoint({ port, knownHosts: path })), [hello]);
    expect([tries, outcome?.stdout]).toEqual([2, 'hello\n']);
    await one.close();
    flaky.close();
  });

  it('fetches one host key of each type without logging in, through a jump too', async () => {
    const before = server.logins();
    const jump = bastion.endpoint({ name: 'bastion1' });
    const [direct, jumped] = await Promise.all([
      fetchHostKeys(server.endpoint({ knownHosts: '/nowhere' }), fetching),
      fetchHostKeys(server.endpoint({ jump }), fetching),
    ]);
    expect(direct).toEqual(jumped);
    expect(direct.map((key) => key.knownHostsLine)).toEqual(
      (['ed25519', 'ecdsa', 'rsa'] as const).map(
        (type) => `[127.0.0.1]:${server.port} ${server.hostKeys[type]}`,
      ),
    );
    expect(direct[0]?.fingerprint).toBe(print(server.hostKeys.ed25519));
    expect(server.logins()).toBe(before);
    expect(await failure(fetchHostKeys(server.endpoint({ port: 1 }), fetching))).toMatchObject({
      reason: 'refused',
    });
  });
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
