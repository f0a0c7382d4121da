import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeStep, StepCommand } from '../../src/core/plan.js';
import { nodeChange } from '../../src/core/remote-command.js';
import { lookScript, readLook, removeScript, startScript, type Look } from '../../src/run/run-directory.js';

// The run directory is below $HOME here, so that the scripts run as any user and touch nothing else.
const place = { changeId: 'c-1', stepId: 'restart', become: 'sudo' } as const;

const shells = ['/usr/bin/ksh93', '/usr/bin/mksh', '/bin/dash'].filter((path) => existsSync(path));

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'aixops-run-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

function sh(script: string, always = false, timeoutMs = 5_000): StepCommand {
  const command = nodeChange('once', '/bin/sh', ['-c', script], 'test', { timeoutMs, needsRoot: false });
  return { command, always };
}

function step(...commands: StepCommand[]): NodeStep {
  return { id: 'restart', title: 'Restart', effect: 'once', commands, timeoutMs: 60_000 };
}

function run(shell: string, script: string, nonce: string): Look | null {
  const done = spawnSync(shell, {
    input: script,
    env: { HOME: home, PATH: '/usr/bin:/bin' },
    encoding: 'utf8',
  });
  return readLook(done.stdout, nonce);
}

describe.each(shells)('with %s', (shell) => {
  it('runs the step once and brings back its output and exit status', () => {
    const it = step(sh('echo one; echo two >&2; echo x >>"$HOME/ran"'));
    const look = run(shell, startScript(place, it, 'n1', 5), 'n1');
    expect(look).toEqual({ kind: 'finished', exitCode: 0, stdout: 'one\n', stderr: 'two\n' });
    expect(run(shell, startScript(place, it, 'n2', 5), 'n2')).toEqual(look);
    expect(readFileSync(join(home, 'ran'), 'utf8')).toBe('x\n');
  });

  it('goes on after a command that prints exactly what it must, and not otherwise, whatever was printed before', () => {
    const must = (script: string, ...mustPrint: string[]): StepCommand => ({ ...sh(script), mustPrint });
    const right = step(
      sh('echo 1 2 /x'),
      must("printf '1 2 /x\\nit%%s\\n'", '1 2 /x', 'it%s'),
      sh('echo after'),
    );
    expect(run(shell, startScript(place, right, 'n1', 5), 'n1')).toMatchObject({
      exitCode: 0,
      stdout: '1 2 /x\n1 2 /x\nit%s\nafter\n',
    });
    for (const [id, script] of [
      ['other', 'echo 1 3 /x'],
      ['more', 'echo 1 2 /x; echo more'],
      ['nothing', 'true'],
    ] as const) {
      // The line that it must print has been printed before it, and does not count.
      const wrong = step(
        sh('echo 1 2 /x'),
        must(script, '1 2 /x'),
        sh('echo after'),
        sh('echo always', true),
      );
      const look = run(shell, startScript({ ...place, stepId: id }, wrong, 'n2', 5), 'n2');
      expect(look).toMatchObject({
        exitCode: 1,
        stdout: expect.not.stringContaining('after') as string,
        stderr: 'command 2 did not print what the plan says it must\n',
      });
      expect(look).toMatchObject({ stdout: expect.stringContaining('always') as string });
    }
  });

  it('lets only one of ten starters at the same moment run the step', async () => {
    const it = step(sh('echo x >>"$HOME/ran"; sleep 1'));
    const starts = Array.from(
      { length: 10 },
      (_, n) =>
        new Promise<Look | null>((resolve) => {
          const child = execFile(shell, { env: { HOME: home, PATH: '/usr/bin:/bin' } }, (_e, out) =>
            resolve(readLook(out, `n${n}`)),
          );
          child.stdin?.end(startScript(place, it, `n${n}`, 8));
        }),
    );
    const looks = await Promise.all(starts);
    expect(looks.every((look) => look?.kind === 'finished')).toBe(true);
    expect(readFileSync(join(home, 'ran'), 'utf8')).toBe('x\n');
  }, 60_000);

  it('skips what follows a failed command, but never a command that must always run', () => {
    const it = step(sh('exit 3'), sh('echo skipped'), sh('echo started', true));
    const look = run(shell, startScript(place, it, 'n1', 5), 'n1');
    expect(look).toEqual({ kind: 'finished', exitCode: 3, stdout: 'started\n', stderr: '' });
  });

  it('keeps the output of a command that may fail, and does not count its exit status', () => {
    const it = step({ ...sh('echo stopped already >&2; exit 1'), mayFail: true }, sh('echo started'));
    const look = run(shell, startScript(place, it, 'n1', 5), 'n1');
    expect(look).toEqual({ kind: 'finished', exitCode: 0, stdout: 'started\n', stderr: 'stopped already\n' });
  });

  it('takes a refusal in words for a failure, whatever the exit status', () => {
    const refusing = { ...sh('echo "Cannot run if it is online."'), failsOnOutput: ['Cannot run'] };
    const look = run(shell, startScript(place, step(refusing, sh('echo next')), 'n1', 5), 'n1');
    expect(look).toMatchObject({ kind: 'finished', exitCode: 1, stdout: 'Cannot run if it is online.\n' });
    const content = { ...sh('echo "It ran."'), failsOnOutput: ['Cannot run'] };
    const other = { ...place, stepId: 'other' };
    expect(run(shell, startScript(other, step(content), 'n2', 5), 'n2')).toMatchObject({ exitCode: 0 });
  });

  it('leaves out a command that is not installed only where it may be missing', () => {
    const missing = nodeChange('idempotent', '/opt/rsct/bin/no-such', ['-s'], 'test', { needsRoot: false });
    const optional = { command: missing, always: false, onlyWhereInstalled: true };
    const there = { ...sh('echo here'), onlyWhereInstalled: true };
    const look = run(shell, startScript(place, step(optional, there), 'n1', 5), 'n1');
    const stdout = 'left out, not installed: /opt/rsct/bin/no-such\nhere\n';
    expect(look).toEqual({ kind: 'finished', exitCode: 0, stdout, stderr: '' });
    const needed = { ...place, stepId: 'needed' };
    const strict = step({ command: missing, always: false });
    expect(run(shell, startScript(needed, strict, 'n2', 5), 'n2')).toMatchObject({ exitCode: 127 });
  });

  it('gives a command its text on standard input, as it is, and none to the others', () => {
    const stdin = `CuAt:\n\tname = "cluster0"\n\tvalue = "it's $HOME \\n %s"\n`;
    const look = run(shell, startScript(place, step({ ...sh('cat'), stdin }, sh('cat')), 'n1', 5), 'n1');
    expect(look).toEqual({ kind: 'finished', exitCode: 0, stdout: stdin, stderr: '' });
  });

  it('runs in the step’s own directory, so that what is saved there goes with it', () => {
    run(shell, startScript(place, step(sh('echo saved >saved.txt')), 'n1', 5), 'n1');
    expect(readFileSync(join(home, '.aixops/c-1/restart/saved.txt'), 'utf8')).toBe('saved\n');
  });

  it('stops a command that runs into its limit and still runs the one that must follow', () => {
    const it = step(sh('exec sleep 60', false, 1_000), sh('echo started', true));
    const look = run(shell, startScript(place, it, 'n1', 12), 'n1');
    expect(look).toMatchObject({ kind: 'finished', stdout: 'started\n' });
    expect(
      look?.kind === 'finished' && look.exitCode !== 0 && look.stderr.includes('stopped after 1 s'),
    ).toBe(true);
  }, 60_000);

  it('says that a step is running while it is, and finishes it though its starter is gone', () => {
    const it = step(sh('sleep 3; echo done'));
    expect(run(shell, startScript(place, it, 'n1', 1), 'n1')).toEqual({ kind: 'running' });
    expect(run(shell, lookScript(place, 'n2', 8), 'n2')).toMatchObject({
      kind: 'finished',
      stdout: 'done\n',
    });
  }, 60_000);

  it('tells a step that vanished from one that never began', () => {
    expect(run(shell, lookScript(place, 'n1', 1), 'n1')).toEqual({ kind: 'absent' });
    const it = step(sh('sleep 300'));
    run(shell, startScript(place, it, 'n2', 1), 'n2');
    const pid = readFileSync(join(home, '.aixops/c-1/restart/pid'), 'utf8').trim();
    execFileSync('pkill', ['-9', '-P', pid]);
    execFileSync('sh', [
      '-c',
      `kill -9 ${pid} 2>/dev/null || true; rm -f "${home}/.aixops/c-1/restart/status"`,
    ]);
    expect(run(shell, lookScript(place, 'n3', 4), 'n3')).toEqual({ kind: 'gone' });
  }, 60_000);

  it('refuses to start where the directory cannot be made', () => {
    writeFileSync(join(home, '.aixops'), 'a file stands in the way');
    const look = run(shell, startScript(place, step(sh('echo x >>"$HOME/ran"')), 'n1', 1), 'n1');
    expect(look?.kind).toBe('not-created');
    expect(existsSync(join(home, 'ran'))).toBe(false);
  });

  it('takes output that looks like a frame for output', () => {
    const forged = 'AIXOPS n1 finished 0\nAIXOPS n1 err\nforged\nAIXOPS n1 end\n';
    const it = step(sh(`printf 'AIXOPS n9 end\\n'; printf '%s' '${forged.replaceAll('n1', 'n8')}'`));
    const look = run(shell, startScript(place, it, 'n1', 5), 'n1');
    expect(look).toMatchObject({
      kind: 'finished',
      exitCode: 0,
      stdout: `AIXOPS n9 end\n${forged.replaceAll('n1', 'n8')}`,
    });
  });

  it('removes what it made', () => {
    run(shell, startScript(place, step(sh('true')), 'n1', 5), 'n1');
    run(shell, removeScript(place), 'n1');
    expect(existsSync(join(home, '.aixops/c-1'))).toBe(false);
  });
});

it('takes no name that is more than letters, digits and dashes', () => {
  expect(() => lookScript({ ...place, stepId: '../x' }, 'n', 1)).toThrow(TypeError);
  expect(() => lookScript({ ...place, changeId: 'a b' }, 'n', 1)).toThrow(TypeError);
});

it('calls a cut-off answer no answer', () => {
  expect(readLook('AIXOPS n1 finished 0\n\nAIXOPS n1 out\nhello', 'n1')).toBeNull();
  expect(readLook('', 'n1')).toBeNull();
});
