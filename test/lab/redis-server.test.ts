import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort, startRedis, type RedisServer } from './redis-server.js';
import { findPart } from './system-parts.js';

const isInstalled = (await findPart('redis')) !== null;
let folder: string;
let server: RedisServer | null = null;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'aixops-redis-'));
});
afterEach(async () => {
  await server?.stop();
  server = null;
  await rm(folder, { recursive: true, force: true });
});

async function withClient<T>(url: string, act: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  try {
    return await act(client);
  } finally {
    client.disconnect();
  }
}

describe.skipIf(!isInstalled)('the Redis of the lab', () => {
  it('is ready at once, keeps an append-only file and evicts nothing', async () => {
    server = await startRedis({ folder });
    const settings = await withClient(server.url, (client) =>
      Promise.all([client.config('GET', 'appendonly'), client.config('GET', 'maxmemory-policy')]),
    );
    expect(settings).toEqual([
      ['appendonly', 'yes'],
      ['maxmemory-policy', 'noeviction'],
    ]);
  });

  it('loses nothing that it acknowledged when it is killed and started again', async () => {
    server = await startRedis({ folder });
    await withClient(server.url, (client) => client.set('change', 'approved'));
    await server.kill();
    await server.restart();
    expect(await withClient(server.url, (client) => client.get('change'))).toBe('approved');
  });

  it('says which port is taken', async () => {
    const port = await freePort();
    const other = net.createServer().listen(port, '127.0.0.1');
    await expect(startRedis({ folder, port })).rejects.toThrow(new RegExp(`port ${port}.*in use`, 'i'));
    other.close();
  });

  it('listens on the loopback address only', async () => {
    server = await startRedis({ folder });
    const config = await readFile(path.join(folder, 'redis.conf'), 'utf8');
    expect(config).toContain('bind 127.0.0.1\n');
    const bound = await withClient(server.url, (client) => client.config('GET', 'bind'));
    expect(bound).toEqual(['bind', '127.0.0.1']);
  });

  it('does not outlive the process that started it', async () => {
    const script = `
      const { spawn } = require('node:child_process');
      const child = spawn('/bin/sh', ['-c', process.argv[1], 'sh', 'sleep', '60'],
        { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
      console.log(child.pid);
    `;
    const source = await readFile(new URL('./tied-child.ts', import.meta.url), 'utf8');
    const watch = /'(exec 3<&0.*)';/.exec(source)?.[1] ?? '';
    const parent = spawn(process.execPath, ['-e', script, watch], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => {
      parent.stdout.once('data', (data: Buffer) => resolve(Number(data.toString())));
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
  });
});

/** Alive, and not merely waiting for its parent to take note of its end. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
