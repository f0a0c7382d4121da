import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { deliver, type DeliverTools } from '../jobs/deliver.js';
import type { Settings } from './cli/context.js';
import type { Shared } from './compose.js';
import type { Config } from './config.js';
import { isBug } from './core/errors.js';
import type { Poster } from './core/poster.js';
import { readTraceParent } from './core/tracing.js';
import { createLimits } from './outbox/limits.js';
import type { Entry } from './outbox/outbox.js';
import { accountsOf, usergroupsOf } from './policy/people.js';
import { sayingLeft } from './queue/leaving.js';
import { startWorker, type RunningWorker } from './queue/queues.js';
import { botTools } from './bot-tools.js';
import { createSlackApp } from './slack/app.js';
import { droppedWords } from './slack/dropped.js';
import { createPoster } from './slack/poster.js';
import { doubting } from './slack/doubting.js';
import type { SlackApp, SlackDoor } from './slack/options.js';
import { createStandings, memberAsker } from './slack/members.js';
import { createMemberships, usergroupLister } from './slack/usergroups.js';

export interface BotProcess {
  /** Takes nothing new from Slack, lets what is under way be acknowledged, and stops sending. */
  stop(): Promise<void>;
  /** How Slack is reached. */
  readonly slack: Pick<SlackApp, 'token' | 'lookAtDoor'>;
  /** What sends the messages that wait. */
  readonly delivering: Pick<RunningWorker, 'isTaking'>;
}

/** So long may the last call of Slack take when a bot is told to stop. */
const outboxPatienceMs = 18_000;

/** A channel that messages are sent to mostly waits for Slack's pace: they cost nothing, and one that is left out is late. */
const channelsAtOnce = 500;

/** Starts listening to Slack and sending what waits for it. It never talks to nodes or HMCs. */
export async function startBot(settings: Settings, shared: Shared, log: Logger): Promise<BotProcess> {
  const { config, policy } = settings;
  const { apiUrl, botToken } = config.slack;
  const ofSlack = usergroupLister(apiUrl, botToken?.reveal() ?? '', shared.observe);
  const list = async (group: string): Promise<readonly string[]> => {
    const users = await ofSlack(group);
    // Workers remind these people; whoever waits for the answer does not wait for that.
    shared.usergroups.keep(group, users).catch((err: unknown) => log.warn({ err }, 'members were not kept'));
    return users;
  };
  const memberships = createMemberships({ list, clock: shared.clock, log });
  const groupsOf = (user: string) => memberships(accountsOf(policy, user), usergroupsOf(policy));
  const ask = memberAsker(apiUrl, botToken?.reveal() ?? '', shared.observe);
  const standingOf = createStandings({ ask, clock: shared.clock, log });
  const tools = botTools(settings, shared, { groupsOf, standingOf }, log);
  const app = createSlackApp({
    door: doorOf(config),
    botToken: botToken?.reveal() ?? '',
    apiUrl,
    tools,
    log,
    clock: shared.clock,
    observe: shared.observe,
    // Slack itself knows at once of a socket that is closed.
    drainMs: config.slack.mode === 'http' ? 5_000 : 0,
    tracing: shared.tracing,
  });
  const poster = doubting(createPoster(app.client, config.slack.blocks), () => app.doubtToken());
  const delivering = deliverFromQueue(poster, shared, log, () => app.touchHomes());
  const stop = async (): Promise<void> => {
    // Both at once: while the last entries are acknowledged another bot goes on with the messages.
    await Promise.all([app.stop(), delivering.close(outboxPatienceMs)]);
  };
  try {
    await app.start();
    for (const group of usergroupsOf(policy)) list(group).catch(() => undefined);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop, slack: app, delivering };
}

/** Takes the jobs that say which channel has something waiting, and sends it. */
function deliverFromQueue(
  poster: Poster,
  shared: Shared,
  log: Logger,
  onDelivered: () => void,
): RunningWorker {
  const { outbox, queues: queue, clock, newId: newToken, observe } = shared;
  const settings = {
    connection: shared.workerLink(),
    queue: 'outbox' as const,
    concurrency: channelsAtOnce,
    clock,
    observe,
    knows: (name: string) => name === 'deliver',
    again: queue,
    onLeft: sayingLeft(log, clock),
    // The clock tells another bot of what waits.
    onGivenUp: () => Promise.resolve(),
    onFailed: (name: string, job: string, id: string, err: Error) =>
      log[isBug(err) ? 'error' : 'warn']({ queue: name, job, id, err }, 'a job failed'),
    onError: (err: Error) => log.warn({ err }, 'the outbox lost Redis'),
  };
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const tools: DeliverTools = {
    outbox,
    poster,
    queue,
    clock,
    newToken,
    observe,
    tracing: shared.tracing,
    limits: createLimits(clock),
    isStopping: () => stopping.signal.aborted,
    sleep: (ms) => sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined),
    onDropped: (entry, code) =>
      log.warn({ ...placeOf(entry), code, problem: droppedWords(code) }, 'Slack refused a message for good'),
    onUnsure: (entry) => log.warn(placeOf(entry), 'Slack did not confirm a message'),
  };
  const worker = startWorker(settings, async (_name, data) => {
    await deliver(data.id, tools);
    // Whatever moved was told somewhere: Home tabs may show it.
    onDelivered();
  });
  return {
    ...worker,
    close: (patienceMs) => {
      stopping.abort();
      return worker.close(patienceMs);
    },
  };
}

/** Which message, and in which trace it was put: one delivery sends what many commands have caused. */
function placeOf({ key, channel, trace }: Entry): object {
  const put = readTraceParent(trace?.parent);
  return { key, channel, ...(put !== null && { trace_id: put.traceId, span_id: put.spanId }) };
}

/** How Slack reaches us; the settings have made sure that the secret of that way is there. */
function doorOf({ slack }: Config): SlackDoor {
  if (slack.mode === 'socket') return { mode: 'socket', appToken: slack.appToken?.reveal() ?? '' };
  return {
    mode: 'http',
    signingSecret: slack.signingSecret?.reveal() ?? '',
    host: '0.0.0.0',
    port: slack.port,
  };
}
