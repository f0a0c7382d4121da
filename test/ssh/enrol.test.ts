import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { RefusedError, UsageError } from '../../src/core/errors.js';
import { pinHostKey } from '../../src/ssh/enrol.js';
import { describeWithOpenssh, makeKey } from './openssh-server.js';

describeWithOpenssh('pinning a host key', () => {
  let folder: string;
  let [a, b] = ['', ''];
  let knownHosts: string;
  const pin = (line: string, replace = false, host = 'lpar1', port = 22) =>
    pinHostKey({ knownHosts, host, port, line, replace });
  const text = () => readFileSync(knownHosts, 'utf8');
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'aixops-enrol-'));
    a = makeKey(folder, 'a', ['-t', 'ed25519']);
    b = makeKey(folder, 'b', ['-t', 'ed25519']);
  });
  beforeEach(() => {
    knownHosts = join(folder, 'known_hosts');
    rmSync(knownHosts, { force: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('makes the file with mode 0600 and leaves nothing beside it', async () => {
    const before = readdirSync(folder).length;
    expect(await pin(`lpar1 ${a}`)).toBe('added');
    expect(text()).toBe(`lpar1 ${a}\n`);
    expect(statSync(knownHosts).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).length).toBe(before + 1);
  });

  it('appends after a last line without a newline and keeps every other line', async () => {
    writeFileSync(knownHosts, `# ours\n\nother ${b} é`);
    expect(await pin(`[lpar1]:2222 ${a}`, false, 'lpar1', 2222)).toBe('added');
    expect(text()).toBe(`# ours\n\nother ${b} é\n[lpar1]:2222 ${a}\n`);
    expect(await pin(`[lpar1]:2222 ${a}`, false, 'lpar1', 2222)).toBe('already-pinned');
  });

  it('replaces nothing unless it is told to', async () => {
    writeFileSync(knownHosts, `other ${a}\nlpar1 ${a}\n`);
    await expect(pin(`lpar1 ${b}`)).rejects.toMatchObject({ rule: 'host-key-pinned' });
    expect(text()).toBe(`other ${a}\nlpar1 ${a}\n`);
    expect(await pin(`lpar1 ${b}`, true)).toBe('replaced');
    expect(text()).toBe(`other ${a}\nlpar1 ${b}\n`);
  });

  it('touches no line that pins other hosts too, and no revoked key', async () => {
    writeFileSync(knownHosts, `lpar1,lpar2 ${a}\n`);
    await expect(pin(`lpar1 ${b}`, true)).rejects.toMatchObject({ rule: 'host-key-shared' });
    writeFileSync(knownHosts, `@revoked * ${a}\n`);
    await expect(pin(`lpar1 ${a}`, true)).rejects.toBeInstanceOf(RefusedError);
  });

  it('takes only a line that pins a key of that host', async () => {
    for (const line of [
      '',
      `lpar2 ${a}`,
      `lpar1 ${a}\nlpar2 ${a}`,
      `@cert-authority lpar1 ${a}`,
      `# lpar1 ${a}`,
    ]) {
      await expect(pin(line)).rejects.toBeInstanceOf(UsageError);
    }
  });

  it('writes where a link points and leaves the link', async () => {
    const real = join(folder, 'real');
    writeFileSync(real, '');
    symlinkSync(real, knownHosts);
    await pin(`lpar1 ${a}`);
    expect(readFileSync(real, 'utf8')).toBe(`lpar1 ${a}\n`);
    rmSync(real);
  });
});
