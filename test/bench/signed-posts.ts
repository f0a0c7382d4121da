/** What Slack posts to a bot in HTTP mode. */
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { eventsPath } from '../../src/slack/manifest.js';

/** What the bot answered: `ok` for the plain acknowledgement that a request was taken. */
export type Answer = 'ok' | 'lost' | { readonly wrong: string };

/** Slack gives up after this. */
export const patienceMs = 3_000;

export interface SignedTo {
  readonly port: number;
  readonly secret: string;
}

/** Posts signed bodies over kept connections. */
export function openPoster(to: SignedTo): {
  post(body: string): Promise<Answer>;
  close(): void;
} {
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  return {
    post: (body) => posted(body, { ...to, agent }).catch(() => 'lost' as const),
    close: () => agent.destroy(),
  };
}

function posted(body: string, { agent, port, secret }: SignedTo & { agent: Agent }): Promise<Answer> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${signature}`,
  };
  const options = { ...{ host: '127.0.0.1', port, path: eventsPath, method: 'POST' }, agent, headers };
  return new Promise((resolve, reject) => {
    const call = request({ ...options, timeout: patienceMs }, (response) => {
      let said = '';
      response.setEncoding('utf8').on('data', (part: string) => (said += part));
      response.once('end', () => {
        const isOk = response.statusCode === 200 && said === '';
        resolve(isOk ? 'ok' : { wrong: `${response.statusCode ?? 0} ${said.slice(0, 300)}` });
      });
    });
    call.once('timeout', () => call.destroy(new Error('no answer')));
    call.once('error', reject);
    call.end(body);
  });
}
