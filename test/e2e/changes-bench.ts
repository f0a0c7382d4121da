/** The bot as it is started, on the local Slack and a real Redis, with changes made from values: no worker, no node. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBot } from '../../src/bot.js';
import { share, type Shared } from '../../src/compose.js';
import { loadConfig } from '../../src/config.js';
import { policySchema } from '../../src/policy/schema.js';
import { smallEstate } from '../commands/small-estate.js';
import { log } from '../jobs/workbench.js';
import { startRedis } from '../lab/redis-server.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';

export interface ChangesBench {
  readonly slack: LocalSlack;
  readonly shared: Shared;
  stop(): Promise<void>;
}

/** Everybody may ask and see; Bob and Carol approve. */
export async function openChangesBench(): Promise<ChangesBench> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-changes-e2e-'));
  const redis = await startRedis({ folder: join(folder, 'redis') });
  const slack = await startLocalSlack({ port: 0, folder: join(folder, 'slack'), isRateLimited: false });
  writeFileSync(join(folder, 'aixops.yaml'), `slack: { apiUrl: "${slack.apiUrl}" }\n`);
  const env = { REDIS_URL: redis.url, SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
  const loaded = loadConfig({ folder, env, needsSlack: true });
  if (loaded.kind === 'problems') throw new Error(JSON.stringify(loaded.problems));
  const policy = policySchema.parse({
    approvers: ['UBOB', 'UCAROL'],
    allow: { propose: ['UALICE', 'UBOB'] },
    rules: [{ who: ['UBOB'], may: ['freeze'] }],
  });
  const settings = { config: loaded.config, inventory: smallEstate().inventory, policy };
  const shared = await share(settings, log);
  const bot = await startBot(settings, shared, log);
  return {
    slack,
    shared,
    stop: async () => {
      await bot.stop();
      await shared.close();
      await slack.stop();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
