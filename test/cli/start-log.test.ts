import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { aixopsOnTerminal, startAixops, type Running } from './aixops.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-start-log-'));
const secret = 'Held-By-The-Worker-1';
let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis({ folder: join(folder, 'redis') });
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A worker whose settings name a key file that others may read: it warns of that, by a path that holds a secret. */
function config(settings = ''): string {
  const at = mkdtempSync(join(folder, 'config-'));
  const key = join(at, `id-${secret}`);
  writeFileSync(key, 'x', { mode: 0o644 });
  writeFileSync(join(at, 'aixops.yaml'), `${settings}\n`);
  writeFileSync(
    join(at, 'inventory.yaml'),
    `nodes: { lpar1: { host: 127.0.0.1, knownHosts: ./known_hosts, identityFile: "${key}" } }\n`,
  );
  return at;
}

const env = () => ({ REDIS_URL: redis.url, OTEL_EXPORTER_OTLP_HEADERS: `x-token=${secret}` });

async function untilStarted(running: Running): Promise<string> {
  await running.printed('aixops started');
  // `script` hands the signal on to nobody: what is typed at the terminal reaches the program.
  if (running.child.spawnfile.endsWith('script')) running.child.stdin?.write('\u0003');
  else running.child.kill('SIGTERM');
  const { code, stdout, stderr } = await running.ended;
  expect(code).toBe(0);
  return `${stdout}${stderr}`;
}

const worker = (at: string): string[] => ['start', '--role', 'worker', '--config', at];

describe.concurrent('the log of start', { timeout: 60_000 }, () => {
  it.each([
    ['with colours', {}, '', /\u001b\[32mINFO\u001b\[39m: \u001b\[36maixops started\u001b\[39m/],
    [
      'without colours where NO_COLOR is set',
      { NO_COLOR: '1' },
      '',
      /\] INFO: aixops started\r?\n\s+role: "worker"/,
    ],
  ])('is for people on a terminal, %s', async (_how, more, settings, started) => {
    const text = await untilStarted(
      aixopsOnTerminal(worker(config(settings)), { env: { ...env(), ...more } }),
    );
    expect(text).toMatch(started);
    expect(text).toContain('a private key is not used');
    expect(text).toContain('stopped');
    expect(text).not.toMatch(/^\{"level"/m);
    expect(text).not.toContain(secret);
    expect(text).toContain('«redacted»');
  });

  it('is for machines on a terminal too, where the settings say so', async () => {
    const at = config('log: { format: json }');
    const text = await untilStarted(aixopsOnTerminal(worker(at), { env: env() }));
    const lines = text.split(/\r?\n/).filter((line) => line.startsWith('{'));
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toContain('aixops started');
  });

  it('is for people in a file, where the settings say so: then without colours', async () => {
    const text = await untilStarted(startAixops(worker(config('log: { format: pretty }')), { env: env() }));
    expect(text).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: aixops started$/m);
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain(secret);
  });
});

/** What of OpenTelemetry a process has loaded when it ends, besides the interfaces that prom-client loads. */
async function loaded(more: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const at = mkdtempSync(join(folder, 'loaded-'));
  const hook = join(at, 'hook.cjs');
  const out = join(at, 'modules.json');
  writeFileSync(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(out)}, ` +
      `JSON.stringify(Object.keys(require('node:module')._cache).filter((path) => /@opentelemetry.(?!api.)|bullmq-otel|pino-pretty/.test(path)))));\n`,
  );
  const options = { env: { ...env(), NODE_OPTIONS: `--require ${hook}`, ...more } };
  await untilStarted(startAixops(worker(config()), options));
  return JSON.parse(readFileSync(out, 'utf8')) as string[];
}

describe.concurrent('OpenTelemetry', { timeout: 60_000 }, () => {
  it('is not loaded where nobody asked for traces', async () => {
    expect(await loaded({})).toEqual([]);
    expect(
      await loaded({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SDK_DISABLED: 'true' }),
    ).toEqual([]);
  });

  it('is loaded where somebody did, and a collector that is away holds nothing up', async () => {
    const found = await loaded({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
    expect(found.some((path) => path.includes('/@opentelemetry/sdk-node/'))).toBe(true);
    expect(found.some((path) => path.includes('/bullmq-otel/'))).toBe(true);
  });
});
