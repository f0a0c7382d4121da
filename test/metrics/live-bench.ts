import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workerTools, share, type Shared } from '../../src/compose.js';
import { readSettings, type Settings } from '../../src/cli/context.js';
import { metricsRoute, openMetrics, stateReader } from '../../src/compose-metrics.js';
import { openDoor, type Door } from '../../src/health/door.js';
import type { Tools } from '../../jobs/tools.js';
import { startAixops, type Running } from '../cli/aixops.js';
import { log, openWorkbench, type Workbench } from '../jobs/workbench.js';
import { startPrometheus, type PrometheusServer } from '../lab/prometheus.js';
import { freePort } from '../lab/redis-server.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';

const rulesFile = new URL('../../helm/files/aixops.rules.yaml', import.meta.url).pathname;

/** A bot as a process of its own, what a worker notices in this one, and what a Prometheus needs to know of both. */
export interface LiveBench {
  readonly bench: Workbench;
  readonly slack: LocalSlack;
  readonly settings: Settings;
  readonly shared: Shared;
  readonly tools: Tools;
  readonly bot: Running;
  /** Where the bot and this process answer scrapes. */
  readonly urls: readonly [bot: string, worker: string];
  /** Starts the Prometheus server, with the rules made impatient. */
  scrape(): Promise<PrometheusServer>;
  stop(): Promise<void>;
}

/** `aixopsYaml` is added to the settings. */
export async function openLiveBench(aixopsYaml: string): Promise<LiveBench> {
  const bench = await openWorkbench();
  const slack = await startLocalSlack({ port: 0, folder: join(bench.folder, 'slack') });
  const file = join(bench.config, 'aixops.yaml');
  writeFileSync(file, `${readFileSync(file, 'utf8')}slack: { apiUrl: "${slack.apiUrl}" }\n${aixopsYaml}\n`);
  const settings = readSettings(bench.config, false);
  if (!('config' in settings)) throw new Error(JSON.stringify(settings));
  const metrics = openMetrics('worker', settings);
  const shared = await share(settings, log, 'worker', metrics.observe);
  const tools = workerTools(settings, shared, () => false, log);
  metrics.readState(stateReader(settings, shared));
  const door = await openDoor({
    host: '127.0.0.1',
    port: 0,
    routes: { '/metrics': metricsRoute(metrics) },
    onFault: () => undefined,
  });
  const port = await freePort();
  const env = {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    REDIS_URL: bench.redis.url,
    AIXOPS_HEALTH_PORT: String(port),
  };
  const bot = startAixops(['start', '--config', bench.config, '--role', 'bot'], { env });
  await bot.printed('aixops started');
  const urls = [`http://127.0.0.1:${port}`, door.url] as const;
  let prometheus: PrometheusServer | null = null;
  return {
    bench,
    slack,
    settings,
    shared,
    tools,
    bot,
    urls,
    scrape: async () => {
      prometheus = await startPrometheus({
        folder: join(bench.folder, 'prometheus'),
        targets: urls.map((url) => new URL(url).host),
        rules: impatient(readFileSync(rulesFile, 'utf8')),
      });
      return prometheus;
    },
    stop: async () => {
      bot.child.kill('SIGKILL');
      await bot.ended;
      await prometheus?.stop();
      await closeAll(door, tools, shared);
      await slack.stop();
      await bench.stop();
    },
  };
}

/** What stays as it is in the real rules is the way they ask; what nobody can wait for in a test is made short. */
function impatient(rules: string): string {
  return rules
    .replace(/for: \d+m/g, 'for: 1s')
    .replace('priority=~"approval|card"}) > 120', 'priority=~"approval|card"}) > 2')
    .replace('aixops_slack_limited_total[10m])) > 20', 'aixops_slack_limited_total[10m])) > 1')
    .replace('aixops_queue_oldest_age_seconds) > 60', 'aixops_queue_oldest_age_seconds) > 2');
}

async function closeAll(door: Door, tools: Tools, shared: Shared): Promise<void> {
  await door.close();
  await tools.ssh.close();
  await tools.certificates.close();
  await shared.close();
}
