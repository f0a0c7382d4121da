import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { errorInfo } from '../../src/core/errors.js';
import type { PinnedKey } from '../../src/core/host-key.js';
import { nodeRead } from '../../src/core/remote-command.js';
import type { Endpoint } from '../../src/core/target.js';
import { fingerprint } from '../../src/ssh/known-hosts.js';
import type { StoredKeys } from '../../src/ssh/pins.js';
import { fetchHostKeys } from '../../src/ssh/fetch-host-keys.js';
import type { Transport } from '../../src/ssh/transport.js';
import { describeWithOpenssh, makeKey, startOpenssh, type OpensshServer } from './openssh-server.js';
import { nodeAt, transportWith } from './targets.js';

const hello = nodeRead('/bin/sh', ['-c', 'echo hello'], 'test');

describeWithOpenssh('keys pinned from Slack, beside known_hosts', () => {
  let server: OpensshServer;
  let bastion: OpensshServer;
  let strange: PinnedKey;
  const transports: Transport[] = [];
  beforeAll(async () => {
    server = await startOpenssh();
    bastion = await startOpenssh({ host: '127.0.0.3' });
    strange = pinned(makeKey(server.folder, 'strange', ['-t', 'ed25519']));
  });
  afterEach(async () => {
    await Promise.all(transports.splice(0).map((one) => one.close()));
  });
  afterAll(async () => {
    await server.stop();
    await bastion.stop();
  });

  function pinned(line: string): PinnedKey {
    const [type = '', key = ''] = line.split(' ');
    return { type, key, fingerprint: fingerprint(Buffer.from(key, 'base64')) };
  }

  /** What a store says that holds these keys, by the host's address. */
  function holding(keys: Readonly<Record<string, readonly PinnedKey[]>>): StoredKeys {
    return (host) => Promise.resolve(keys[host] ?? []);
  }

  function fileWith(text: string): string {
    const path = join(server.folder, `known_hosts.${transports.length}`);
    writeFileSync(path, text);
    return path;
  }

  /** What the server answers, or why there was no session. */
  async function said(endpoint: Endpoint, storedKeys: StoredKeys | null): Promise<string> {
    const ssh = transportWith({ storedKeys });
    transports.push(ssh);
    return ssh.read(nodeAt(endpoint), [hello]).then(
      ([outcome]) => outcome?.stdout ?? '',
      (error: unknown) => `${errorInfo(error).reason ?? ''}: ${errorInfo(error).message}`,
    );
  }

  const none = '/nowhere/known_hosts';

  it('lets in where the store alone pins the key, whichever type it is', async () => {
    for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
      const stored = holding({ [server.host]: [pinned(server.hostKeys[type])] });
      expect(await said(server.endpoint({ knownHosts: none }), stored)).toBe('hello\n');
    }
    const unknown = await said(server.endpoint({ knownHosts: none }), holding({}));
    expect(unknown).toMatch(
      /^host-key-unknown: .* pin it with: aixops enrol lpar1, or \/enrol lpar1 in Slack\. Nothing was run\.$/,
    );
  });

  it('goes through a jump host whose key only the store pins, and says which of the two is not pinned', async () => {
    const jump = bastion.endpoint({ name: 'bastion1', knownHosts: none });
    const behind = server.endpoint({ knownHosts: none, jump });
    const both = {
      [server.host]: [pinned(server.hostKeys.ed25519)],
      [bastion.host]: [pinned(bastion.hostKeys.ed25519)],
    };
    expect(await said(behind, holding(both))).toBe('hello\n');
    expect(await said(behind, holding({ ...both, [bastion.host]: [] }))).toMatch(
      /^jump-failed: .* through bastion1 failed: .* its host key is not known\. .*\/enrol bastion1 in Slack\. Nothing was run\.$/,
    );
    const fetching = { timeoutMs: 3000, agentSocket: null, storedKeys: holding(both) };
    expect((await fetchHostKeys(behind, fetching)).map(({ key }) => key)).toContain(
      pinned(server.hostKeys.ed25519).key,
    );
    await expect(fetchHostKeys(behind, { ...fetching, storedKeys: null })).rejects.toMatchObject({
      reason: 'jump-failed',
    });
  });

  it('stops hard at a key that is not the stored one, with both fingerprints and what to do', async () => {
    const told = await said(server.endpoint({ knownHosts: none }), holding({ [server.host]: [strange] }));
    expect(told).toMatch(/^host-key-changed: .* its host key has CHANGED\./);
    expect(told).toContain(`Pinned: ssh-ed25519 ${strange.fingerprint} (from Slack).`);
    expect(told).toContain(`Presented: ssh-ed25519 ${pinned(server.hostKeys.ed25519).fingerprint}.`);
    expect(told).toMatch(/pin the new key with: \/enrol lpar1 in Slack\. Nothing was run\.$/);
  });

  it('connects to nothing while file and store name different keys, even where one of them is right', async () => {
    const before = server.logins();
    for (const stored of [strange, pinned(server.hostKeys.ed25519)]) {
      const other = stored === strange ? server.hostKeys.ed25519 : `${strange.type} ${strange.key}`;
      const knownHosts = fileWith(`[${server.host}]:${server.port} ${other}\n`);
      const told = await said(server.endpoint({ knownHosts }), holding({ [server.host]: [stored] }));
      expect(told).toMatch(/^host-key-changed: .* two different keys are pinned for it\./);
      expect(told).toContain(`From Slack: ssh-ed25519 ${stored.fingerprint}.`);
    }
    expect(server.logins()).toBe(before);
    const agreeing = fileWith(`[${server.host}]:${server.port} ${server.hostKeys.ed25519}\n`);
    const both = [pinned(server.hostKeys.ed25519), pinned(server.hostKeys.rsa)];
    expect(await said(server.endpoint({ knownHosts: agreeing }), holding({ [server.host]: both }))).toBe(
      'hello\n',
    );
  });

  it('lets a revocation in the file win over the store', async () => {
    const knownHosts = fileWith(`@revoked * ${server.hostKeys.ed25519}\n`);
    const stored = holding({ [server.host]: [pinned(server.hostKeys.ed25519)] });
    expect(await said(server.endpoint({ knownHosts }), stored)).toMatch(
      /^host-key-changed: .* is marked @revoked in /,
    );
  });

  it('trusts nobody while the store cannot be asked, and calls no host changed for it', async () => {
    const away: StoredKeys = () => Promise.reject(new Error('Connection is closed.'));
    expect(await said(server.endpoint(), away)).toMatch(
      /^unreachable: .* was not tried: Redis did not say which host keys were pinned from Slack\. Nothing was run\.$/,
    );
  });

  it('names the line of a certificate authority, and that the plain key must be pinned', async () => {
    const knownHosts = fileWith(`# ours\n@cert-authority * ${server.hostKeys.ed25519}\n`);
    const told = await said(server.endpoint({ knownHosts }), null);
    expect(told).toContain(
      `(line 2 of ${knownHosts} trusts a certificate authority for it, but host certificates are not supported: its plain key must be pinned)`,
    );
  });

  it('meets a server with a host certificate by its plain key, which its authority does not pin', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aixops-authority-'));
    const authority = makeKey(folder, 'authority', ['-t', 'ed25519']);
    const plain = makeKey(folder, 'host', ['-t', 'ed25519']);
    const sign = ['-q', '-s', join(folder, 'authority'), '-I', 'lpar1', '-h', '-n', '127.0.0.1'];
    execFileSync('/usr/bin/ssh-keygen', [...sign, join(folder, 'host.pub')]);
    const certified = await startOpenssh({
      config: [`HostKey ${folder}/host`, `HostCertificate ${folder}/host-cert.pub`],
    });
    const knownHosts = fileWith(`@cert-authority * ${authority}\n`);
    const told = await said(certified.endpoint({ knownHosts }), null);
    const stored = holding({ [certified.host]: [pinned(plain)] });
    const enrolled = await said(certified.endpoint({ knownHosts }), stored);
    await certified.stop();
    rmSync(folder, { recursive: true, force: true });
    expect(told).toMatch(/^host-key-unknown: .*line 1 of .* trusts a certificate authority/);
    expect(told).toContain(`Presented: ssh-ed25519 ${pinned(plain).fingerprint}.`);
    expect(enrolled).toBe('hello\n');
  });
});
