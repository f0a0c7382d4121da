import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryRoute, type RouteTarget } from '../../src/slack/route-check.js';
import { isOnPage } from './page.js';
import { openHealthBench, ready, shows, signingSecret, type HealthBench } from './health-bench.js';

let bench: HealthBench;
beforeAll(async () => {
  bench = await openHealthBench('http');
}, 90_000);
afterAll(async () => {
  await bench.stop();
});

/** A request as Slack signs it. */
function fromSlack(port: number): Promise<Response> {
  const body = 'ssl_check=1&token=x';
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  return fetch(`http://127.0.0.1:${port}/slack/events`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
  });
}

describe('a bot in http mode', { timeout: 60_000 }, () => {
  it('is ready when its endpoint takes a signed request, and tells when Slack sent one', async () => {
    await shows(bench, ready);
    expect(await bench.sentenceOf('slack-route')).toMatch(
      /^The endpoint for Slack on port \d+ answers\. No request of Slack has come since the start\.$/,
    );
    expect((await fromSlack(bench.slackPort)).status).toBe(200);
    await expect
      .poll(() => bench.sentenceOf('slack-route'), { timeout: 20_000 })
      .toMatch(/Slack's last request came at 20\d\d-/);
  });

  it('is not ready when the endpoint is gone, and not alive when only a restart brings back what was lost', async () => {
    await bench.bot.stop();
    await expect
      .poll(() => bench.sentenceOf('slack-route'), { timeout: 20_000 })
      .toMatch(
        /^The endpoint for Slack on port \d+ does not answer \(.*ECONNREFUSED.*\): nothing that people type arrives\. Restart this process\.$/,
      );
    await shows(bench, { status: 503, notOk: { 'slack-route': 'failing', outbox: 'failing' } });
    for (const check of ['slack-route', 'outbox'])
      expect(isOnPage(check, 'failing', await bench.sentenceOf(check)), check).toBe(true);
    const live = await fetch(`${bench.health.url ?? ''}/livez`);
    expect(live.status).toBe(503);
    expect(await live.text()).toBe('not alive: No messages are sent to Slack any more.\n');
  });
});

describe('the request that an endpoint sends to itself', () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.closeAllConnections();
    for (const server of servers) server.close();
  });

  async function target(answer: (server: Server) => void): Promise<RouteTarget> {
    const server = createServer();
    servers.push(server);
    answer(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { host: '0.0.0.0', port, path: '/slack/events', signingSecret, clock: Date.now, mark: 'm' };
  }

  it('is not satisfied by another program that answers on the port', async () => {
    const page = await target((server) => server.on('request', (_, response) => response.end('It works!')));
    expect(await tryRoute(page)).toEqual({
      kind: 'closed',
      sentence: expect.stringContaining(
        'does not take a signed request of our own at /slack/events (status 200).',
      ) as string,
    });
    const strict = await target((server) =>
      server.on('request', (_, response) => response.writeHead(401).end()),
    );
    expect((await tryRoute(strict)).sentence).toContain(
      'Its signing secret is another one, or the clock moved.',
    );
  });

  it('does not wait for one that hangs', async () => {
    const mute = await target((server) => server.on('request', () => undefined));
    expect((await tryRoute(mute)).sentence).toContain('does not answer (no answer within 1.8 s)');
  });

  it('takes an endpoint whose store is away for one that cannot be told', async () => {
    const away = await target((server) =>
      server.on('request', (_, response) => response.writeHead(503).end()),
    );
    expect(await tryRoute(away)).toMatchObject({ kind: 'unknown' });
  });
});
