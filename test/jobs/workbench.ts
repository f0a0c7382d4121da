import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { Tools } from '../../jobs/tools.js';
import { share, workerTools, type Shared } from '../../src/compose.js';
import { readSettings, type Settings } from '../../src/cli/context.js';
import { Desk } from '../../src/desk.js';
import { startLab, type Lab } from '../lab/lab.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { writeFileSync } from 'node:fs';

/** A worker's tools on a real Redis and the simulated estate, with short waits. */
export interface Workbench {
  readonly folder: string;
  readonly config: string;
  readonly lab: Lab;
  readonly redis: RedisServer;
  readonly settings: Settings;
  readonly shared: Shared;
  readonly tools: Tools;
  readonly desk: Desk;
  stop(): Promise<void>;
}

export const log = pino({ level: 'silent' });

export async function openWorkbench(): Promise<Workbench> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-bench-'));
  const config = join(folder, 'config');
  const redis = await startRedis({ folder: join(folder, 'redis') });
  const lab = await startLab({ estate: 'demo', folder: join(folder, 'lab'), settleMs: 300 });
  await lab.writeConfig(config);
  writeFileSync(
    join(config, 'aixops.yaml'),
    `redis: { url: "${redis.url}" }\nverify: { gapSeconds: 1, deadlineMinutes: 1, pollSeconds: 1 }\n`,
  );
  const settings = readSettings(config, false);
  if (!('config' in settings)) throw new Error(JSON.stringify(settings));
  const shared = await share(settings, log);
  const tools = workerTools(settings, shared, () => false, log);
  const desk = new Desk({
    ...shared,
    queue: shared.queues,
    inventory: settings.inventory,
    policy: settings.policy,
    log,
  });
  return {
    folder,
    config,
    lab,
    redis,
    settings,
    shared,
    tools,
    desk,
    stop: async () => {
      await tools.ssh.close();
      await shared.close();
      await lab.stop();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
