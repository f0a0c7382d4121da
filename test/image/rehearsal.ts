/**
 * Carries out the Dockerfile where there is no container engine: each stage is a folder that becomes the root of a process,
 * in mount and process namespaces of its own. The base images are played by this machine: for building by its programs, for
 * running by its C library alone, as in the image without a shell.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { execForm, pairs, readDockerfile, type Instruction, type Stage } from './dockerfile.js';

export const root = new URL('../..', import.meta.url).pathname;
export const dockerfile = readDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8'));

/** A stage as it stands after some of its steps. */
export interface Built {
  readonly folder: string;
  readonly kind: 'build' | 'run';
  env: Record<string, string>;
  workdir: string;
  user: string | null;
  entrypoint: readonly string[];
  command: readonly string[];
  health: readonly string[];
}

/** Why nothing can be rehearsed here; null where it can. */
export function whyNot(): string | null {
  const major = /^node:(?<major>\d+)\./.exec(dockerfile.args.get('NODE_IMAGE') ?? '')?.groups?.['major'];
  if (process.platform !== 'linux') return 'it needs namespaces of Linux';
  if (process.versions.node.split('.')[0] !== major)
    return `the image has Node ${major ?? '?'}, and this is Node ${process.version}`;
  if (process.getuid?.() !== 0) return 'only root may change the root of a process';
  try {
    execFileSync('unshare', ['--mount', '--pid', '--fork', 'true'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'unshare may make no namespaces here';
  }
}

/** Builds all stages below `folder`; the last one is the image. */
export async function buildImage(folder: string): Promise<Built> {
  const built = new Map<string, Built>();
  for (const stage of dockerfile.stages)
    built.set(stage.name, await buildStage(stage, join(folder, stage.name), built));
  const last = [...built.values()].at(-1);
  if (last === undefined) throw new Error('The Dockerfile has no stage.');
  return last;
}

async function buildStage(stage: Stage, folder: string, others: ReadonlyMap<string, Built>): Promise<Built> {
  const from = others.get(stage.base);
  const now = from === undefined ? newRoot(stage.base, folder) : { ...from, env: { ...from.env }, folder };
  if (from !== undefined) linked(from.folder, folder);
  for (const step of stage.steps) await carryOut(step, now, others);
  return now;
}

/** An empty base image: folders for what is mounted, and what such an image brings along. */
function newRoot(base: string, folder: string): Built {
  const kind = base.startsWith('node:') ? 'build' : 'run';
  for (const name of ['etc', 'proc', 'dev', 'tmp', 'usr/local/bin', 'home/nonroot'])
    mkdirSync(join(folder, name), { recursive: true });
  chmodSync(folder, 0o755);
  writeFileSync(
    join(folder, 'etc/passwd'),
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  );
  if (kind === 'build') {
    copyFileSync(process.execPath, join(folder, 'usr/local/bin/node'));
    const licence = resolve(dirname(process.execPath), '../LICENSE');
    writeFileSync(
      join(folder, 'usr/local/LICENSE'),
      existsSync(licence) ? readFileSync(licence) : 'Node.js is licensed for use as follows: …\n',
    );
  }
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  return {
    folder,
    kind,
    env: { PATH: path },
    workdir: '/',
    user: null,
    entrypoint: [],
    command: [],
    health: [],
  };
}

async function carryOut(step: Instruction, now: Built, others: ReadonlyMap<string, Built>): Promise<void> {
  const doing: Readonly<Record<string, () => void | Promise<void>>> = {
    WORKDIR: () => {
      now.workdir = resolve(now.workdir, step.rest);
      mkdirSync(join(now.folder, now.workdir), { recursive: true });
    },
    COPY: () => copy(step.rest, now, others),
    RUN: () => runStep(step.rest, now),
    ENV: () => void Object.assign(now.env, pairs(step.rest)),
    USER: () => {
      now.user = step.rest;
    },
    ENTRYPOINT: () => {
      now.entrypoint = execForm(step.rest) ?? [];
    },
    CMD: () => {
      now.command = execForm(step.rest) ?? [];
    },
    HEALTHCHECK: () => {
      now.health = execForm(step.rest) ?? [];
    },
    // What a registry or an engine reads.
    ARG: () => undefined,
    LABEL: () => undefined,
    EXPOSE: () => undefined,
    STOPSIGNAL: () => undefined,
  };
  const act = doing[step.name];
  if (act === undefined) throw new Error(`line ${step.line}: ${step.name} is not rehearsed`);
  await act();
}

function copy(rest: string, now: Built, others: ReadonlyMap<string, Built>): void {
  const words = rest.split(' ');
  const stage = words[0]?.startsWith('--from=') === true ? words.shift()?.slice('--from='.length) : undefined;
  const from = stage === undefined ? root : others.get(stage)?.folder;
  const to = words.pop();
  if (from === undefined || to === undefined) throw new Error(`COPY ${rest}: from where, and where to?`);
  const target = join(now.folder, resolve(now.workdir, to));
  for (const word of words) {
    const source = join(from, word);
    // Of a folder its content is copied, of files themselves.
    if (statSync(source).isDirectory()) linked(source, target);
    else {
      const into = to.endsWith('/') ? join(target, basename(word)) : target;
      mkdirSync(dirname(into), { recursive: true });
      cpSync(source, into);
    }
  }
}

/** A copy that shares the bytes of files where the file system allows it: nothing here writes into a file that exists. */
function linked(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  try {
    execFileSync('cp', ['-al', `${from}/.`, to], { stdio: 'ignore' });
  } catch {
    execFileSync('cp', ['-a', `${from}/.`, to]);
  }
}

/** What would ask a registry or compile again takes what this working copy has from the same lock file and sources. */
const standIns: Readonly<Record<string, (at: string) => void>> = {
  'npm ci --omit=dev --ignore-scripts': linkProductionModules,
  'npm ci --ignore-scripts': () => undefined,
  // Not shared: a compiler writes into files that exist.
  'npm run build': (at) => cpSync(join(root, 'dist'), join(at, 'dist'), { recursive: true }),
};

async function runStep(command: string, now: Built): Promise<void> {
  const standIn = standIns[command];
  if (standIn !== undefined) {
    standIn(join(now.folder, now.workdir));
    return;
  }
  if (command.startsWith('npm ')) throw new Error(`RUN ${command}: nothing stands in for it`);
  const { code, output } = await enter(now, {
    argv: ['/bin/sh', '-c', `cd ${now.workdir} && ${command}`],
    uid: null,
  }).ended;
  if (code !== 0) throw new Error(`RUN ${command} ended with ${String(code)}: ${output}`);
}

/** What `npm ci --omit=dev` leaves: all that the lock file does not mark as for development alone. */
function linkProductionModules(at: string): void {
  const list = join(root, 'node_modules/.package-lock.json');
  const lock = JSON.parse(readFileSync(list, 'utf8')) as { packages: Record<string, { dev?: boolean }> };
  const kept = Object.entries(lock.packages).filter(
    ([place, { dev }]) => dev !== true && existsSync(join(root, place)),
  );
  for (const [place] of kept) {
    const isInner = kept.some(([outer]) => place.startsWith(`${outer}/`));
    if (!isInner) linked(join(root, place), join(at, place));
  }
  writeFileSync(
    join(at, 'node_modules/.package-lock.json'),
    JSON.stringify({ ...lock, packages: Object.fromEntries(kept) }),
  );
}

export interface Entered {
  readonly child: ChildProcess;
  /** Resolves once that text was printed; rejects when the process ended before. */
  printed(text: string): Promise<void>;
  /** Tells the process itself, which is the first of its namespace, to stop. */
  stop(): void;
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

export interface Entering {
  readonly argv: readonly string[];
  /** Null: root, as while building. The root is then writable too. */
  readonly uid: number | null;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the image as an engine would with a read-only root: its entry point with these arguments, as its user. */
export function runImage(
  image: Built,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Entered {
  const uid = Number(/^(?<uid>\d+):\d+$/.exec(image.user ?? '')?.groups?.['uid']);
  return enter(image, {
    argv: [...image.entrypoint, ...(args.length > 0 ? args : image.command)],
    uid,
    env: { HOME: '/home/nonroot', ...env },
  });
}

/** Runs a program with a stage as its root; it is process 1 there. */
export function enter(now: Built, { argv, uid, env = {} }: Entering): Entered {
  const user = uid === null ? [] : [`--userspec=${uid}:${uid}`, '--groups='];
  const script = [
    'set -e',
    'mount --make-rprivate /',
    'mount --bind "$1" "$1"',
    ...mounts(now).map(
      ([from, to]) => `mount --rbind '${from}' "$1${to}" && mount -o remount,bind,ro "$1${to}"`,
    ),
    'mount -t proc proc "$1/proc"',
    'mount --rbind /dev "$1/dev"',
    'mount -t tmpfs -o size=64m,mode=1777 tmp "$1/tmp"',
    ...(uid === null ? [] : ['mount -o remount,bind,ro "$1"']),
    'folder=$1; shift',
    `exec chroot ${user.join(' ')} "$folder" "$@"`,
  ].join('\n');
  const child = spawn(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', '/bin/sh', '-c', script, 'sh', now.folder, ...argv],
    {
      env: { ...now.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  return followed(child);
}

function followed(child: ChildProcess): Entered {
  let output = '';
  let code: number | null = null;
  const looks = new Set<() => void>();
  const add = (chunk: Buffer): void => {
    output += chunk.toString('utf8');
    for (const look of looks) look();
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  const ended = new Promise<{ code: number | null; output: string }>((done, fail) => {
    child.once('error', fail);
    child.once('close', (status) => {
      code = status;
      done({ code, output });
    });
  });
  return {
    child,
    ended,
    printed: (text) =>
      new Promise((done, fail) => {
        const look = (): void => {
          if (output.includes(text)) done();
        };
        looks.add(look);
        look();
        void ended.then(() => fail(new Error(`It ended before it said "${text}": ${output}`)));
      }),
    stop: () => {
      // The signals of unshare's own end reach nobody: its one child is told.
      const [first = ''] = readFileSync(
        `/proc/${String(child.pid)}/task/${String(child.pid)}/children`,
        'utf8',
      )
        .trim()
        .split(' ');
      process.kill(Number(first), 'SIGTERM');
    },
  };
}

/** What this machine lends: its C library, and for building its programs. Links at the root are made as they are here. */
function mounts({ folder, kind }: Built): readonly (readonly [string, string])[] {
  const names = kind === 'run' ? ['lib', 'lib64'] : ['lib', 'lib64', 'bin', 'sbin'];
  const tops = names.filter((name) => existsSync(`/${name}`));
  for (const name of tops.filter((one) => lstatSync(`/${one}`).isSymbolicLink()))
    if (!existsSync(join(folder, name)) && !isLink(join(folder, name)))
      symlinkSync(readlinkSync(`/${name}`), join(folder, name));
  const own = tops.filter((name) => !lstatSync(`/${name}`).isSymbolicLink()).map((name) => `/${name}`);
  const usr = readdirSync('/usr').filter(
    (name) => name !== 'local' && (kind === 'build' || /^lib/.test(name)),
  );
  const places = [
    ...own,
    ...usr.filter((name) => lstatSync(`/usr/${name}`).isDirectory()).map((name) => `/usr/${name}`),
  ];
  for (const place of places) mkdirSync(join(folder, place), { recursive: true });
  return places.map((place) => [place, place]);
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
