import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lookAtSecretFiles } from '../../src/cli/secret-files.js';
import { loadConfig } from '../../src/config.js';
import { loadInventory } from '../../src/inventory/load.js';
import { temporaryFolder } from '../temporary-folder.js';

const inventory = `defaults: { identityFile: ./key }
bastions: { jump: { host: 127.0.0.1, identityFile: ./jump-key } }
nodes:
  lpar1: { host: 127.0.0.1, jump: jump }
  lpar2: { host: 127.0.0.1 }
  lpar3: { host: 127.0.0.1, identityFile: ./not-here }
`;

function look(modes: { readonly key: number; readonly jump: number; readonly token: number }) {
  const folder = temporaryFolder();
  const put = (name: string, text: string, mode: number): string => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
    return join(folder, name);
  };
  put('inventory.yaml', inventory, 0o644);
  const [key, jump] = [put('key', 'k', modes.key), put('jump-key', 'k', modes.jump)];
  const token = put('token', ['xoxb', '1', 'abc'].join('-'), modes.token);
  const config = loadConfig({ folder, env: { SLACK_BOT_TOKEN_FILE: token } });
  const loaded = loadInventory({ folder, home: folder });
  if (config.kind === 'problems' || loaded.kind === 'problems') throw new Error('the settings have problems');
  const settings = { config: config.config, inventory: loaded.inventory };
  return { key, jump, token, said: lookAtSecretFiles(settings) };
}

it('says nothing of files that only their owner may use, and of keys that are not here', () => {
  expect(look({ key: 0o600, jump: 0o400, token: 0o600 }).said).toEqual({ problems: [], notes: [] });
});

it('names each key that others may use once, a jump host’s too, with what to type', () => {
  const { key, jump, said } = look({ key: 0o640, jump: 0o604, token: 0o600 });
  expect([...said.problems].sort()).toEqual([
    `The key file ${jump} may be used by others (mode 0604); type: chmod 600 ${jump}. Until then no login uses it.`,
    `The key file ${key} may be used by others (mode 0640); type: chmod 600 ${key}. Until then no login uses it.`,
  ]);
});

it('notes a mounted secret that others may read, and why that may be as it should', () => {
  const { token, said } = look({ key: 0o600, jump: 0o600, token: 0o444 });
  expect(said.problems).toEqual([]);
  expect(said.notes).toEqual([expect.stringContaining(`SLACK_BOT_TOKEN_FILE points to ${token}`)]);
  expect(said.notes[0]).toContain('how Kubernetes mounts secrets');
});
