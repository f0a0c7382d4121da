import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LogLevel, WebClient } from '@slack/web-api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPoster } from '../../src/slack/poster.js';
import { requestCard } from '../../src/slack/views/request-card.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';
import { healthy, sweep } from './views/examples.js';

const channel = 'C0OPS';
const card = requestCard({ ...sweep, phase: 'done', verdicts: [...sweep.verdicts, healthy('lpar9')] });
const folders: string[] = [];
let old: LocalSlack;
let recent: LocalSlack;

beforeAll(async () => {
  old = await start([]);
  recent = await start(['data_table', 'plan']);
});
afterAll(async () => {
  await Promise.all([old.stop(), recent.stop()]);
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});
beforeEach(async () => {
  for (const { url } of [old, recent]) await fetch(`${url}/_control/traffic`, { method: 'DELETE' });
});

async function start(acceptBlocks: readonly string[]): Promise<LocalSlack> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'aixops-poster-test-'));
  folders.push(folder);
  return startLocalSlack({ folder, port: 0, isRateLimited: false, acceptBlocks });
}

function client({ apiUrl, botToken }: LocalSlack): WebClient {
  return new WebClient(botToken, {
    slackApiUrl: apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
  });
}

/** The kinds of blocks of each try, oldest first. */
function tries(slack: LocalSlack): string[][] {
  return slack
    .traffic('chat.postMessage')
    .map(({ args }) => JSON.stringify(args.blocks ?? []).replaceAll('\\"', '"'))
    .map((blocks) =>
      [...blocks.matchAll(/"type":"(?<type>[a-z_]+)"/g)].map((hit) => hit.groups?.['type'] ?? ''),
    );
}

describe('the dress of a message', () => {
  it('is the rich one where it is asked for and Slack takes it', async () => {
    const poster = createPoster(client(recent), 'rich');
    await poster.post(channel, null, card);
    const [only, ...more] = tries(recent);
    expect(only).toContain('data_table');
    expect(more).toEqual([]);
  });

  it('is the classic one where nothing else was asked for', async () => {
    await createPoster(client(recent)).post(channel, null, card);
    expect(tries(recent).flat()).not.toContain('data_table');
  });

  it('falls back where Slack refuses the rich one, and does not try it again', async () => {
    const poster = createPoster(client(old), 'rich');
    await poster.post(channel, null, card);
    await poster.post(channel, null, card);
    const [first, second, third, ...more] = tries(old);
    expect(first).toContain('data_table');
    for (const types of [second, third]) {
      expect(types).toContain('section');
      expect(types).not.toContain('data_table');
    }
    expect(more).toEqual([]);
  });
});
