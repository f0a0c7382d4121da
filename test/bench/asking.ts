/** The bot's part without Slack: puts requests as people's commands do, and takes what is posted off the outbox. */
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { deliver } from '../../jobs/deliver.js';
import { readSettings, type Settings } from '../../src/cli/context.js';
import { share, type Shared } from '../../src/compose.js';
import type { Request, Wish } from '../../src/core/request.js';
import { submitWish } from '../../src/desk/submitting.js';
import { startWorker } from '../../src/queue/queues.js';

export interface Asking {
  readonly shared: Shared;
  /** Asks and waits until the worker is through with it; throws where it failed. */
  ask(wish: Wish): Promise<Request>;
  close(): Promise<void>;
}

const channels = 20;
const lookEveryMs = 20;
const log = pino({ level: 'silent' });

/** Opens it on a folder of settings. Slack takes everything at once. */
export async function openAsking(folder: string): Promise<Asking> {
  const settings = readSettings(folder, false);
  if (!('config' in settings)) throw new Error(JSON.stringify(settings));
  const shared = await share(settings, log, 'bot');
  const slack = slackTakes(shared);
  let asked = 0;
  return {
    shared,
    ask: async (wish) => {
      asked += 1;
      const origin = { teamId: 'T1', channel: `C${asked % channels}`, user: 'U1', threadTs: null };
      const request = await submitWish(wish, '/bench', origin, asTools(settings, shared));
      return ended(request.id, shared);
    },
    close: async () => {
      await slack.close(5_000);
      await shared.close();
    },
  };
}

function asTools({ inventory, policy }: Settings, shared: Shared) {
  return { ...shared, inventory, policy, queue: shared.queues };
}

async function ended(id: string, { requests }: Shared): Promise<Request> {
  for (;;) {
    const request = await requests.get(id);
    if (request === null || request.phase === 'failed')
      throw new Error(`a request failed: ${request?.error?.message ?? 'it is gone'}`);
    if (request.phase === 'done') return request;
    await sleep(lookEveryMs);
  }
}

function slackTakes(shared: Shared) {
  const { outbox, queues: queue, clock, newId } = shared;
  let posted = 0;
  const nothing = (): Promise<void> => Promise.resolve();
  const tools = {
    ...{ outbox, queue, clock, newToken: newId, sleep: nothing, onDropped: nothing, onUnsure: nothing },
    poster: {
      post: (channel: string) => Promise.resolve({ ts: `1.${(posted += 1)}`, channel }),
      ...{ update: nothing, whisper: nothing, upload: nothing },
    },
  };
  return startWorker(
    {
      ...{ connection: shared.workerLink(), queue: 'outbox', concurrency: channels, clock, again: queue },
      ...{ knows: (name) => name === 'deliver', onLeft: () => undefined, onGivenUp: nothing },
      onFailed: (_queue, _name, _id, error) => {
        throw error;
      },
      onError: () => undefined,
    },
    (_name, { id }) => deliver(id, tools),
  );
}
