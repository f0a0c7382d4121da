import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2 from 'ssh2';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newKeys } from './keys.js';
import { startLab } from './lab.js';
import type { Lab } from './lab.js';

// A root behind a real OpenSSH server, by ForceCommand, asked by the real OpenSSH client.
const sshd = '/usr/sbin/sshd';
const ssh = '/usr/bin/ssh';

describe.skipIf(!existsSync(sshd) || !existsSync(ssh))(
  'a node behind a real sshd (skipped without OpenSSH)',
  () => {
    let lab: Lab;
    let server: ChildProcess;
    let port: number;
    const folder = mkdtempSync(join(tmpdir(), 'aixops-sshd-'));

    beforeAll(async () => {
      lab = await startLab({ estate: 'demo', folder: join(folder, 'lab'), settleMs: 200 });
      await lab.writeConfig(join(folder, 'config'));
      port = await freePort();
      server = startSshd(folder, lab.node('lpar1').root, port);
      for (let look = 0; look < 50 && run('exit 0').code !== 0; look += 1) await sleep(100);
    });

    afterAll(async () => {
      server.kill();
      await lab.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    function run(command: string, input = ''): { code: number; stdout: string; stderr: string } {
      const options = [
        'StrictHostKeyChecking=no',
        'UserKnownHostsFile=/dev/null',
        'BatchMode=yes',
        'LogLevel=ERROR',
      ];
      const args = ['-F', 'none', '-i', join(folder, 'config/id_ed25519'), '-p', String(port)];
      const all = [
        ...args,
        ...options.flatMap((option) => ['-o', option]),
        `${userInfo().username}@127.0.0.1`,
        command,
      ];
      try {
        return {
          code: 0,
          stdout: execFileSync(ssh, all, { input, encoding: 'utf8', stdio: 'pipe' }),
          stderr: '',
        };
      } catch (error) {
        const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
        return { code: status, stdout, stderr };
      }
    }

    it('answers as the own server of the lab does', () => {
      const ran = run(
        '/usr/bin/ksh',
        '/usr/bin/lssrc -s ctrmc </dev/null\ncat /etc/ct_node_id </dev/null\nexit 3\n',
      );
      expect(ran.code).toBe(3);
      expect(ran.stdout).toMatch(/^ ctrmc .* active\n1c0de0a511b20c01\n$/m);
    });

    it('keeps a detached process after the connection', async () => {
      run(
        '/usr/bin/ksh',
        `nohup /usr/bin/ksh -c 'while [ ! -f /tmp/go ]; do sleep 1; done; echo late >/tmp/late' </dev/null >/dev/null 2>&1 &\n`,
      );
      expect(run('cat /tmp/late').code).not.toBe(0);
      run('touch /tmp/go');
      await expect.poll(() => run('cat /tmp/late').stdout, { timeout: 15_000 }).toBe('late\n');
    });
  },
);

/** The forced command as JavaScript: tests run without a build. */
function compileShell(folder: string): string {
  const out = join(folder, 'compiled');
  mkdirSync(out);
  writeFileSync(join(out, 'package.json'), '{ "type": "module" }');
  for (const name of ['node-shell', 'shell', 'rewrite']) {
    const source = readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8');
    const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    writeFileSync(join(out, `${name}.js`), ts.transpileModule(source, { compilerOptions }).outputText);
  }
  symlinkSync(new URL('./bin', import.meta.url).pathname, join(out, 'bin'));
  return join(out, 'node-shell.js');
}

function startSshd(folder: string, root: string, port: number): ChildProcess {
  const shell = compileShell(folder);
  const identity = ssh2.utils.parseKey(readFileSync(join(folder, 'config/id_ed25519')));
  if (identity instanceof Error) throw identity;
  writeFileSync(join(folder, 'authorized'), `ssh-ed25519 ${identity.getPublicSSH().toString('base64')}\n`);
  writeFileSync(join(folder, 'host'), newKeys().private);
  chmodSync(join(folder, 'host'), 0o600);
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/authorized`,
    `PidFile ${folder}/pid`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    `ForceCommand ${process.execPath} ${shell} ${root}`,
  ];
  writeFileSync(join(folder, 'sshd_config'), `${settings.join('\n')}\n`);
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  return spawn(sshd, ['-D', '-e', '-f', join(folder, 'sshd_config')], { stdio: 'ignore' });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', () => resolve()));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
