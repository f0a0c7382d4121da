import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { findPart, installLine } from './system-parts.js';
import { spawnTied, type TiedChild } from './tied-child.js';

export interface RedisServer {
  /** `redis://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** Shuts down in order: everything acknowledged is on disk. */
  stop(): Promise<void>;
  /** SIGKILL, as in a power cut. The folder stays, so `restart` shows what survived. */
  kill(): Promise<void>;
  /** Starts again on the same port and folder (after `stop` or `kill`; a running server is stopped first). */
  restart(): Promise<void>;
  isOver(): boolean;
}

export interface RedisOptions {
  readonly folder: string;
  readonly port?: number;
  /** Lines of redis.conf that stand after ours, and so count. */
  readonly lines?: readonly string[];
}

/**
 * Starts a real Redis (or Valkey) of our own on 127.0.0.1: append-only file, no eviction, data in `folder`, on `port`
 * or a free one. It ends with this process. Throws with the line to type where no server is installed, and with the
 * server's own words where it does not start.
 */
export async function startRedis(options: RedisOptions): Promise<RedisServer> {
  const binary = await findPart('redis');
  if (binary === null) throw new Error(`Redis is not installed. ${installLine('redis')}`);
  const folder = path.resolve(options.folder);
  const lines = options.lines ?? [];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const started = await startOn(binary, folder, lines, options.port);
  const { port } = started;
  let child: TiedChild = started.child;
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    stop: () => child.stop(),
    kill: () => child.stop('SIGKILL'),
    isOver: () => child.isOver(),
    restart: async () => {
      await child.stop();
      child = await startOnPort(binary, folder, lines, port);
    },
  };
}

/** A port found free may be taken a moment later by another test: only a port asked for by number is insisted on. */
async function startOn(
  binary: string,
  folder: string,
  lines: readonly string[],
  wanted: number | undefined,
): Promise<{ child: TiedChild; port: number }> {
  if (wanted !== undefined) return { child: await startOnPort(binary, folder, lines, wanted), port: wanted };
  let lastError: unknown;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const port = await freePort();
    try {
      return { child: await startOnPort(binary, folder, lines, port), port };
    } catch (error) {
      lastError = error;
    }
  }
  throw lastError;
}

async function startOnPort(
  binary: string,
  folder: string,
  lines: readonly string[],
  port: number,
): Promise<TiedChild> {
  const config = path.join(folder, 'redis.conf');
  await writeFile(config, `${configText(folder, port)}${lines.map((line) => `${line}\n`).join('')}`, {
    mode: 0o600,
  });
  const child = await spawnTied(binary, [config], { cwd: folder });
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    if (child.isOver())
      throw new Error(`${binary} ${await child.ended} on port ${port}: ${lastLines(child.output())}`);
    if (await answersPing(port)) {
      // A PONG may be another server's while ours is still failing to bind.
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (!child.isOver() && child.output().includes('Ready to accept connections')) return child;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await child.stop('SIGKILL');
  throw new Error(`${binary} did not answer on port ${port} in 10 s: ${lastLines(child.output())}`);
}

function configText(folder: string, port: number): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    'protected-mode yes',
    `dir ${JSON.stringify(folder)}`,
    'appendonly yes',
    // Every acknowledged write is on disk: the bot's promises are tested with kill -9.
    'appendfsync always',
    'save ""',
    'maxmemory-policy noeviction',
    'daemonize no',
    'loglevel notice',
    '',
  ].join('\n');
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' | ');
}

/** Whether a server answers PING on that port of 127.0.0.1; loading a file is not yet an answer, a wish for a login is. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => done(false));
    socket.once('error', () => done(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => done(/^(?:\+PONG|-NOAUTH|-DENIED)/.test(data.toString('latin1'))));
  });
}

/**
 * A port of 127.0.0.1 that nobody listens on at the moment. It lies below those that Linux hands out by itself (32768 and
 * up): one of those may be taken by any connection before the server that it was meant for is up.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 32_000);
    if (await canListen(port)) return port;
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
