import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Intake } from '../../src/loop/intake.js';
import { tcp } from '../../src/ssh/sockets.js';

function busy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('what comes in', () => {
  it('is worked on at once where there is time', () => {
    const intake = new Intake();
    const done: number[] = [];
    for (let at = 0; at < 5; at += 1) intake.take({}, () => done.push(at));
    expect(done).toEqual([0, 1, 2, 3, 4]);
  });

  it('is spread over turns of the event loop otherwise, in its order', async () => {
    const intake = new Intake();
    const done: number[] = [];
    const inTurns: number[] = [];
    const work = (at: number) => (): void => {
      busy(2);
      done.push(at);
    };
    for (let at = 0; at < 50; at += 1) intake.take({}, work(at));
    for (let before = 0; done.length < 50; before = done.length) {
      expect(done.length - before).toBeLessThanOrEqual(8);
      inTurns.push(done.length - before);
      await nextTurn();
    }
    expect(done).toEqual(Array.from({ length: 50 }, (_, at) => at));
    expect(inTurns.length).toBeGreaterThan(6);
  });

  it('goes on behind work that throws', async () => {
    const intake = new Intake();
    const thrown: unknown[] = [];
    const hear = (error: unknown): void => void thrown.push(error);
    const heard = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', hear);
    try {
      const done: string[] = [];
      intake.take({}, () => busy(10));
      intake.take({}, () => {
        throw new Error('broken');
      });
      intake.take({}, () => done.push('next'));
      while (done.length === 0) await nextTurn();
      expect(done).toEqual(['next']);
      expect(thrown).toEqual([new Error('broken')]);
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const one of heard) process.on('uncaughtException', one);
    }
  });

  it('is done at once for an owner who cannot wait, and for no other', async () => {
    const intake = new Intake();
    const done: string[] = [];
    const [mine, his] = [{}, {}];
    intake.take(mine, () => busy(10));
    intake.take(mine, () => done.push('mine 1'));
    intake.take(his, () => done.push('his'));
    intake.take(mine, () => done.push('mine 2'));
    expect(done).toEqual([]);
    intake.flush(mine);
    expect(done).toEqual(['mine 1', 'mine 2']);
    while (done.length < 3) await nextTurn();
    expect(done).toEqual(['mine 1', 'mine 2', 'his']);
  });
});

describe('a connection', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });

  /** So many connections to a server that listens from now on. */
  async function connected(listening: Server, count: number): Promise<readonly Duplex[]> {
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const { port } = listening.address() as AddressInfo;
    const endpoint = {
      ...{ name: 'aix1', host: '127.0.0.1', port, user: 'root', identityFile: null, jump: null },
      ...{ hostKey: null, knownHosts: [], agent: false, become: null, algorithms: null },
    } as unknown as Parameters<typeof tcp>[0];
    const never = new AbortController().signal;
    return Promise.all(Array.from({ length: count }, () => tcp(endpoint, never)));
  }

  it.each([
    ['ended', (socket: Socket) => socket.end()],
    ['was reset', (socket: Socket) => socket.resetAndDestroy()],
    ['was given up here', (_: Socket, ours: Duplex) => ours.destroy(new Error('given up'))],
  ])('hands on all that was read before it %s, however busy the others are', async (_how, finish) => {
    const sockets: Socket[] = [];
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      sockets.push(socket);
    });
    const opened = await connected(server, 40);
    const said = opened.map((socket) => {
      const texts: string[] = [];
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        busy(2);
        texts.push(chunk.toString());
      });
      return new Promise<string>((resolve) => socket.once('close', () => resolve(texts.join(''))));
    });
    while (sockets.length < opened.length) await nextTurn();
    for (const socket of sockets) socket.write('the answer');
    // All are readable now, and none has come to an end when it is over.
    busy(20);
    await nextTurn();
    for (const [n, socket] of sockets.entries()) finish(socket, opened[n]!); // one for each
    expect(await Promise.all(said)).toEqual(opened.map(() => 'the answer'));
  });

  it('is not read any further while what was read waits: a flood does not fill the memory', async () => {
    const size = 2_000_000;
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(Buffer.alloc(size));
    });
    const opened = await connected(server, 20);
    let mostHeld = 0;
    const received = opened.map((socket) => {
      let bytes = 0;
      socket.on('data', (chunk: Buffer) => {
        busy(1);
        bytes += chunk.length;
        mostHeld = Math.max(mostHeld, Number(Reflect.get(socket, 'bytesRead')) - bytes);
      });
      return new Promise<number>((resolve) => socket.once('close', () => resolve(bytes)));
    });
    expect(await Promise.all(received)).toEqual(opened.map(() => size));
    // What one read of the system brings.
    expect(mostHeld).toBeLessThanOrEqual(65_536);
  });
});
