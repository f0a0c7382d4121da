import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { looseness, readKeyFile } from '../../src/ssh/key-file.js';
import { temporaryFolder } from '../temporary-folder.js';

const path = '/k/id_ed25519';
const [me, other, root] = [1000, 1001, 0];

describe('a private key file', () => {
  it.each([0o600, 0o400, 0o700])('that only its owner may use is used (mode %o)', (mode) => {
    expect(looseness(path, { mode: 0o100000 | mode, uid: me }, me)).toBeNull();
  });

  it.each([0o640, 0o604, 0o620, 0o660, 0o644, 0o610, 0o601, 0o777])(
    'that others may use is refused, with what to type (mode %o)',
    (mode) => {
      expect(looseness(path, { mode: 0o100000 | mode, uid: me }, me)).toBe(
        `the key file ${path} may be used by others (mode 0${mode.toString(8)}); type: chmod 600 ${path}`,
      );
    },
  );

  it('of somebody else is refused, whatever its mode', () => {
    expect(looseness(path, { mode: 0o100600, uid: other }, me)).toBe(
      `the key file ${path} belongs to user id ${other}, and aixops runs as ${me}; type: chown ${me} ${path}`,
    );
    expect(looseness(path, { mode: 0o100600, uid: other }, root)).toContain('belongs to user id');
  });

  it('is also used as an orchestrator mounts it: of root, readable by the group, by nobody else', () => {
    expect(looseness(path, { mode: 0o100440, uid: root }, me)).toBeNull();
    for (const mode of [0o444, 0o460, 0o450, 0o644])
      expect(looseness(path, { mode: 0o100000 | mode, uid: root }, me)).toContain('chmod 600');
    expect(looseness(path, { mode: 0o100440, uid: root }, root)).toContain('chmod 600');
  });

  it('is read only where nobody else may use it', async () => {
    const file = join(temporaryFolder(), 'key');
    writeFileSync(file, 'the key', { mode: 0o600 });
    expect(await readKeyFile(file)).toMatchObject({ kind: 'key', bytes: Buffer.from('the key') });
    chmodSync(file, 0o640);
    expect(await readKeyFile(file)).toMatchObject({ kind: 'loose' });
    expect(await readKeyFile(`${file}.gone`)).toMatchObject({
      kind: 'unreadable',
      why: `the key file ${file}.gone could not be read (ENOENT)`,
    });
  });
});
