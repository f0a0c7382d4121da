// Takes out of node_modules what only people and compilers read, for the image: source maps, type declarations, commands of
// packages, and the local Slack of the demo. Usage: node lean-modules.mjs FOLDER
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [folder = 'node_modules'] = process.argv.slice(2);
const unread = /\.(?:map|d\.[cm]?ts|tsbuildinfo)$/;

let removed = 0;
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !unread.test(entry.name)) continue;
  rmSync(join(entry.parentPath, entry.name));
  removed += 1;
}
for (const name of ['.bin', 'local-slack-linux-x64']) rmSync(join(folder, name), { recursive: true, force: true });
process.stdout.write(`${removed} files taken out of ${folder}\n`);
