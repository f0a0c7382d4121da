import { startBot } from '../bot.js';
import { openHealth, type Health } from '../compose-health.js';
import { healthView, metricsRoute, openMetrics, stateReader } from '../compose-metrics.js';
import { share, workerTools, type Shared } from '../compose.js';
import { UsageError } from '../core/errors.js';
import type { Role } from '../health/readiness.js';
import type { Logger } from '../log.js';
import { probeSlack, type SlackProblem } from '../slack/probe.js';
import { startWorkerProcess } from '../worker.js';
import type { Settings } from './context.js';
import { beginLife, type Life } from './life.js';
import { startMoreWorkers } from './more-workers.js';
import { lookAtSecretFiles } from './secret-files.js';
import { openTelling } from './telling.js';
import { callOf, type Place } from './workers-option.js';

/** What every part of the process is given. */
interface Process {
  readonly settings: Settings;
  readonly log: Logger;
  readonly life: Life;
  readonly health: Health;
}

/**
 * Starts a role and resolves when it runs; SIGTERM and Ctrl-C end it. Throws ConnectError when Redis is not reached,
 * UsageError when Redis would lose state, Slack refuses a token, or a port is taken; then nothing is left running.
 */
export async function serve(role: Role, settings: Settings, place: Place): Promise<void> {
  const { log, tracing } = await openTelling(role, settings, place.worker);
  const life = beginLife(log, place.tie);
  life.onEnd(() => tracing.stop());
  try {
    // Before all that may take its time: a starting process is alive, and says that it is not ready.
    const metrics = openMetrics(role, settings);
    const routes = { '/metrics': metricsRoute(metrics) };
    const hasMore = place.workers > 1;
    const health = await openHealth({ role, settings, log, stopping: life.stopping, routes, hasMore });
    metrics.readHealth(() => healthView(health.readiness()));
    life.onEnd(() => health.close());
    const shared = await share(settings, log, role, metrics.observe, tracing);
    life.onEnd(() => shared.close());
    health.redis(shared);
    metrics.readState(stateReader(settings, shared));
    const process = { settings, log, life, health };
    if (role !== 'worker') await checkSlack(settings, log);
    if (role !== 'bot') await runWorker(process, shared);
    if (role !== 'worker') await runBot(process, shared);
    log.info({ role, nodes: settings.inventory.nodes.size }, 'aixops started');
    place.tie?.tellStarted();
    if (hasMore && !life.stopping.aborted) runMoreWorkers(process, place.workers);
  } catch (error) {
    // What a signal has cut short is no failure of the start.
    if (life.stopping.aborted) return;
    await life.giveUp();
    throw inWords(error, settings);
  }
}

async function runWorker({ settings, log, life, health }: Process, shared: Shared): Promise<void> {
  // That node alone is not logged in to; the others are.
  for (const problem of lookAtSecretFiles(settings).problems)
    log.warn({ problem }, 'a private key is not used');
  await resealed(settings, shared, log);
  const tools = workerTools(settings, shared, () => life.stopping.aborted, log);
  life.onEnd(() => tools.ssh.close());
  life.onEnd(() => tools.certificates.close());
  const worker = await startWorkerProcess(tools, shared.queues, { connection: shared.workerLink(), log });
  life.onStop(() => worker.stop());
  health.worker(shared, worker);
}

/** Last of all: what keeps this process from starting would keep them from it, too. */
function runMoreWorkers({ settings, log, life, health }: Process, workers: number): void {
  const more = startMoreWorkers({ workers, callOf: (worker) => callOf(worker, settings), log });
  life.onStop(() => more.stop());
  life.onAtOnce(() => more.kill());
  health.moreWorkers(() => more.missing());
}

async function runBot({ settings, log, life, health }: Process, shared: Shared): Promise<void> {
  const bot = await startBot(settings, shared, log);
  life.onStop(() => bot.stop());
  health.bot(shared, bot);
}

/** After a change of keys nothing that stays for ever is left under the old one. */
async function resealed({ config }: Settings, shared: Shared, log: Logger): Promise<void> {
  if (config.store.oldKey === null) return;
  const changes = await shared.changes.reseal();
  log.info({ changes }, 'changes are sealed with the new store key');
}

/** A wrong token is told at once. A Slack that is away comes back by itself: the bot waits for it. */
async function checkSlack({ config: { slack } }: Settings, log: Logger): Promise<void> {
  const problems = await probeSlack({
    apiUrl: slack.apiUrl,
    botToken: slack.botToken?.reveal() ?? '',
    appToken: slack.mode === 'socket' ? (slack.appToken?.reveal() ?? '') : null,
  });
  const told = (one: SlackProblem['kind']): string =>
    [...new Set(problems.filter(({ kind }) => kind === one).map(({ sentence }) => sentence))].join(' ');
  if (told('refused') !== '') throw new UsageError(`${told('refused')} Nothing was started.`);
  if (told('absent') !== '') log.warn({ problem: told('absent') }, 'Slack is away; waiting for it');
  if (told('scopes') !== '') log.warn({ problem: told('scopes') }, 'the bot may do too little');
}

/** What is the machine's fault and not ours, in words. */
function inWords(error: unknown, { config }: Settings): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code !== 'EADDRINUSE') return error;
  return new UsageError(
    `Port ${config.slack.port} is taken by another program. Stop it, or set slack.port in aixops.yaml. Nothing was started.`,
  );
}
