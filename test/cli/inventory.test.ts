import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { registerInventory } from '../../src/cli/inventory.js';
import { loadInventory } from '../../src/inventory/load.js';
import { startLab, type Lab } from '../lab/lab.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-cli-inventory-'));
const config = join(folder, 'config');
let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ estate: 'demo', folder: join(folder, 'lab'), settleMs: 200 });
  await lab.writeConfig(config);
}, 60_000);
afterAll(async () => {
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function discover(hmc: string): Promise<string> {
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  const program = new Command().exitOverride();
  registerInventory(program);
  await program.parseAsync(['inventory', 'discover', hmc, '--config', config], { from: 'user' });
  return printed;
}

it('finds every LPAR of the simulated estate in the inventory that was made from it', async () => {
  const yaml = await discover('hmc1');
  const loaded = loadInventory({ folder: config, home: folder });
  if (loaded.kind === 'problems') throw new Error(JSON.stringify(loaded.problems));
  for (const name of loaded.inventory.nodes.keys())
    expect(yaml).toContain(`# ${name}: in the inventory already`);
  expect(lab.node('lpar1').connections()).toBe(0);
}, 60_000);

it('names the HMCs that there are where the name is wrong', async () => {
  await expect(discover('hmc7')).rejects.toThrow('Unknown HMC "hmc7". Did you mean hmc1? Known: hmc1.');
});

it('says that an HMC was not reached', async () => {
  await lab.hmc('hmc1').setSsh('closed');
  await expect(discover('hmc1')).rejects.toThrow(
    /The managed systems of hmc1 were not read: Connecting to .* was refused/,
  );
  await lab.hmc('hmc1').setSsh('normal');
}, 60_000);
