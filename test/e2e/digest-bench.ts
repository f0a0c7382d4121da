/** A bot on the local Slack and a real Redis, with digests made from values: no node is read. */
import { recordingTools } from '../slack/recording-tools.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { deliver } from '../../jobs/deliver.js';
import { recheckCertificates } from '../../jobs/recheck-certificates.js';
import { postEdition } from '../../jobs/show-digest.js';
import { createChangeStore } from '../../src/approval/store.js';
import { createAudit, type Audit } from '../../src/audit/audit.js';
import type { NodeCertificates } from '../../src/core/certificate.js';
import { Desk } from '../../src/desk/desk.js';
import { mayIBy, noCodes } from '../desk/as.js';
import { DigestDesk } from '../../src/desk/digest-desk.js';
import type { BuiltEdition } from '../../src/digest/build.js';
import { unobserved } from '../../src/core/observe.js';
import { createDigestStore, type DigestStore } from '../../src/digest/store.js';
import { createOutbox } from '../../src/outbox/outbox.js';
import { drawYear } from '../../src/picture/year.js';
import { openPolicy } from '../policy/open-policy.js';
import type { JobData } from '../../src/queue/queues.js';
import { connectRedis, keyPrefix, readyRedis } from '../../src/redis/connect.js';
import { createRequestStore } from '../../src/requests/store.js';
import { createSlackApp } from '../../src/slack/app.js';
import { createPoster } from '../../src/slack/poster.js';
import { smallEstate } from '../commands/small-estate.js';
import { log } from '../jobs/workbench.js';
import { startRedis } from '../lab/redis-server.js';
import { startLocalSlack } from '../lab/slack/start-local-slack.js';

export interface DigestBench {
  readonly url: string;
  readonly digest: DigestStore;
  readonly audit: Audit;
  readonly redis: Redis;
  /** Jobs that were queued, by name. */
  readonly queued: { readonly name: string; readonly data: JobData }[];
  /** Keeps an edition as its day's and posts it. */
  post(built: BuiltEdition): Promise<void>;
  /** Sends what waits for Slack. */
  deliver(): Promise<void>;
  /** Does the queued rechecks, finding this on the nodes. */
  recheck(readings: readonly NodeCertificates[]): Promise<void>;
  stop(): Promise<void>;
}

export async function openDigestBench(clock: () => number): Promise<DigestBench> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-digest-e2e-'));
  const server = await startRedis({ folder: join(folder, 'redis') });
  const redis = connectRedis(server.url, () => undefined);
  await readyRedis(redis, server.url, 5_000);
  const slack = await startLocalSlack({ port: 0, folder: join(folder, 'slack'), isRateLimited: false });
  const queued: DigestBench['queued'] = [];
  const queue = {
    add: (_queue: string, name: string, data: JobData) => {
      queued.push({ name, data });
      return Promise.resolve();
    },
  };
  const { inventory } = smallEstate();
  const outbox = createOutbox(redis, keyPrefix, () => Promise.resolve());
  const audit = createAudit(redis, keyPrefix, clock);
  const digest = createDigestStore(redis, keyPrefix);
  const requests = createRequestStore(redis, keyPrefix);
  const newId = (): string => Math.random().toString(36).slice(2, 12);
  const bus = { publish: () => Promise.resolve() };
  const shared = { inventory, outbox, audit, bus, queue, clock, newId, log, requests };
  const changes = createChangeStore(redis, keyPrefix);
  const desk = new Desk({
    timeGate: () => Promise.resolve({ kind: 'open', glass: null }),
    ...shared,
    mayI: mayIBy(openPolicy, audit),
    policy: openPolicy,
    changes,
    stepUp: noCodes,
    approversHint: '',
  });
  const app = createSlackApp({
    door: { mode: 'socket', appToken: slack.appToken, connections: 1 },
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    tools: {
      // What this bench does not try.
      ...recordingTools().tools,
      desk,
      digest: new DigestDesk({ ...shared, desk, digest }),
      vocabulary: smallEstate,
      reach: () => Promise.resolve({ isOpen: true, offers: () => true }),
      once: (key) => requests.once(key),
      forget: (key) => requests.forget(key),
      tell: async ({ channel, user, threadTs, message }) => {
        const thread = threadTs === null ? null : { ts: threadTs };
        await outbox.put(
          { key: `whisper:${newId()}`, channel, thread, priority: 'approval', user },
          { kind: 'whisper', message },
        );
      },
    },
    log,
    clock,
  });
  await app.start();
  const delivering = {
    outbox,
    poster: createPoster(app.client),
    queue,
    clock,
    newToken: newId,
    sleep: () => Promise.resolve(),
    onDropped: ({ key }: { key: string }, code: string) => {
      throw new Error(`${key} was refused: ${code}`);
    },
    onUnsure: () => undefined,
  };
  const send = async (): Promise<void> => {
    for (const channel of await outbox.waiting()) await deliver(channel, delivering);
  };
  return {
    url: slack.url,
    ...{ digest, audit, redis, queued },
    post: async ({ edition, memory }) => {
      await digest.keepDaily(edition, memory);
      await postEdition(edition, drawYear, { digest, outbox });
      await digest.markPosted(edition);
      await send();
    },
    deliver: send,
    recheck: async (readings) => {
      const lines = queued.filter(({ name }) => name === 'recheck-certificates');
      const readNodes = () => Promise.resolve(readings);
      const reading = { digestChannels: [], chooseNodes: () => [], readNodes, drawYear };
      const tools = { ...shared, ...reading, digest, observe: unobserved };
      for (const { data } of lines) await recheckCertificates(data.id, tools, new AbortController().signal);
      await send();
    },
    stop: async () => {
      await app.stop();
      await slack.stop();
      redis.disconnect();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
