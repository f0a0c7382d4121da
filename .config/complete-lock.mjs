// npm writes no lock entry for an optional package of another platform that the registry at hand does not carry, and
// `npm ci` then refuses the lock file. This adds those entries: name, exact version and platform are all that is needed
// to leave them out here and to install them there. Run after every change of dependencies: npm run lock.
import { readFileSync, writeFileSync } from 'node:fs';

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const known = lock.packages;
let added = 0;
for (const [place, entry] of Object.entries(known)) {
  for (const [name, range] of Object.entries({ ...entry.optionalDependencies, ...entry.peerDependencies })) {
    const isOptional = entry.optionalDependencies?.[name] !== undefined;
    if (!isOptional || resolves(place, name)) continue;
    const version = /^[~^]?(?<version>\d+\.\d+\.\d+\S*)$/.exec(range)?.groups.version;
    if (version === undefined) throw new Error(`${place} wants ${name} ${range}: which version is that?`);
    known[`node_modules/${name}`] = {
      version,
      ...platform(name),
      ...(entry.dev === true || entry.devOptional === true ? { dev: true } : {}),
      optional: true,
    };
    added += 1;
  }
}
const sorted = Object.fromEntries(Object.entries(known).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync('package-lock.json', `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`);
process.stdout.write(`${added} optional packages of other platforms added to the lock file\n`);

/** Whether Node would find the package from there: in its own node_modules or in one above. */
function resolves(place, name) {
  for (let at = place; ; at = at.replace(/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/, '')) {
    if (known[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
  }
}

function platform(name) {
  const words = name.replace(/^@/, '').split(/[/-]/);
  const find = (all) => all.filter((one) => words.includes(one));
  const [os, cpu] = [find(systems), find(processors)];
  if (os.length === 0 && cpu.length === 0) throw new Error(`${name}: for which platform is it?`);
  return { ...(cpu.length > 0 ? { cpu } : {}), ...(os.length > 0 ? { os } : {}) };
}
