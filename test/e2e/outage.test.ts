import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemo, type Demo } from '../lab/demo.js';
import { freePort } from '../lab/redis-server.js';

const program = new URL('../../dist/src/aixops.js', import.meta.url).pathname;

let demo: Demo;
beforeAll(async () => {
  if (!existsSync(program)) throw new Error('build first: npm run build');
  demo = await startDemo({ port: await freePort(), program, say: () => undefined });
}, 60_000);
afterAll(async () => {
  await demo.stop();
});

interface Posted {
  readonly text: string;
  readonly thread_ts?: string;
  readonly subtype?: string;
}

async function post(path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${demo.url}/_control/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  expect(answer.ok).toBe(true);
}

const command = (text: string) =>
  post('command', { command: '/rmc-status', text, user: 'UALICE', channel: 'C0OPS' });
const fault = (order: object) => post('faults', order);
const clear = () => fetch(`${demo.url}/_control/faults`, { method: 'DELETE' });

async function cards(target: string): Promise<Posted[]> {
  const answer = await fetch(`${demo.url}/_control/messages/C0OPS`);
  const { messages } = (await answer.json()) as { messages: Posted[] };
  return messages.filter(
    (one) => one.thread_ts === undefined && one.subtype === undefined && one.text.includes(target),
  );
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 45_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

const healthy = async (target: string) => (await cards(target)).some((card) => card.text.includes('healthy'));

describe('when Slack has a bad night', () => {
  it('loses nothing and doubles nothing over errors and rate limits', async () => {
    await fault({ method: 'chat.postMessage', kind: '500', times: 2 });
    await command('lpar1');
    await until('the card arrives after the errors', () => healthy('lpar1'));
    await fault({ method: 'chat.postMessage', kind: '429', times: 1, retryAfter: 2 });
    await command('lpar7');
    await until('the card arrives after the rate limit', () => healthy('lpar7'));
    expect(await cards('lpar1')).toHaveLength(1);
    expect(await cards('lpar7')).toHaveLength(1);
  }, 100_000);

  it('holds messages while Slack is away, and sends them once when it is back', async () => {
    await fault({ method: '*', kind: 'refuse', times: 0 });
    await command('lpar2');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(await cards('lpar2')).toHaveLength(0);
    await clear();
    await until('the card arrives', async () =>
      (await cards('lpar2')).some((card) => card.text.includes('stopped')),
    );
    expect(await cards('lpar2')).toHaveLength(1);
  }, 100_000);

  it('comes back when its sockets were cut, and answers the next command', async () => {
    await fault({ kind: 'disconnect-sockets' });
    await until('the bot is connected again', async () => {
      const answer = await fetch(`${demo.url}/_control/envelopes`);
      return ((await answer.json()) as { connections: number }).connections > 0;
    });
    await command('lpar3');
    await until('the card arrives', async () =>
      (await cards('lpar3')).some((card) => card.text.includes('IBM.DRM')),
    );
  }, 100_000);

  it('says that a message may be a second copy, when Slack took it without answering', async () => {
    await fault({ method: 'chat.postMessage', kind: 'reply-lost', times: 1 });
    await command('lpar5');
    await until('the second copy says so', async () =>
      (await cards('lpar5')).some((card) => card.text.includes('Sent again')),
    );
    expect((await cards('lpar5')).length).toBeLessThanOrEqual(2);
  }, 100_000);
});
