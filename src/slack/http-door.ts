import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { sentences } from './sentences.js';
import { signatureProblem } from './signature.js';
import type { SlackLog } from './tools.js';

export interface HttpDoorOptions {
  readonly signingSecret: string;
  /** Where Slack posts everything; other paths are not found. */
  readonly path: string;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** True the first time a key is seen. */
  readonly once: (key: string) => Promise<boolean>;
  readonly log: SlackLog;
  /** Takes the verified request; its body stands in `rawBody`, because it can be read only once. */
  readonly pass: (request: IncomingMessage & { rawBody: Buffer }, response: ServerResponse) => void;
}

/** Slack's largest payloads are views of 250 KB and their state. */
const mostBytes = 1024 * 1024;

/**
 * The door for Slack in HTTP mode: lets in what Slack signed within five minutes, once. Bolt checks the signature
 * again behind it, but takes times from the future and the same request twice. Throws for an empty signing secret.
 */
export function httpDoor(options: HttpDoorOptions): Server {
  if (options.signingSecret === '')
    throw new TypeError('SLACK_SIGNING_SECRET is empty: everybody could sign requests');
  const server = createServer((request, response) => {
    void enter(request, response, options).catch((error: unknown) => {
      options.log.warn({ err: error }, 'a request to the Slack endpoint failed');
      if (!response.headersSent) end(response, 500);
    });
  });
  // What stands before us keeps connections for 60 s (nginx, `keepalive_timeout` in an upstream; the load balancers of
  // AWS). Where this side closes first, a request on its way there gets no answer, and Slack sends a command only once.
  server.keepAliveTimeout = 75_000;
  // Slack waits three seconds; nobody else has business here.
  server.requestTimeout = 10_000;
  server.headersTimeout = 10_000;
  return server;
}

async function enter(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpDoorOptions,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0];
  if (path !== options.path) {
    end(response, 404);
    return;
  }
  if (request.method !== 'POST') {
    end(response, 405);
    return;
  }
  const body = await bodyOf(request);
  if (body === null) {
    end(response, 413);
    return;
  }
  const { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature } = request.headers;
  const signed = { timestamp: single(timestamp), signature: single(signature), body };
  const problem = signatureProblem(options.signingSecret, signed, options.clock());
  if (problem !== null) {
    options.log.warn({ problem }, 'a request that Slack did not sign was refused');
    end(response, 401);
    return;
  }
  if (!isReadable(request.headers['content-type'], body)) {
    options.log.warn({}, 'a signed request made no sense and was refused');
    end(response, 400);
    return;
  }
  // Only behind the signature, so that nobody else can fill the store.
  const fresh = await options.once(`signature:${signed.signature ?? ''}`).catch(() => null);
  if (fresh === null) {
    storeAway(body, response);
    return;
  }
  if (!fresh) {
    options.log.warn({}, 'a request from Slack came a second time and was refused');
    end(response, 401);
    return;
  }
  options.pass(Object.assign(request, { rawBody: body }), response);
}

/** Whether Bolt can make something of it: of a body that is no object it makes a fault that nobody catches. */
function isReadable(type: string | undefined, body: Buffer): boolean {
  const text = body.toString('utf8');
  if (type !== 'application/x-www-form-urlencoded') return isObject(text);
  const fields = new URLSearchParams(text);
  const payloads = fields.getAll('payload');
  const [payload] = payloads;
  if (payload === undefined) return fields.getAll('command').length === 1 || fields.has('ssl_check');
  return payloads.length === 1 && isObject(payload);
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Nothing can be queued without the store. A slash command shows words; Slack sends events again later. */
function storeAway(body: Buffer, response: ServerResponse): void {
  const isCommand = new URLSearchParams(body.toString('utf8')).has('command');
  if (!isCommand) {
    end(response, 503);
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ response_type: 'ephemeral', text: sentences.notQueued }));
}

/** The whole body; null when it is larger than anything Slack sends. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? undefined : header;
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close' });
  response.end();
}
