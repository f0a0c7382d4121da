import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '../lab/redis-server.js';
import { startReplay, type ReplayLab } from '../lab/replay/replay-lab.js';
import { record } from './record.js';

const lparsPerSystem = 20;

/** Does work on a replayed estate of healthy nodes that workers are asked about through a Redis of its own; milliseconds. */
export async function onAskedEstate<T>(
  {
    nodes,
    redisLines = [],
    ...delays
  }: {
    readonly nodes: number;
    readonly roundTripMs: number;
    readonly remoteMs: number;
    readonly redisLines?: readonly string[];
  },
  work: (lab: ReplayLab) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-asked-'));
  const redis = await startRedis({ folder: join(folder, 'redis'), lines: redisLines });
  try {
    const tapeFile = join(folder, 'tape.json');
    await record(tapeFile, { lpars: lparsPerSystem, diagnostics: ['rsct-level'] });
    const lab = await startReplay({
      ...{ tapeFile, folder: join(folder, 'lab'), hmcs: 1, systems: nodes / lparsPerSystem },
      ...{ lparsPerSystem, ...delays },
      settings: `redis: { url: "${redis.url}" }\n`,
    });
    try {
      return await work(lab);
    } finally {
      await lab.stop();
    }
  } finally {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
