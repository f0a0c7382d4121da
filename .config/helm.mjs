// The real helm for the chart's tests: on PATH, or built once from its source by Go, into the user's cache. Prints one line
// of JSON, { path } or { missing: why }. With --build it builds what is missing; it never fails for want of it.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

const version = 'v3.22.0';
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'aixops', `helm-${version}`);
const cached = join(cache, 'helm');
// As helm's own Makefile links it: without these it takes every cluster for one of Kubernetes 1.20.
const linking = ['chartutil', 'lint/rules']
  .flatMap((place) => [`-X helm.sh/helm/v3/pkg/${place}.k8sVersionMajor=1`, `-X helm.sh/helm/v3/pkg/${place}.k8sVersionMinor=37`])
  .concat('-s -w')
  .join(' ');

process.stdout.write(`${JSON.stringify(find())}\n`);

function find() {
  const path = onPath('helm') ?? (existsSync(cached) ? cached : null);
  if (path !== null) return { path };
  const go = onPath('go') ?? onPath('go', ['/usr/local/go/bin', '/usr/lib/go/bin']);
  if (go === null) return { missing: 'neither helm nor go (which could build it) is on PATH' };
  if (!process.argv.includes('--build')) return { missing: 'helm is not on PATH; to build it type: node .config/helm.mjs --build' };
  return build(go);
}

/** Into a folder of its own first: an interrupted build leaves nothing behind that looks like helm. */
function build(go) {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'build-'));
  // The Go that is here, and no other that it would fetch.
  const env = { ...process.env, GOBIN: folder, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false' };
  const args = ['install', '-trimpath', `-ldflags=${linking}`, `helm.sh/helm/v3/cmd/helm@${version}`];
  try {
    execFileSync(go, args, { env, stdio: ['ignore', 'ignore', 'pipe'], timeout: 900_000 });
    renameSync(join(folder, 'helm'), cached);
    return { path: cached };
  } catch (error) {
    const words = String(error.stderr ?? error.message).trim().split('\n').at(-1);
    return { missing: `go could not build helm ${version}: ${words}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function onPath(program, folders = (process.env.PATH ?? '').split(delimiter)) {
  for (const folder of folders.filter(isAbsolute)) {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return join(folder, program);
    } catch {
      // Not there.
    }
  }
  return null;
}
