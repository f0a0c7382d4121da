import type { Logger } from 'pino';
import { commandVocabulary } from './cli/context.js';
import { deliver, type DeliverTools } from '../jobs/deliver.js';
import type { Settings } from './cli/context.js';
import type { Shared } from './compose.js';
import type { Config } from './config.js';
import { Desk } from './desk/desk.js';
import { createPageStore } from './approval/page-store.js';
import { ChangesDesk } from './desk/changes-desk.js';
import { DigestDesk } from './desk/digest-desk.js';
import { createLooking, HomeDesk } from './desk/home-desk.js';
import { EnrolDesk } from './desk/enrol.js';
import { keyPrefix } from './redis/connect.js';
import { RolloutDesk } from './desk/rollout.js';
import { TimeDesk } from './desk/time-desk.js';
import { createForesight, createPermission } from './desk/permission.js';
import { createReach } from './desk/reach.js';
import type { Poster } from './core/poster.js';
import { asksForCodes } from './policy/approval-rules.js';
import { accountsOf, usergroupsOf } from './policy/people.js';
import { startWorker, type RunningWorker } from './queue/queues.js';
import { createSlackApp } from './slack/app.js';
import { droppedWords } from './slack/dropped.js';
import { createPoster } from './slack/poster.js';
import type { SlackDoor } from './slack/options.js';
import { createStandings, memberAsker } from './slack/members.js';
import type { SlackTools } from './slack/tools.js';
import { createMemberships, usergroupLister } from './slack/usergroups.js';

export interface BotProcess {
  /** Takes nothing new from Slack, lets what is under way be acknowledged, and stops sending. */
  stop(): Promise<void>;
}

/** Starts listening to Slack and sending what waits for it. It never talks to nodes or HMCs. */
export async function startBot(settings: Settings, shared: Shared, log: Logger): Promise<BotProcess> {
  const { config, inventory, policy } = settings;
  const { apiUrl, botToken } = config.slack;
  const ofSlack = usergroupLister(apiUrl, botToken?.reveal() ?? '');
  const list = async (group: string): Promise<readonly string[]> => {
    const users = await ofSlack(group);
    // Workers remind these people; whoever waits for the answer does not wait for that.
    shared.usergroups.keep(group, users).catch((err: unknown) => log.warn({ err }, 'members were not kept'));
    return users;
  };
  const memberships = createMemberships({ list, clock: shared.clock, log });
  const groupsOf = (user: string) => memberships(accountsOf(policy, user), usergroupsOf(policy));
  const ask = memberAsker(apiUrl, botToken?.reveal() ?? '');
  const standingOf = createStandings({ ask, clock: shared.clock, log });
  const mayI = createPermission({ policy, audit: shared.audit, groupsOf, standingOf });
  const desk = new Desk({ ...shared, mayI, queue: shared.queues, inventory, policy, log });
  const pages = createPageStore(shared.redis, keyPrefix);
  const freeze = () => shared.calm.freeze();
  const changes = new ChangesDesk({ ...shared, mayI, policy, inventory, pages, freeze });
  const home = new HomeDesk({
    ...{ ...shared, mayI, policy, inventory, freeze, desk: changes },
    digestChannels: config.digest.channels,
    looking: createLooking(shared.redis, keyPrefix),
  });
  const digest = new DigestDesk({ ...shared, desk, queue: shared.queues, inventory });
  const enrol = new EnrolDesk({ ...shared, mayI, policy, inventory });
  const vocabulary = commandVocabulary(inventory);
  const tools: SlackTools = {
    desk,
    digest,
    enrol,
    changes,
    home,
    time: new TimeDesk({
      ...{ ...shared, mayI, queue: shared.queues, inventory, policy },
      digestChannels: config.digest.channels,
      stepUp: asksForCodes(policy) ? shared.stepUp : null,
    }),
    rollout: new RolloutDesk({ ...shared, desk, mayI, queue: shared.queues, inventory, policy }),
    vocabulary: () => vocabulary,
    reach: createReach(createForesight({ policy, groupsOf, standingOf }), vocabulary),
    once: (key) => shared.requests.once(key),
    forget: (key) => shared.requests.forget(key),
    tell: async ({ channel, user, threadTs, message }) => {
      const thread = threadTs === null ? null : { ts: threadTs };
      const letter = {
        key: `whisper:${shared.newId()}`,
        channel,
        thread,
        priority: 'approval' as const,
        user,
      };
      await shared.outbox.put(letter, { kind: 'whisper', message });
    },
  };
  const app = createSlackApp({
    door: doorOf(config),
    botToken: botToken?.reveal() ?? '',
    apiUrl,
    tools,
    log,
    clock: shared.clock,
  });
  const poster = createPoster(app.client, config.slack.blocks);
  const delivering = deliverFromQueue(poster, config, shared, log, () => app.touchHomes());
  const stop = async (): Promise<void> => {
    await app.stop();
    await delivering.close();
  };
  try {
    await app.start();
    for (const group of usergroupsOf(policy)) list(group).catch(() => undefined);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

/** Takes the jobs that say which channel has something waiting, and sends it. */
function deliverFromQueue(
  poster: Poster,
  config: Config,
  shared: Shared,
  log: Logger,
  onDelivered: () => void,
): RunningWorker {
  const { outbox, queues: queue, clock, newId: newToken } = shared;
  const settings = {
    url: config.redis.url.reveal(),
    queue: 'outbox' as const,
    concurrency: 50,
    clock,
    onFailed: (name: string, job: string, id: string, err: Error) =>
      log.error({ queue: name, job, id, err }, 'a job failed'),
    onError: (err: Error) => log.warn({ err }, 'the outbox lost Redis'),
  };
  const tools: DeliverTools = {
    outbox,
    poster,
    queue,
    clock,
    newToken,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    onDropped: ({ key, channel }, code) => log.error({ key, channel, code }, droppedWords(code)),
    onUnsure: ({ key, channel }) => log.warn({ key, channel }, 'Slack did not confirm a message'),
  };
  return startWorker(settings, async (_name, data) => {
    await deliver(data.id, tools);
    // Whatever moved was told somewhere: Home tabs may show it.
    onDelivered();
  });
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
