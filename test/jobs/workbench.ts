import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { Tools } from '../../jobs/tools.js';
import { share, workerTools, type Shared } from '../../src/compose.js';
import { readSettings, type Settings } from '../../src/cli/context.js';
import { Desk } from '../../src/desk/desk.js';
import { mayIBy } from '../desk/as.js';
import { openPolicyYaml } from '../policy/open-policy.js';
import { startLab, type EstateDefinition, type Lab } from '../lab/lab.js';
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
  /** Another worker's tools and another bot's desk on the same Redis and estate, as after a restart of everything. */
  restart(): Promise<{ readonly tools: Tools; readonly desk: Desk; close(): Promise<void> }>;
  stop(): Promise<void>;
}

export const log = pino({ level: 'silent' });

/** What a bot's desk is handed; everybody may do everything. */
export function deskTools(
  { inventory, policy }: Settings,
  shared: Shared,
): ConstructorParameters<typeof Desk>[0] {
  return { ...shared, mayI: mayIBy(policy, shared.audit), queue: shared.queues, inventory, policy, log };
}

/** `estate` is the lab's, by name or by value. */
export async function openWorkbench(estate: string | EstateDefinition = 'demo'): Promise<Workbench> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-bench-'));
  const config = join(folder, 'config');
  const redis = await startRedis({ folder: join(folder, 'redis') });
  const lab = await startLab({ estate, folder: join(folder, 'lab'), settleMs: 300 });
  await lab.writeConfig(config);
  writeFileSync(
    join(config, 'aixops.yaml'),
    `redis: { url: "${redis.url}" }\nverify: { gapSeconds: 1, deadlineMinutes: 1, pollSeconds: 1 }\n`,
  );
  writeFileSync(join(config, 'policy.yaml'), openPolicyYaml);
  const settings = readSettings(config, false);
  if (!('config' in settings)) throw new Error(JSON.stringify(settings));
  const begin = async () => {
    const shared = await share(settings, log);
    const tools = workerTools(settings, shared, () => false, log);
    return { shared, tools, desk: new Desk(deskTools(settings, shared)) };
  };
  const { shared, tools, desk } = await begin();
  return {
    folder,
    config,
    lab,
    redis,
    settings,
    shared,
    tools,
    desk,
    restart: async () => {
      const again = await begin();
      const close = async () => {
        await again.tools.ssh.close();
        await again.shared.close();
      };
      return { tools: again.tools, desk: again.desk, close };
    },
    stop: async () => {
      await tools.ssh.close();
      await shared.close();
      await lab.stop();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
