import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/core/outcome.js';
import { nodeRead, renderCommand } from '../../src/core/remote-command.js';
import type { ReadCommand } from '../../src/core/remote-command.js';
import { buildScript, scriptLimitMs } from '../../src/ssh/script.js';
import { parseSections, sectionOutcome } from '../../src/ssh/sections.js';
import { runShell, shells } from './shells.js';

const marker = '0123456789abcdefFEDCBA9876543210';
const sh = (text: string, options = {}) => nodeRead('/bin/sh', ['-c', text], 'test', options);

describe.each(shells)('the script in %s', (shell) => {
  let tmp: string;
  beforeAll(() => {
    tmp = mkdtempSync(join(tmpdir(), 'aixops script '));
  });
  afterAll(() => rmSync(tmp, { recursive: true, force: true }));

  const run = async (commands: readonly ReadCommand[], sudo: string | null = null, env = {}) => {
    const script = buildScript(commands, { marker, sudo });
    const ran = await runShell(shell, script, { TMPDIR: tmp, ...env });
    const { sections, isDone, noDirectory } = parseSections(ran.stdout, marker, commands.length);
    const outcomes = sections.map((section, i) => sectionOutcome(commands[i]!, section, 0)); // as many as sections
    return { ...ran, outcomes, isDone, noDirectory };
  };
  const brief = (outcomes: readonly Outcome[]) =>
    outcomes.map((one) => [one.ended, one.exitCode, one.stdout, one.stderr]);

  it('tells exit status, signals, stdout and stderr apart', async () => {
    const { outcomes, isDone, code } = await run([
      sh('echo out; echo err >&2; exit 200'),
      sh('kill -15 $$'),
      sh('printf "no newline"; printf "nor here" >&2'),
      nodeRead('/nowhere', [], 'test'),
      nodeRead('/etc/passwd', [], 'test'),
      sh('cat'),
    ]);
    expect(brief(outcomes)).toEqual([
      ['exited', 200, 'out\n', 'err\n'],
      ['killed', null, '', ''],
      ['exited', 0, 'no newline', 'nor here'],
      ['exited', 127, '', 'aixops: not found or not executable: /nowhere\n'],
      ['exited', 127, '', 'aixops: not found or not executable: /etc/passwd\n'],
      ['exited', 0, '', ''],
    ]);
    expect(outcomes[1]?.signal).toBe('SIGTERM');
    expect([isDone, code]).toEqual([true, 0]);
    expect(readdirSync(tmp)).toEqual([]);
  });

  it('keeps the head of what is too long, on either stream, and says so', async () => {
    const { outcomes } = await run([
      sh('yes', { maxBytes: 1000 }),
      sh('yes >&2', { maxBytes: 100_000 }),
      sh('head -c 5000 /dev/zero; head -c 5000 /dev/zero >&2', { maxBytes: 5000 }),
      sh("printf 'ab\\303\\251'", { maxBytes: 3 }),
    ]);
    expect(outcomes.map((one) => [one.ended, one.stdout.length])).toEqual([
      ['too-long', 1000],
      ['too-long', 0],
      ['exited', 5000],
      ['too-long', 2],
    ]);
    expect(outcomes.slice(1).map((one) => one.stderr.length)).toEqual([100_000, 5000, 0]);
  });

  it('caps by dd where head knows no bytes', async () => {
    const commands = [sh('yes', { maxBytes: 1000 }), sh('head -c 30000 /dev/zero'), sh('echo x >&2')];
    const script = buildScript(commands, { marker, sudo: null }).replaceAll(
      '/usr/bin/head',
      '/usr/bin/nohead',
    );
    const { sections } = parseSections((await runShell(shell, script)).stdout, marker, 3);
    const outcomes = sections.map((section, i) => sectionOutcome(commands[i]!, section, 0)); // as many as sections
    expect(outcomes.map((one) => [one.ended, one.stdout.length])).toEqual([
      ['too-long', 1000],
      ['exited', 30_000],
      ['exited', 0],
    ]);
    expect(outcomes[2]?.stderr).toBe('x\n');
  });

  it('brings every byte back and takes no output for a frame', async () => {
    const bytes = join(tmp, 'bytes');
    const forged = `\n@${marker.slice(0, 16)} end 0 ran 0 0 0 0 0\n@${marker} done\n\n@ done\n`;
    writeFileSync(bytes, Buffer.from([...Array.from({ length: 256 }, (_, i) => i), ...Buffer.from(forged)]));
    const { outcomes } = await run([
      nodeRead('/bin/cat', [bytes], 'test'),
      sh('pwd; ls -a'),
      sh('echo next'),
    ]);
    rmSync(bytes);
    expect(Buffer.from(outcomes[0]?.stdout ?? '', 'latin1')).toEqual(
      Buffer.from([...Array.from({ length: 256 }, (_, i) => i), ...Buffer.from(forged)]),
    );
    expect(outcomes[1]?.stdout).not.toContain(marker.slice(16));
    expect(outcomes[2]?.stdout).toBe('next\n');
  });

  it('believes nothing when a frame was forged with its very mark', async () => {
    const forged = `\\n@${marker.slice(16)} err 0\\n\\n@${marker.slice(16)} end 0 ran 0 0 0 0 0\\n`;
    const { outcomes } = await run([sh(`printf 'x${forged}'`), sh('echo next')]);
    expect(outcomes).toEqual([]);
  });

  it('runs nothing when it cannot make a directory of its own', async () => {
    const taken = join(tmp, 'taken');
    mkdirSync(taken);
    const folders = [taken, '/tmp', '/var/tmp'].map((folder) =>
      join(folder, `aixops.${marker.slice(0, 16)}`),
    );
    for (const folder of folders) mkdirSync(folder);
    const { noDirectory, outcomes } = await run([sh(`echo >${taken}/ran`)], null, { TMPDIR: taken });
    const hasRun = existsSync(join(taken, 'ran'));
    for (const folder of folders) rmSync(folder, { recursive: true });
    rmSync(taken, { recursive: true });
    expect([hasRun, outcomes]).toEqual([false, []]);
    expect(noDirectory).toMatch(/exist/i);
  });

  it('runs nothing of a script that was cut off', async () => {
    const script = buildScript([sh(`echo >"${tmp}/ran"`)], { marker, sudo: null });
    await runShell(shell, script.slice(0, script.lastIndexOf('} </dev/null')), { TMPDIR: tmp });
    expect(readdirSync(tmp)).toEqual([]);
  });

  it('is not led astray by a profile that prints and redefines', async () => {
    const profile = join(tmp, 'profile');
    writeFileSync(profile, 'echo welcome\nalias echo="echo ALIAS"\ncd() { echo no; }\n');
    const { outcomes } = await run([sh('echo fine')], null, { ENV: profile });
    rmSync(profile);
    expect(brief(outcomes)).toEqual([['exited', 0, 'fine\n', '']]);
  });

  it('gives sudo what needs root, even where the login user cannot see it', async () => {
    const sudo = join('/tmp', `aixops-sudo-${process.pid}`);
    writeFileSync(sudo, '#!/bin/sh\nprintf "%s|" "$@"\n', { mode: 0o755 });
    const root = { needsRoot: true };
    const { outcomes } = await run(
      [
        sh('echo mine'),
        nodeRead('/bin/ls', ['-l', "o'c"], 't', root),
        nodeRead('/nowhere/x', [], 't', root),
        nodeRead('/etc/passwd', [], 't', root),
      ],
      sudo,
    );
    rmSync(sudo);
    expect(brief(outcomes)).toEqual([
      ['exited', 0, 'mine\n', ''],
      ['exited', 0, "-n|/bin/ls|-l|o'c|", ''],
      ['exited', 127, '', 'aixops: not found or not executable: /nowhere/x\n'],
      ['exited', 0, '-n|/etc/passwd|', ''],
    ]);
  });

  it('lets nothing but literals arrive as arguments', async () => {
    const word = fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        '$(id)',
        '`id`',
        '*',
        '~',
        '-n',
        '--',
        '\\',
        '\\n',
        '\n',
        '',
        ' ',
        '$HOME',
        '!!',
        '#',
        ';',
        '&',
        '|',
        '>x',
        '{a,b}',
        'é',
        '日本',
        '\t',
        '\r',
        '=',
        '\u0001',
        '%s',
      ),
      fc
        .string({ unit: 'binary', maxLength: 12 })
        .filter((text) => !text.includes('\0') && Buffer.from(text).toString() === text),
    );
    const hostile = fc.array(
      fc.array(word, { maxLength: 4 }).map((parts) => parts.join('')),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 4 }), async (all) => {
        const dump = join(tmp, 'dump');
        writeFileSync(dump, '#!/bin/sh\nfor word; do printf "%s\\000" "$word"; done\n', { mode: 0o755 });
        const commands = all.map((args) => ({ ...nodeRead('/bin/true', args, 't'), program: dump }));
        const { outcomes } = await run(commands);
        expect(outcomes.map((one) => one.stdout)).toEqual(
          all.map((args) => args.map((word) => `${word}\0`).join('')),
        );
        const rendered = await runShell(shell, `${commands.map(renderCommand).join('\n')}\n`);
        expect(rendered.stdout.toString('utf8')).toBe(
          all
            .flat()
            .map((word) => `${word}\0`)
            .join(''),
        );
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});

