import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { nodeRead, hmcRead } from '../../src/core/remote-command.js';
import type { Transport } from '../../src/ssh/transport.js';
import { describeWithOpenssh, startOpenssh } from './openssh-server.js';
import type { OpensshServer } from './openssh-server.js';
import { hmcAt, nodeAt, transportWith } from './targets.js';
import type { SshTransportOptions } from '../../src/ssh/ssh-transport.js';

const shell = (text: string, options = {}) => nodeRead('/bin/sh', ['-c', text], 'test', options);

describeWithOpenssh('the ssh2 transport against OpenSSH and ksh', () => {
  let server: OpensshServer;
  const transports: Transport[] = [];
  const transport = (changes: Partial<SshTransportOptions> = {}) => {
    const made = transportWith(changes);
    transports.push(made);
    return made;
  };
  beforeAll(async () => {
    server = await startOpenssh();
  });
  afterEach(async () => {
    await Promise.all(transports.splice(0).map((one) => one.close()));
  });
  afterAll(() => server.stop());

  it('reads many commands in one round trip, each with its own outcome', async () => {
    const outcomes = await transport().read(nodeAt(server.endpoint()), [
      shell('echo "$LC_ALL"; echo err >&2; exit 3'),
      nodeRead('/nowhere/a', [], 'test', { alternatives: ['/nowhere/b'] }),
      nodeRead('/nowhere/printf', ['%s\\n', "it's"], 'test', { alternatives: ['/usr/bin/printf'] }),
      shell('kill -9 $$'),
      shell('cat; tty'),
    ]);
    expect(outcomes.map(({ durationMs, ...rest }) => [durationMs >= 0, rest])).toEqual([
      [true, { ended: 'exited', exitCode: 3, signal: null, stdout: 'C\n', stderr: 'err\n' }],
      [
        true,
        {
          ended: 'exited',
          exitCode: 127,
          signal: null,
          stdout: '',
          stderr: 'aixops: not found or not executable: /nowhere/a /nowhere/b\n',
        },
      ],
      [true, { ended: 'exited', exitCode: 0, signal: null, stdout: "it's\n", stderr: '' }],
      [true, { ended: 'killed', exitCode: null, signal: 'SIGKILL', stdout: '', stderr: '' }],
      [true, { ended: 'exited', exitCode: 1, signal: null, stdout: 'not a tty\n', stderr: '' }],
    ]);
  });

  it('stops a command that hangs while the others still answer', async () => {
    const outcomes = await transport().read(nodeAt(server.endpoint()), [
      shell('echo first'),
      shell('echo begun; sleep 300', { timeoutMs: 1000 }),
      shell('echo last'),
    ]);
    expect(outcomes.map((one) => [one.ended, one.stdout])).toEqual([
      ['exited', 'first\n'],
      ['timed-out', 'begun\n'],
      ['exited', 'last\n'],
    ]);
    expect(outcomes[1]?.durationMs).toBeGreaterThanOrEqual(1000);
    expect(outcomes[0]?.durationMs).toBeLessThan(outcomes[1]?.durationMs ?? 0);
  });

  it('shares one connection among 20 reads at once', async () => {
    const before = server.logins();
    const one = transport();
    const reads = Array.from({ length: 20 }, (_, i) =>
      one.read(nodeAt(server.endpoint()), [shell(`echo ${i}`)]),
    );
    const outcomes = (await Promise.all(reads)).map(([outcome]) => outcome?.stdout);
    expect(outcomes).toEqual(Array.from({ length: 20 }, (_, i) => `${i}\n`));
    expect(server.logins() - before).toBe(1);
  });

  it('hands a script to ksh over stdin and returns its outcome', async () => {
    const one = transport();
    const outcome = await one.script(
      nodeAt(server.endpoint()),
      'echo "out $(( 40 + 2 ))"\necho err >&2\nexit 7\n',
      5000,
    );
    expect(outcome).toMatchObject({ ended: 'exited', exitCode: 7, stdout: 'out 42\n', stderr: 'err\n' });
    const killed = await one.script(nodeAt(server.endpoint()), 'kill -9 $$\n', 5000);
    expect(killed).toMatchObject({ ended: 'killed', exitCode: null, signal: 'SIGKILL' });
    const late = await one.script(nodeAt(server.endpoint()), 'echo begun; sleep 10\n', 4000);
    expect(late).toMatchObject({ ended: 'lost', exitCode: null, stdout: 'begun\n' });
  });

  it('keeps the head of a script that prints too much, without disturbing it', async () => {
    const script =
      'i=0; while [ $i -lt 40 ]; do printf "%065536d" 0; i=$((i+1)); done; echo done >&2; exit 5\n';
    const outcome = await transport().script(nodeAt(server.endpoint()), script, 10_000);
    expect(outcome).toMatchObject({ ended: 'too-long', exitCode: 5, stderr: 'done\n' });
    expect(outcome.stdout.length).toBe(1024 * 1024);
  });

  it('gives an HMC one plain command per channel, through its own limits', async () => {
    const hmc = hmcAt(server.endpoint({ name: 'hmc1' }));
    const outcomes = await transport().read(hmc, [
      hmcRead('echo', ['a b', "it's", '$(id)'], 'test'),
      hmcRead('sleep', ['30'], 'test', { timeoutMs: 300 }),
      hmcRead('yes', [], 'test', { maxBytes: 1000 }),
      hmcRead('false', [], 'test'),
      hmcRead('cat', [], 'test'),
    ]);
    expect(outcomes.map((one) => [one.ended, one.exitCode])).toEqual([
      ['exited', 0],
      ['timed-out', null],
      ['too-long', null],
      ['exited', 1],
      ['exited', 0],
    ]);
    expect(outcomes[0]?.stdout).toBe("a b it's $(id)\n");
    expect(outcomes[2]?.stdout).toBe('y\n'.repeat(500));
  });

  it('asks the gate for every HMC command, and runs no more than allowed at once', async () => {
    const asked: string[] = [];
    const hmcGate = <T>(name: string, work: () => Promise<T>) => (asked.push(name), work());
    await transport({ hmcGate }).read(hmcAt(server.endpoint({ name: 'hmc1' })), [
      hmcRead('true', [], 't'),
      hmcRead('true', [], 't'),
    ]);
    expect(asked).toEqual(['hmc1', 'hmc1']);
    const startedAt = Date.now();
    const two = [hmcRead('sleep', ['0.4'], 't'), hmcRead('sleep', ['0.4'], 't')];
    await transport({ hmcSessions: 1 }).read(hmcAt(server.endpoint({ name: 'hmc1' })), two);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(800);
  });

  it('runs only what needs root by sudo, without a question', async () => {
    const sudo = join(server.folder, 'sudo');
    const log = join(server.folder, 'sudo.log');
    writeFileSync(sudo, `#!/bin/sh\necho "$*" >>${log}\n[ "$1" = -n ] || exit 9\nshift\nexec "$@"\n`);
    chmodSync(sudo, 0o755);
    const node = nodeAt(server.endpoint({ become: 'sudo' }));
    const outcomes = await transport({ sudo }).read(node, [
      shell('echo plain'),
      nodeRead('/usr/bin/printf', ['%s', 'with root'], 'test', { needsRoot: true }),
    ]);
    expect(outcomes.map((one) => one.stdout)).toEqual(['plain\n', 'with root']);
    expect(readFileSync(log, 'utf8')).toBe('-n /usr/bin/printf %s with root\n');
  });

  it('says in words that the shell did not run the script', async () => {
    const reading = transport({ shell: '/nowhere/ksh' }).read(nodeAt(server.endpoint()), [shell('echo')]);
    await expect(reading).rejects.toMatchObject({ class: 'ConnectError', reason: 'login-refused' });
    await expect(reading).rejects.toThrow(
      /^Login as \S+ on lpar1 \(127.0.0.1:\d+\) worked, but \/nowhere\/ksh did not run/,
    );
  });

  it('refuses a command that is for the other side', async () => {
    await expect(transport().read(nodeAt(server.endpoint()), [hmcRead('lshmc', [], 't')])).rejects.toThrow(
      TypeError,
    );
  });

  it('gives nothing to do to no one', async () => {
    expect(await transport().read(nodeAt(server.endpoint({ port: 1 })), [])).toEqual([]);
  });
});
