import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Programs that no npm package brings: found where the system keeps them, installed where that needs no question,
 * named with the one line to type where it does.
 */
export type PartName = 'redis' | 'openssl' | 'openssh' | 'ksh93' | 'mksh' | 'chromium' | 'prometheus' | 'jq';

interface Part {
  readonly title: string;
  /** Names of the same program, best first. */
  readonly programs: readonly string[];
  /** Programs that must be there as well. */
  readonly also?: readonly string[];
  readonly debian: readonly string[];
  readonly brew: readonly string[];
}

const parts: Record<PartName, Part> = {
  redis: {
    title: 'Redis',
    programs: ['valkey-server', 'redis-server'],
    debian: ['redis-server'],
    brew: ['redis'],
  },
  openssl: { title: 'OpenSSL', programs: ['openssl'], debian: ['openssl'], brew: ['openssl@3'] },
  openssh: {
    title: 'OpenSSH server',
    programs: ['sshd'],
    also: ['ssh', 'ssh-keygen'],
    debian: ['openssh-server', 'openssh-client'],
    brew: ['openssh'],
  },
  ksh93: { title: 'ksh93', programs: ['ksh93', 'ksh'], debian: ['ksh93u+m'], brew: ['ksh93'] },
  mksh: { title: 'mksh', programs: ['mksh'], debian: ['mksh'], brew: ['mksh'] },
  chromium: {
    title: 'Chromium',
    programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    debian: ['chromium'],
    brew: ['--cask', 'chromium'],
  },
  prometheus: {
    title: 'Prometheus',
    programs: ['prometheus'],
    also: ['promtool'],
    debian: ['prometheus'],
    brew: ['prometheus'],
  },
  jq: { title: 'jq', programs: ['jq'], debian: ['jq'], brew: ['jq'] },
};

export const partNames = [
  'redis',
  'openssl',
  'openssh',
  'ksh93',
  'mksh',
  'chromium',
  'prometheus',
  'jq',
] as const satisfies PartName[];

/** Folders that hold servers and Homebrew's programs and are often not on the PATH of a plain user. */
const folders = [
  '/usr/local/bin',
  '/usr/bin',
  '/bin',
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
  '/opt/homebrew/bin',
  '/opt/homebrew/sbin',
  '/home/linuxbrew/.linuxbrew/bin',
  '/home/linuxbrew/.linuxbrew/sbin',
  '/usr/local/opt/redis/bin',
  '/usr/local/opt/valkey/bin',
  '/usr/local/opt/openssh/sbin',
  '/opt/homebrew/opt/openssh/sbin',
  '/snap/bin',
  '/Applications/Chromium.app/Contents/MacOS',
  '/Applications/Google Chrome.app/Contents/MacOS',
];

export type PartReport = { readonly path: string } | { readonly missing: true; readonly line: string };

/** The path of a part's program, or null where it (or a program that belongs to it) is not on this machine. */
export async function findPart(name: PartName): Promise<string | null> {
  const part = parts[name];
  for (const program of part.also ?? []) if ((await findProgram(program)) === null) return null;
  for (const program of part.programs) {
    const found = await findProgram(program);
    if (found !== null && (name !== 'ksh93' || (await isKsh93(found)))) return found;
  }
  return null;
}

/** What to type to install a part, as one line. */
export function installLine(name: PartName): string {
  const part = parts[name];
  if (process.platform === 'darwin') return `Install it with: brew install ${part.brew.join(' ')}`;
  return `Install it with: sudo apt-get install -y ${part.debian.join(' ')}`;
}

/**
 * Finds the parts and, with `install`, installs what is missing where nobody has to be asked for a password. Never
 * throws for a part that is missing: its report holds the line to type.
 */
export async function ensureParts<Name extends PartName>(
  names: readonly Name[],
  options: { install: boolean; log: (line: string) => void },
): Promise<Record<Name, PartReport>> {
  let found = await findAll(names);
  const missing = names.filter((name) => found.get(name) === null);
  if (missing.length > 0 && options.install && (await install(missing, options.log)))
    found = await findAll(names);
  const reports = names.map((name): [Name, PartReport] => {
    const place = found.get(name) ?? null;
    return [name, place === null ? { missing: true, line: installLine(name) } : { path: place }];
  });
  return Object.fromEntries(reports) as Record<Name, PartReport>;
}

