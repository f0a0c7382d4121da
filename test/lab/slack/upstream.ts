import http, { type IncomingMessage } from 'node:http';
import { parseJson, textOf, type Json } from './json.js';
import { WebSocketEnd, type WebSocketEvents } from './websocket.js';

/** The local Slack behind the proxy, reached through a unix socket. */
export class Upstream {
  readonly #socketPath: string;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Sends a request on; the caller pipes or ends it. */
  request(options: { method: string; path: string; headers: http.OutgoingHttpHeaders }): http.ClientRequest {
    return http.request({ ...options, socketPath: this.#socketPath, agent: this.#agent });
  }

  /** Posts JSON and reads the JSON answer. Rejects when the local Slack is gone or answers something else. */
  async post(path: string, body: Json, token?: string): Promise<Json> {
    const headers: http.OutgoingHttpHeaders = { 'content-type': 'application/json; charset=utf-8' };
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    return this.#json('POST', path, headers, JSON.stringify(body));
  }

  /** Reads a JSON answer. Rejects as `post` does. */
  async get(path: string): Promise<Json> {
    return this.#json('GET', path, {}, null);
  }

  async #json(
    method: string,
    path: string,
    headers: http.OutgoingHttpHeaders,
    body: string | null,
  ): Promise<Json> {
    const answer = await this.#text(method, path, headers, body);
    const parsed = parseJson(answer);
    if (parsed === null)
      throw new Error(`the local Slack answered ${path} with ${JSON.stringify(answer.slice(0, 80))}`);
    return parsed;
  }

  #text(
    method: string,
    path: string,
    headers: http.OutgoingHttpHeaders,
    body: string | null,
  ): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = this.request({ method, path, headers });
      request.once('error', reject);
      request.once('response', (response) => {
        void bodyOf(response).then((bytes) => resolve(bytes.toString('utf8')), reject);
      });
      request.end(body ?? undefined);
    });
  }

  /** Opens the one Socket Mode connection that the proxy keeps for all of the bot's. */
  async openSocket(appToken: string, events: WebSocketEvents): Promise<WebSocketEnd> {
    const opened = await this.post('/api/apps.connections.open', {}, appToken);
    // The path alone: host and port are those that the outside sees.
    const path = /\/socket\/.*$/.exec(textOf(opened.url))?.[0];
    if (path === undefined) throw new Error(`apps.connections.open: ${JSON.stringify(opened)}`);
    return new Promise((resolve, reject) => {
      const request = this.upgrade(path, {
        'sec-websocket-key': Buffer.from('aixops local lab').toString('base64'),
        'sec-websocket-version': '13',
      });
      request.once('error', reject);
      request.once('response', (response) => {
        response.resume();
        reject(new Error(`the local Slack refused its websocket: ${String(response.statusCode)}`));
      });
      request.once('upgrade', (_response, socket, head) => {
        resolve(new WebSocketEnd(socket, 'client', head, events));
      });
      request.end();
    });
  }

  /** A request to change to the websocket protocol, on a connection of its own. */
  upgrade(path: string, headers: http.OutgoingHttpHeaders): http.ClientRequest {
    return http.request({
      method: 'GET',
      path,
      socketPath: this.#socketPath,
      agent: false,
      headers: { host: '127.0.0.1', ...headers, connection: 'Upgrade', upgrade: 'websocket' },
    });
  }
}

/** Everything a stream brings; rejects when it breaks off or is longer than `limit` bytes. */
export async function bodyOf(stream: IncomingMessage, limit = 32_000_000): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > limit) throw new Error(`more than ${limit} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
