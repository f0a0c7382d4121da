import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aixops, aixopsOnTerminal, type Ended } from './aixops.js';
import { startEstate, type TestEstate } from './estate.js';

let estate: TestEstate;
beforeAll(async () => {
  estate = await startEstate();
});
afterAll(() => estate.stop());

/** A copy of the settings in which no key is pinned. */
function unpinned(): string {
  const config = estate.copy();
  rmSync(join(config, 'known_hosts'));
  return config;
}

function pins(config: string): string {
  try {
    return readFileSync(join(config, 'known_hosts'), 'utf8');
  } catch {
    return '';
  }
}

function enrol(config: string, target: string, input: string, ...more: string[]): Promise<Ended> {
  return aixops(['enrol', target, '--config', config, ...more], { input });
}

/** The fingerprint that the program shows; nothing is confirmed. */
async function shown(config: string, target: string): Promise<string> {
  const { stdout } = await enrol(config, target, '');
  return /presents:\n {2}ssh-ed25519 (SHA256:\S+)/.exec(stdout)?.[1] ?? '';
}

describe.concurrent('enrol', { timeout: 60_000 }, () => {
  it('shows the fingerprint, pins it once its beginning is typed, and then run gets in', async () => {
    const config = unpinned();
    const before = await aixops(['run', 'rmc', 'lpar1', '--config', config]);
    expect(before.code).toBe(3);
    expect(before.stdout).toContain('aixops enrol lpar1');
    const fingerprint = await shown(config, 'lpar1');
    expect(pins(config)).toBe('');
    const { code, stdout } = await enrol(config, 'lpar1', `${fingerprint.slice(7, 15)}\n`);
    expect(code).toBe(0);
    expect(stdout).toContain(`  ssh-ed25519 ${fingerprint}  not pinned yet\n`);
    expect(stdout).toContain(`Pinned ssh-ed25519 ${fingerprint} in ${join(config, 'known_hosts')}.`);
    await enrol(config, 'hmc1', `${await shown(config, 'hmc1')}\n`);
    expect((await aixops(['run', 'rmc', 'lpar1', '--config', config])).code).toBe(0);
  });

  it.each([
    ['nothing', ''],
    ['yes', 'yes\n'],
    ['seven', 'AAAAAAA\n'],
  ])('pins nothing for %s', async (_what, typed) => {
    const config = unpinned();
    const { code, stderr } = await enrol(config, 'lpar1', typed);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^aixops: That is not how one of these fingerprints begins .* Nothing was pinned\.\n$/,
    );
    expect(pins(config)).toBe('');
  });

  it('pins by --fingerprint without asking, and nothing when the fingerprint is another', async () => {
    const config = unpinned();
    const wrong = await enrol(config, 'lpar1', '', '--fingerprint', `SHA256:${'A'.repeat(43)}`);
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).toContain('Nothing was pinned.');
    expect(pins(config)).toBe('');
    const fingerprint = await shown(config, 'lpar1');
    const right = await enrol(config, 'lpar1', '', '--fingerprint', fingerprint);
    expect(right.code).toBe(0);
    expect(pins(config)).toMatch(/^\[127\.0\.1\.11\]:\d+ ssh-ed25519 \S+\n$/);
    const again = await enrol(config, 'lpar1', '');
    expect(again.code).toBe(0);
    expect(again.stdout).toContain(`It was pinned already: ssh-ed25519 ${fingerprint}`);
  });

  it('replaces a changed key only with --replace, and shows both fingerprints', async () => {
    const config = estate.copy();
    const before = pins(config);
    const refused = await enrol(config, 'lpar8', '');
    const [, presented = '', pinned = ''] =
      /ssh-ed25519 (SHA256:\S+) {2}CHANGED: pinned is (SHA256:\S+)\n/.exec(refused.stdout) ?? [];
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain(`Pinned: ${pinned}. Presented: ${presented}. Nothing was pinned.`);
    const half = await enrol(config, 'lpar8', '', '--fingerprint', presented);
    expect(half.code).toBe(3);
    expect(pins(config)).toBe(before);
    const done = await enrol(config, 'lpar8', `${presented}\n`, '--replace');
    expect(done.code).toBe(0);
    expect(done.stdout).toContain(`Pinned, in place of ${pinned}: ssh-ed25519 ${presented}`);
    expect(pins(config).trim().split('\n').length).toBe(before.trim().split('\n').length);
  });

  it('asks on a terminal, and ends on Ctrl-C with nothing pinned', async () => {
    const config = unpinned();
    const running = aixopsOnTerminal(['enrol', 'lpar1', '--config', config]);
    await running.printed('or nothing to stop: ');
    running.child.stdin?.write('\u0003');
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    expect(stdout).toContain('aixops: Stopped. Nothing was pinned.');
    expect(pins(config)).toBe('');
  });

  it('says why a node that does not answer cannot be enrolled, and which name may have been meant', async () => {
    const [down, unknown] = await Promise.all([
      enrol(estate.config, 'lpar5', ''),
      enrol(estate.config, 'lpar55', ''),
    ]);
    expect(down.code).toBe(3);
    expect(down.stderr).toMatch(/^aixops: Connecting to lpar5 .* was refused: nothing listens there/);
    expect(unknown.code).toBe(64);
    expect(unknown.stderr).toBe('aixops: Unknown target "lpar55". Did you mean lpar5?\n');
  });

  it('does not pin into a file with a line that may be a revocation', async () => {
    const config = unpinned();
    writeFileSync(join(config, 'known_hosts'), '@revokd * ssh-rsa AAAA\n');
    const { code, stderr } = await enrol(config, 'lpar1', '');
    expect(code).toBe(3);
    expect(stderr).toContain('known_hosts');
    expect(stderr).not.toContain('bug');
  });
});
