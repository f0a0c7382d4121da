import {
  chownSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { newKeys } from '../lab/keys.js';
import { freePort, startRedis, type RedisServer } from '../lab/redis-server.js';
import { execForm, pairs } from './dockerfile.js';
import { buildImage, dockerfile, enter, root, runImage, whyNot, type Built } from './rehearsal.js';

const { args, stages } = dockerfile;
const steps = (name: string) => stages.flatMap((stage) => stage.steps.filter((step) => step.name === name));
const last = stages.at(-1);
const ofLast = (name: string): string => last?.steps.findLast((step) => step.name === name)?.rest ?? '';

describe('the Dockerfile', () => {
  it('names each base image by version, and none by latest', () => {
    expect([...args]).toEqual([
      ['NODE_IMAGE', expect.stringMatching(/^node:24\.\d+\.\d+-[a-z]+-slim$/)],
      ['RUNTIME_IMAGE', expect.stringMatching(/^[\w./-]+:[\w.-]+$/)],
    ]);
    const names = stages.map(({ name }) => name);
    for (const { base } of stages) {
      expect([...names, ...args.values()]).toContain(base);
      expect(base).not.toMatch(/:latest$/);
    }
  });

  it('fetches nothing but packages of the lock file', () => {
    expect(steps('ADD')).toEqual([]);
    for (const { rest } of steps('RUN'))
      expect(rest).not.toMatch(/\b(?:curl|wget|apt|apt-get|npx|git)\b|npm (?:i|install)\b|https?:/);
    for (const { rest } of steps('COPY')) expect(rest).not.toMatch(/:\/\/|--chmod|--chown/);
    expect(
      steps('RUN')
        .filter(({ rest }) => rest.startsWith('npm '))
        .map(({ rest }) => rest),
    ).toEqual(['npm ci --omit=dev --ignore-scripts', 'npm ci --ignore-scripts', 'npm run build']);
  });

  it('ends as a numeric user who is not root, without a shell before the program', () => {
    expect(ofLast('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const [program, ...rest] = execForm(ofLast('ENTRYPOINT')) ?? [];
    expect(program).toBe('/usr/local/bin/node');
    expect(rest).toEqual(['/app/dist/src/aixops.js']);
    expect(execForm(ofLast('CMD'))).toEqual(['start']);
    expect(execForm(ofLast('HEALTHCHECK'))).toEqual([program, ...rest, 'health']);
    expect(ofLast('STOPSIGNAL')).toBe('SIGTERM');
    expect(last?.steps.filter(({ name }) => name === 'RUN')).toEqual([]);
  });

  it('says what it is, in the words of the OCI', () => {
    const labels = pairs(ofLast('LABEL'));
    for (const name of ['title', 'description', 'version', 'revision', 'licenses'])
      expect(labels).toHaveProperty([`org.opencontainers.image.${name}`]);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(last?.steps.map(({ rest }) => rest)).toContain(`VERSION=${version}`);
  });

  it('holds no secret: the builder gets only what is copied', () => {
    const lines = readFileSync(join(root, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines[0]).toBe('*');
    const sent = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = steps('COPY')
      .filter(({ rest }) => !rest.startsWith('--from='))
      .flatMap(({ rest }) => rest.split(' ').slice(0, -1));
    for (const path of copied) {
      expect({ path, exists: existsSync(join(root, path)) }).toEqual({ path, exists: true });
      expect({ path, isSent: sent.some((one) => path === one || path.startsWith(`${one}/`)) }).toEqual({
        path,
        isSent: true,
      });
    }
    expect(sent.filter((one) => !copied.some((path) => path === one || path.startsWith(`${one}/`)))).toEqual(
      [],
    );
    expect(sent.some((one) => /^(?:\.git|\.env|node_modules|dist)/.test(one))).toBe(false);
    for (const { rest } of [...steps('ENV'), ...steps('ARG')])
      expect(rest).not.toMatch(/TOKEN|SECRET|PASSWORD|REDIS_URL/);
  });
});

const reason = whyNot();
if (reason !== null) process.stdout.write(`The image is not rehearsed: ${reason}.\n`);

describe.skipIf(reason !== null)('the image', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-image-'));
  let image: Built;
  let redis: RedisServer;
  const inImage = (path: string): string => join(image.folder, path);

  beforeAll(async () => {
    [image, redis] = await Promise.all([buildImage(folder), startRedis({ folder: join(folder, 'redis') })]);
    // What an engine mounts: settings, and a private key as root's, for the group of the user alone.
    mkdirSync(inImage('etc/aixops'), { recursive: true });
    mkdirSync(inImage('run/secrets/aixops/ssh'), { recursive: true });
    const key = inImage('run/secrets/aixops/ssh/id_ed25519');
    writeFileSync(key, newKeys().private);
    chownSync(key, 0, 65_532);
    chmodSync(key, 0o440);
    writeFileSync(
      inImage('etc/aixops/inventory.yaml'),
      'nodes: { lpar1: { host: 127.0.0.1, identityFile: /run/secrets/aixops/ssh/id_ed25519 } }\n',
    );
  }, 180_000);
  afterAll(async () => {
    await (redis as RedisServer | undefined)?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs as its user with a root that cannot be written to, and tells its version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(await runImage(image, ['--version']).ended).toEqual({ code: 0, output: `${version}\n` });
    const probe = `
      const fs = require('node:fs');
      const tryTo = (path) => { try { fs.writeFileSync(path, ''); return 'written'; } catch (error) { return error.code; } };
      console.log(process.pid, process.getuid(), process.getgid(), process.getgroups().join(), tryTo('/app/x'), tryTo('/etc/x'), tryTo('/tmp/x'), fs.existsSync('/bin/sh'));
    `;
    const { output } = await enter(image, { argv: ['/usr/local/bin/node', '-e', probe], uid: 65_532 }).ended;
    expect(output.trim()).toMatch(/^1 65532 65532 (?:65532)? EROFS EROFS written false$/);
  });

  it('starts from what was compiled while it was built', async () => {
    const { code, output } = await runImage(image, ['--version'], { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' })
      .ended;
    expect(code).toBe(0);
    const read =
      /reading cache from \/app\/compile-cache\/\S+ for ESM file:\/\/\/app\/dist\/src\/aixops\.js\.\.\..*success/;
    expect(output).toMatch(read);
    expect(output).not.toMatch(/permission denied|Cannot create/);
    expect(readdirSync(inImage('app/compile-cache'))).toEqual([expect.stringMatching(/-65532$/)]);
  });

  it('finds the settings and takes a key that only its group may read, and no other', async () => {
    const { code, output } = await runImage(image, ['check', '--offline']).ended;
    expect(output).toContain('All is well.');
    expect(code).toBe(0);
    const key = inImage('run/secrets/aixops/ssh/id_ed25519');
    chmodSync(key, 0o444);
    const open = await runImage(image, ['check', '--offline']).ended;
    chmodSync(key, 0o440);
    expect(open.code).toBe(1);
    expect(open.output).toContain('may be used by others (mode 0444)');
  });

  it('runs a worker until SIGTERM, which ends process 1 with 0, and is asked for its health meanwhile', async () => {
    const env = { REDIS_URL: redis.url, AIXOPS_HEALTH_PORT: String(await freePort()) };
    const worker = runImage(image, ['start', '--role', 'worker'], env);
    await worker.printed('aixops started');
    // Its checks take their time, such as the first look at the clock.
    const healthy = () => enter(image, { argv: image.health, uid: 65_532, env }).ended;
    await vi.waitFor(async () => expect(await healthy()).toMatchObject({ code: 0 }), {
      timeout: 40_000,
      interval: 250,
    });
    worker.stop();
    const { code, output } = await worker.ended;
    expect(output).toContain('"msg":"stopped"');
    expect(code).toBe(0);
    expect(await healthy()).toMatchObject({ code: 1 });
  });

  it('draws with the binary of its platform, and has no tool that only builds', async () => {
    const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>';
    const draw = `
      const { Resvg } = require('node:module').createRequire('/app/')('@resvg/resvg-js');
      console.log(new Resvg('${picture}').render().asPng().subarray(1, 4).toString());
    `;
    const drawn = enter(image, { argv: ['/usr/local/bin/node', '-e', draw], uid: 65_532 });
    expect(await drawn.ended).toEqual({ code: 0, output: 'PNG\n' });
    const modules = readdirSync(inImage('app/node_modules'));
    expect(modules).toContain('bullmq');
    for (const name of [
      'typescript',
      'vitest',
      'eslint',
      'kubernetes-models',
      'playwright-core',
      'local-slack-linux-x64',
      '.bin',
    ])
      expect(modules).not.toContain(name);
    const files = readdirSync(inImage('app'), { recursive: true }).map(String);
    expect(files.filter((file) => /^node_modules.*\.(?:map|d\.ts)$/.test(file))).toEqual([]);
    expect(readdirSync(inImage('app/dist')).sort()).toEqual(['commands', 'jobs', 'src']);
  });

  it('has the licence of everything in it', () => {
    expect(readdirSync(inImage('app/licences')).sort()).toEqual([
      'LICENSE',
      'node.txt',
      'packages.txt',
      'third-party.md',
    ]);
    const texts = readFileSync(inImage('app/licences/packages.txt'), 'utf8');
    for (const name of [
      'bullmq',
      'ssh2',
      '@slack/bolt',
      'echarts',
      '@resvg/resvg-js',
      'x509.js',
      'dejavu-fonts-ttf',
    ])
      expect(texts).toMatch(new RegExp(`^${name} \\d`, 'm'));
    expect(texts).toContain('Apache License');
    expect(texts).not.toMatch(/^(?:typescript|vitest) \d/m);
  });

  it('says of the demo that it is left out', async () => {
    const { code, output } = await runImage(image, ['demo']).ended;
    expect(output).toContain('The simulated estate is not part of this installation');
    expect(code).toBe(64);
  });
});
