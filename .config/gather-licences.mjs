// Writes the licence of every installed package into one file, for the image. A package without a licence fails the build:
// somebody must look at it. Usage: node gather-licences.mjs FOLDER/node_modules OUTPUT
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [modules = 'node_modules', output = 'licences/packages.txt'] = process.argv.slice(2);
const texts = /^(?:licen[cs]e|copying|notice)/i;

const installed = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages;
const parts = Object.keys(installed).flatMap((place) => partOf(join(dirname(modules), place)));
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, parts.join(`\n${'-'.repeat(80)}\n\n`));
process.stdout.write(`Licences of ${parts.length} packages in ${output}\n`);

function partOf(folder) {
  const names = entries(folder);
  // Packages that were taken out again leave their line in the list.
  if (!names.includes('package.json')) return [];
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const declared = typeof license === 'string' ? license : license?.type;
  const found = names.filter((file) => texts.test(file)).sort();
  if (declared === undefined && found.length === 0) throw new Error(`${name} ${version} says nothing about its licence`);
  const own = found.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`${name} ${version} (${declared ?? 'see below'})\n\n${own.join('\n\n') || 'The package carries no text of its own.'}\n`];
}

function entries(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name);
  } catch {
    return [];
  }
}