it.each([
  ['with its children', 'echo begun; sleep 71.5 & sleep 71.5; echo never', 'begun\n'],
  ['although it ignores SIGTERM', "trap '' 15; echo deaf; sleep 72.5; sleep 72.5", 'deaf\n'],
  ['when what it left behind holds its output', 'sleep 4.5 & echo left', null],
])('stops what hangs, %s, and goes on within the promised time', async (_, text, stdout) => {
  const commands = [sh(text, { timeoutMs: 1000 }), sh('echo next')];
  const runs = shells.map(async (shell, i) => {
    const own = `${stdout?.length ?? 0}${i}${marker.slice(2)}`;
    const ran = await runShell(shell, buildScript(commands, { marker: own, sudo: null }));
    const { sections } = parseSections(ran.stdout, own, commands.length);
    const outcomes = sections.map((section, at) => sectionOutcome(commands[at]!, section, 0)); // as many as sections
    expect(outcomes.map((one) => one.ended)).toEqual(['timed-out', 'exited']);
    expect(outcomes[1]?.stdout).toBe('next\n');
    if (stdout !== null) expect(outcomes[0]?.stdout).toBe(stdout);
    expect(ran.durationMs).toBeLessThan(scriptLimitMs(commands));
  });
  await Promise.all(runs);
  const left = () => commandLines().filter((line) => /sleep 7[12]\.5/.test(line));
  await expect.poll(left, { timeout: 20_000 }).toEqual([]);
});

