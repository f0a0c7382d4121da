import { createHmac, randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { DoorView } from './options.js';

/** The endpoint that listens for Slack in HTTP mode. */
export interface RouteTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly signingSecret: string;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Marks the request as our own: whoever counts what Slack sends leaves it out. */
  readonly mark: string;
}

/** The header with the mark. */
export const markHeader = 'x-aixops-own';

const patienceMs = 1_800;

/**
 * Sends the endpoint a signed request of our own through its listening port, as Slack's "url_verification" has it, and
 * looks whether the challenge comes back: listening, signature, store and Bolt were then all passed.
 */
export async function tryRoute(target: RouteTarget): Promise<DoorView> {
  const { port, path } = target;
  const challenge = randomBytes(12).toString('hex');
  const where = `The endpoint for Slack on port ${port}`;
  let got: Got;
  try {
    got = await post(target, JSON.stringify({ type: 'url_verification', challenge }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return closed(
      `${where} does not answer (${why}): nothing that people type arrives. Restart this process.`,
    );
  }
  if (got.status === 200 && got.body.includes(challenge))
    return { kind: 'open', sentence: `${where} answers.` };
  if (got.status === 503) return { kind: 'unknown', sentence: `${where} answers, but cannot reach Redis.` };
  const meant = got.status === 401 ? ' Its signing secret is another one, or the clock moved.' : '';
  return closed(
    `${where} does not take a signed request of our own at ${path} (status ${got.status}).${meant} See which program listens there.`,
  );
}

function closed(sentence: string): DoorView {
  return { kind: 'closed', sentence };
}

interface Got {
  readonly status: number;
  readonly body: string;
}

function post({ host, port, path, signingSecret, clock, mark }: RouteTarget, body: string): Promise<Got> {
  const timestamp = String(Math.floor(clock() / 1_000));
  const signature = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  const options = {
    host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host,
    port,
    path,
    method: 'POST',
    // An agent of its own: Node's shared one may be told by the environment to use a proxy.
    agent: new Agent(),
    signal: AbortSignal.timeout(patienceMs),
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
      [markHeader]: mark,
      connection: 'close',
    },
  };
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text = (text + chunk).slice(0, 4_096)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on('error', reject);
    });
    sent.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.name === 'AbortError' ? new Error(`no answer within ${patienceMs / 1_000} s`) : error),
    );
    sent.end(body);
  });
}
