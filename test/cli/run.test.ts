import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/core/verdict.js';
import { aixops, aixopsOnTerminal, startAixops, type Ended } from './aixops.js';
import { startEstate, type TestEstate } from './estate.js';

let estate: TestEstate;
beforeAll(async () => {
  estate = await startEstate();
});
afterAll(() => estate.stop());

function run(...args: string[]): Promise<Ended> {
  return aixops(['run', '--config', estate.config, ...args]);
}

describe('run', { timeout: 60_000 }, () => {
  it('ends with the status of each verdict: 0 ok, 1 warn, 2 crit', async () => {
    const [ok, warn, crit] = await Promise.all(['lpar1', 'lpar5', 'lpar2'].map((name) => run('rmc', name)));
    expect([ok?.code, warn?.code, crit?.code]).toEqual([0, 1, 2]);
    expect(ok?.stdout).toBe('ok      lpar1  No finding: every fact was read and none is amiss.\n');
    expect(warn?.stdout).toMatch(/^warn {4}lpar5 {2}lpar5 is not running\./);
    expect(crit?.stdout).toContain('may be mended by rmc-restart');
  });

  it('prints the promised JSON for the whole estate, in the order of the inventory', async () => {
    const { code, stdout, stderr } = await run('rmc', 'all', '--deep', '--json');
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    const verdicts = JSON.parse(stdout) as Verdict[];
    expect(verdicts.map(({ target, verdict }) => `${target} ${verdict}`)).toEqual([
      'lpar1 ok',
      'lpar2 crit',
      'lpar3 crit',
      'lpar4 crit',
      'lpar5 warn',
      'lpar6 crit',
      'lpar7 ok',
      'lpar8 crit',
      'erp1 ok',
      'erp2 ok',
    ]);
    const keys = ['target', 'diagnostic', 'verdict', 'findings', 'startedAt', 'durationMs'];
    for (const verdict of verdicts) {
      expect(Object.keys(verdict)).toEqual(keys);
      expect(verdict.diagnostic).toBe('rmc');
      expect(new Date(verdict.startedAt).toISOString()).toBe(verdict.startedAt);
      expect(Number.isInteger(verdict.durationMs)).toBe(true);
      for (const { follows, ...finding } of verdict.findings) {
        expect(Object.keys(finding)).toEqual([
          'id',
          'severity',
          'title',
          'expected',
          'observed',
          'evidence',
          'fixes',
        ]);
        if (follows !== undefined) expect(verdict.findings.map(({ id }) => id)).toContain(follows);
        for (const one of finding.evidence)
          expect(Object.keys(one)).toEqual(['target', 'command', 'excerpt']);
      }
    }
    expect(verdicts[1]?.findings[0]).toMatchObject({ id: 'rmc.daemon-down', fixes: ['rmc-restart'] });
    expect(verdicts[7]?.findings[0]).toMatchObject({ id: 'node.host-key-changed' });
  });

  it('sums up many targets, and shows neither colours nor progress where nobody looks', async () => {
    const { stdout, stderr } = await run('rmc', 'all', '--deep');
    expect(stdout).toMatch(/\n\n10 LPARs: 5 crit, 1 warn, 4 ok\. Nothing was changed\.\n$/);
    expect(`${stdout}${stderr}`).not.toContain('\u001b');
    expect(stderr).toBe('');
  });

  it('shows colours and, above three targets, progress on a terminal; NO_COLOR is honoured', async () => {
    const call = (target: string, env: NodeJS.ProcessEnv = {}) =>
      aixopsOnTerminal(['run', '--config', estate.config, 'rmc', target], {
        env: { TERM: 'xterm-256color', ...env },
      }).ended;
    const [many, one, grey] = await Promise.all([
      call('all'),
      call('lpar1'),
      call('lpar1', { NO_COLOR: '1' }),
    ]);
    expect(many.stdout).toContain('\u001b[2KReading 0 of 10');
    expect(many.stdout).toContain('\u001b[31mcrit   \u001b[0m lpar2');
    expect(one.stdout).toBe(
      '\u001b[32mok     \u001b[0m lpar1  No finding: every fact was read and none is amiss.\r\n',
    );
    expect(grey.stdout).toBe('ok      lpar1  No finding: every fact was read and none is amiss.\r\n');
  });

  it('needs neither Slack nor Redis, whatever is set', async () => {
    const env = { SLACK_BOT_TOKEN: 'xoxb-x', REDIS_URL: 'redis://127.0.0.1:1' };
    const { code } = await aixops(['run', '--config', estate.config, 'rmc', 'lpar1'], { env });
    expect(code).toBe(0);
  });

  it('takes the folder from AIXOPS_CONFIG, and the folder it stands in', async () => {
    const calls = [{ env: { AIXOPS_CONFIG: estate.config } }, { cwd: estate.config }];
    const [a, b] = await Promise.all(calls.map((options) => aixops(['run', 'rmc', 'lpar1'], options)));
    expect([a?.code, b?.code]).toEqual([0, 0]);
  });

  it('says what could not be seen when the HMC is down, and calls it unknown', async () => {
    const { lab } = estate;
    await lab.hmc('hmc1').setSsh('closed');
    try {
      const { code, stdout, stderr } = await run('rmc', 'lpar1');
      expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
      expect(stdout).toMatch(/^unknown lpar1 {2}/);
      expect(stdout).toMatch(/Connecting to hmc1 \(127\.0\.1\.5:\d+\) was refused: nothing listens there/);
    } finally {
      await lab.hmc('hmc1').setSsh('normal');
    }
  });

  it('ends at once on Ctrl-C, says that nothing was changed, and shows no half of an answer', async () => {
    const { lab } = estate;
    await lab.node('lpar7').setScenario('hang');
    try {
      const running = startAixops(['run', '--config', estate.config, 'rmc', 'lpar7']);
      const before = lab.node('lpar7').connections();
      while (lab.node('lpar7').connections() === before)
        await new Promise((resolve) => setTimeout(resolve, 20));
      await new Promise((resolve) => setTimeout(resolve, 300));
      const stoppedAt = Date.now();
      running.child.kill('SIGINT');
      const { code, stdout, stderr } = await running.ended;
      expect(Date.now() - stoppedAt).toBeLessThan(20_000);
      expect({ code, stdout, stderr }).toEqual({
        code: 130,
        stdout: '',
        stderr: 'aixops: Stopped while reading. Nothing was changed.\n',
      });
    } finally {
      await lab.node('lpar7').setScenario('healthy');
    }
  });
});

describe('whatever is no verdict ends run with 3, the unknown of a monitoring plug-in', () => {
  it.concurrent.each([
    ['an unknown target', ['rmc', 'lpra1'], 'Unknown target "lpra1". Did you mean lpar1?'],
    ['an unknown system', ['rmc', 'system:p9a'], 'Unknown system "p9a". Did you mean p9-a?'],
    ['an unknown diagnostic', ['rcm', 'lpar1'], 'Unknown diagnostic "rcm". Did you mean rmc?'],
    ['no target', ['rmc'], "Missing required argument 'targets'.\nSee aixops run --help."],
    ['an unknown option', ['rmc', 'lpar1', '--jsn'], "Unknown option '--jsn'. Did you mean --json?"],
  ])('%s', async (_what, args, words) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(`aixops: ${words}`);
  });

  it('settings that are not there', async () => {
    const { code, stdout, stderr } = await aixops(['run', 'rmc', 'lpar1', '--config', '/nowhere']);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('/nowhere/inventory.yaml This file is missing');
  });
});
