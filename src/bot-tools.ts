/** What the bot may do for people, made of its desks: each asks the same policy, handed in once. */
import type { Logger } from 'pino';
import { commandVocabulary, type Settings } from './cli/context.js';
import type { Shared } from './compose.js';
import { Desk } from './desk/desk.js';
import { createPageStore } from './approval/page-store.js';
import { ChangesDesk } from './desk/changes-desk.js';
import { DigestDesk } from './desk/digest-desk.js';
import { HomeDesk } from './desk/home-desk.js';
import { EnrolDesk } from './desk/enrol.js';
import { keyPrefix } from './redis/connect.js';
import { createLooking } from './redis/looking.js';
import { RolloutDesk } from './desk/rollout.js';
import { TimeDesk } from './desk/time-desk.js';
import { createForesight, createPermission, type PermissionTools } from './desk/permission.js';
import { createReach } from './desk/reach.js';
import { asksForCodes } from './policy/approval-rules.js';
import type { SlackTools } from './slack/tools.js';

/** The desks of one bot process and what the entries from Slack use besides; `asking` tells who people are. */
export function botTools(
  settings: Settings,
  shared: Shared,
  asking: Pick<PermissionTools, 'groupsOf' | 'standingOf'>,
  log: Logger,
): SlackTools {
  const { config, inventory, policy } = settings;
  const { audit, observe } = shared;
  const mayI = createPermission({ policy, audit, observe, ...asking });
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
  return {
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
    reach: createReach(createForesight({ policy, ...asking }), vocabulary),
    once: (key, forMs) => shared.requests.once(key, forMs),
    keepSeen: (key) => shared.requests.keepSeen(key),
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
}