async function findAll<Name extends PartName>(names: readonly Name[]): Promise<Map<Name, string | null>> {
  return new Map(
    await Promise.all(
      names.map(async (name): Promise<[Name, string | null]> => [name, await findPart(name)]),
    ),
  );
}

async function findProgram(program: string): Promise<string | null> {
  const onPath = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const names = program === 'google-chrome' ? [program, 'Google Chrome'] : [program];
  if (program === 'chromium') names.push('Chromium');
  for (const folder of new Set([...onPath, ...folders]))
    for (const name of names) {
      const place = path.join(folder, name);
      if (await isProgram(place)) return place;
    }
  return null;
}

async function isProgram(place: string): Promise<boolean> {
  try {
    await access(place, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `ksh` may be a link to mksh or pdksh; only ksh93 knows `.sh.version`. */
async function isKsh93(shell: string): Promise<boolean> {
  const answer = await run(shell, ['-c', 'echo "${.sh.version}"'], 5_000);
  return answer.ok && answer.output.includes('93');
}

/** Installs with apt-get or brew; false where that cannot be done without a question. */
async function install(names: readonly PartName[], log: (line: string) => void): Promise<boolean> {
  const titles = names.map((name) => parts[name].title).join(', ');
  const apt = await findProgram('apt-get');
  if (apt !== null) {
    const prefix = await rootPrefix();
    if (prefix === null) return false;
    log(`Installing ${titles} with apt-get …`);
    return installByApt(apt, prefix, names, log);
  }
  const brew = await findProgram('brew');
  if (brew === null || process.getuid?.() === 0) return false;
  log(`Installing ${titles} with brew …`);
  for (const name of names) {
    const answer = await run(brew, ['install', ...parts[name].brew], 600_000);
    if (!answer.ok) log(`brew install ${parts[name].brew.join(' ')} failed: ${lastLine(answer.output)}`);
  }
  return true;
}

async function installByApt(
  apt: string,
  prefix: readonly string[],
  names: readonly PartName[],
  log: (line: string) => void,
): Promise<boolean> {
  // RUNLEVEL=1 asks Debian's invoke-rc.d not to start what is installed; systemd's own path may still do so, harmlessly.
  const quiet = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1'];
  const [program = 'env', ...rest] = quiet;
  const update = await run(program, [...rest, apt, 'update', '-qq'], 300_000);
  if (!update.ok) log(`apt-get update failed: ${lastLine(update.output)}`);
  // One by one: a distribution without one of them still gets the others.
  for (const name of names) {
    const answer = await run(
      program,
      [...rest, apt, 'install', '-y', '-qq', '--no-install-recommends', ...parts[name].debian],
      600_000,
    );
    if (!answer.ok) log(`apt-get install ${parts[name].debian.join(' ')} failed: ${lastLine(answer.output)}`);
  }
  return true;
}

/** How to become root without being asked: nothing as root, `sudo -n` where that works, else null. */
async function rootPrefix(): Promise<string[] | null> {
  if (process.getuid?.() === 0) return [];
  const sudo = await findProgram('sudo');
  if (sudo === null) return null;
  return (await run(sudo, ['-n', 'true'], 5_000)).ok ? [sudo, '-n'] : null;
}

function run(
  program: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    const options = { timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024 };
    const child = execFile(program, [...args], options, (error, stdout, stderr) =>
      resolve({ ok: error === null, output: `${stdout}\n${stderr}`.trim() }),
    );
    child.stdin?.end();
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

/** The step before the tests: one line per part; tests skip what is missing and say so, but not in CI. */
async function main(): Promise<void> {
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  const reports = await ensureParts(partNames, { install: true, log: say });
  for (const name of partNames) {
    const report = reports[name];
    say(`${parts[name].title}: ${'path' in report ? report.path : `missing. ${report.line}`}`);
  }
  if (process.env.CI === 'true' && Object.values(reports).some((report) => 'missing' in report))
    process.exitCode = 1;
}

const started = process.argv[1];
// The module's own address has its links resolved, the argument has not.
if (started !== undefined && import.meta.url === pathToFileURL(realpathSync(started)).href) await main();