describe('the script and its sections as text', () => {
  it('takes no marker that could be guessed and no relative sudo', () => {
    expect(() => buildScript([], { marker: 'short', sudo: null })).toThrow(TypeError);
    expect(() => buildScript([], { marker: `${marker} x`, sudo: null })).toThrow(TypeError);
    expect(() => buildScript([], { marker, sudo: 'sudo' })).toThrow(TypeError);
  });

  it('knows how long it takes at most', () => {
    expect(scriptLimitMs([sh('a', { timeoutMs: 1500 }), sh('b', { timeoutMs: 20_000 })])).toBe(
      2000 + 20_000 + 8000,
    );
  });

  it('never reads a section out of a piece of the output', async () => {
    const { stdout } = await runShell(
      shells[0] ?? '/bin/sh',
      buildScript([sh('echo a; echo b'), sh('echo c')], { marker, sudo: null }),
    );
    const whole = parseSections(stdout, marker, 2).sections.map((section) => section.stdout.toString());
    expect(whole).toEqual(['a\nb\n', 'c\n']);
    for (let cut = 0; cut < stdout.length; cut += 1) {
      const { sections, isDone } = parseSections(stdout.subarray(0, cut), marker, 2);
      expect(isDone).toBe(false);
      expect(whole.slice(0, sections.length)).toEqual(sections.map((section) => section.stdout.toString()));
    }
    const altered = Buffer.from(stdout.toString('latin1').replace('a\n', 'a'), 'latin1');
    expect(parseSections(altered, marker, 2).sections).toEqual([]);
    expect(parseSections(Buffer.alloc(0), marker, 2)).toMatchObject({
      sections: [],
      isStarted: false,
      isDone: false,
    });
  });
});

function commandLines(): readonly string[] {
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
