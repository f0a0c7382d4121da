import type http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { withIds } from './drawable.js';
import { faultSchema, type FaultOrder, type Faults } from './faults.js';
import { parseJson, textOf, type Json } from './json.js';
import { messageRefusal } from './message-limits.js';
import { mendPage } from './page.js';
import type { SocketMode } from './socket-mode.js';
import type { ResponseUrls } from './triggers.js';
import { bodyOf } from './upstream.js';
import { answerWebApi, type WebApiTools } from './web-api.js';

export interface ProxyTools extends WebApiTools {
  readonly port: number;
  readonly responseUrls: ResponseUrls;
}

/** Sets a fault; those about connections happen at once. Throws ZodError for one that makes no sense. */
export function setFault(order: FaultOrder, tools: { faults: Faults; sockets: SocketMode }): void {
  const fault = faultSchema.parse(order);
  if (fault.kind === 'disconnect-sockets') tools.sockets.disconnectAll('drop');
  else if (fault.kind === 'refresh-sockets') tools.sockets.disconnectAll('refresh');
  else tools.faults.add(fault);
}

/** Serves everything of the local Slack on a server that already listens. */
export function serveProxy(server: http.Server, tools: ProxyTools): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const url = withoutInner(request.url);
    if (url !== request.url && url.startsWith('/archives/')) {
      // The page reads the address that the browser shows.
      response.writeHead(302, { location: url }).end();
      return;
    }
    request.url = url;
    route(request, response, tools).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' });
      response.end(`The local Slack could not be asked: ${String(error)}\n`);
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    request.url = withoutInner(request.url);
    socket.on('error', () => socket.destroy());
    if (!isForUs(request, tools.port)) socket.destroy();
    else if (request.url.startsWith('/socket/')) void tools.sockets.accept(request, socket, head);
    else passUpgrade(request, socket, head, tools);
  });
}

/** Takes off what local-slack puts into addresses when it has no namespace of its own (see local-slack.ts). */
function withoutInner(url = '/'): string {
  return url.replace(/^\/_inner:\d+/, '') || '/';
}

/** Web pages from elsewhere must not command the demo: the host must be ours, and so must a page that asks. */
function isForUs(request: IncomingMessage, port: number): boolean {
  const ours = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
  const { host = '', origin } = request.headers;
  return ours.includes(host) && (origin === undefined || ours.includes(origin.replace(/^https?:\/\//, '')));
}

async function route(request: IncomingMessage, response: ServerResponse, tools: ProxyTools): Promise<void> {
  if (!isForUs(request, tools.port)) {
    sendJson(response, 403, { ok: false, error: 'wrong_host' });
    return;
  }
  const { pathname } = new URL(request.url ?? '/', 'http://local');
  const method = /^\/api\/(?<method>[\w.]+)$/.exec(pathname)?.groups?.method;
  if (method !== undefined) return answerWebApi(method, request, response, tools);
  const responseId = /^\/_hooks\/response\/(?<id>[\w-]+)$/.exec(pathname)?.groups?.id;
  if (responseId !== undefined) return answerResponseUrl(responseId, request, response, tools);
  const isOurs = await control(pathname, request, response, tools);
  if (!isOurs) pass(request, response, tools);
}

/** The control calls that are ours; false for those of the local Slack. */
async function control(
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
  tools: ProxyTools,
): Promise<boolean> {
  const call = `${request.method ?? ''} ${pathname}`;
  const reader = /^GET \/_control\/home\/(?<user>\w+)$/.exec(call)?.groups?.user;
  if (reader !== undefined) {
    sendJson(response, 200, { ok: true, view: tools.views.home(reader) });
    return true;
  }
  switch (call) {
    case 'GET /_control/faults':
      break;
    case 'POST /_control/faults': {
      const order = faultSchema.safeParse(parseJson((await bodyOf(request)).toString('utf8')));
      if (!order.success) {
        sendJson(response, 400, { ok: false, error: order.error.issues.map(({ message }) => message) });
        return true;
      }
      setFault(order.data, tools);
      break;
    }
    case 'DELETE /_control/faults':
      tools.faults.clear();
      break;
    case 'GET /_control/traffic': {
      const wanted = new URL(request.url ?? '/', 'http://local').searchParams.get('method');
      sendJson(response, 200, { ok: true, traffic: tools.traffic.list(wanted) });
      return true;
    }
    case 'DELETE /_control/traffic':
      tools.traffic.clear();
      tools.sockets.forget();
      break;
    case 'GET /_control/envelopes':
      sendJson(response, 200, {
        ok: true,
        connections: tools.sockets.connections,
        envelopes: tools.sockets.records,
      });
      return true;
    case 'GET /_control/usergroups':
      sendJson(response, 200, { ok: true, usergroups: tools.usergroups.list() });
      return true;
    case 'POST /_control/usergroups': {
      const isTaken = tools.usergroups.take(parseJson((await bodyOf(request)).toString('utf8')));
      sendJson(response, isTaken ? 200 : 400, { ok: isTaken, usergroups: tools.usergroups.list() });
      return true;
    }
    case 'POST /_control/suggest': {
      const { action_id, block_id, value } = parseJson((await bodyOf(request)).toString('utf8')) ?? {};
      const question = { actionId: textOf(action_id), blockId: textOf(block_id), value: textOf(value) };
      sendJson(response, 200, { ok: true, options: await tools.suggest({})(question) });
      return true;
    }
    default:
      return false;
  }
  sendJson(response, 200, { ok: true, faults: tools.faults.list() });
  return true;
}

/** A `response_url`: counted, checked, recorded, and subject to faults under the method name `response_url`. */
async function answerResponseUrl(
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
  tools: ProxyTools,
): Promise<void> {
  const body = parseJson((await bodyOf(request)).toString('utf8')) ?? {};
  const record = tools.traffic.begin('response_url', body);
  const fault = tools.faults.take('response_url');
  const isDelete = body.delete_original === true;
  const refusal =
    tools.responseUrls.use(id, Date.now()) ?? (isDelete ? null : messageRefusal(body, tools.accept));
  const isGone = fault?.kind === 'refuse' || fault?.kind === 'timeout';
  const isBroken = fault?.kind === '500' || fault?.kind === '429';
  if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.ms));
  if (refusal === null && !isGone && !isBroken) await respond(id, body, tools);
  const status = isBroken ? Number(fault.kind) : refusal === null ? 200 : 404;
  tools.traffic.end(
    record,
    isGone ? null : status,
    refusal === null ? { ok: true } : { ok: false, ...refusal },
    fault,
  );
  if (isGone || fault?.kind === 'reply-lost') {
    request.socket.destroy();
    return;
  }
  if (refusal === null)
    response.writeHead(status, { 'content-type': 'text/plain' }).end(isBroken ? 'error' : 'ok');
  else sendJson(response, status, { ok: false, error: refusal.error });
}

async function respond(id: string, body: Json, tools: ProxyTools): Promise<void> {
  const text = JSON.stringify({ ...body, blocks: withIds(body.blocks) });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  await new Promise<void>((resolve, reject) => {
    const inner = tools.upstream.request({ method: 'POST', path: `/_hooks/response/${id}`, headers });
    inner.once('error', reject);
    inner.once('response', (answer) => {
      answer.resume();
      answer.once('end', resolve);
    });
    inner.end(text);
  });
}

/** Everything else goes to the local Slack as it is; its page is mended on the way back. */
function pass(request: IncomingMessage, response: ServerResponse, tools: ProxyTools): void {
  const headers = { ...request.headers };
  // The page must arrive readable.
  delete headers['accept-encoding'];
  const inner = tools.upstream.request({
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers,
  });
  inner.once('error', () => response.destroy());
  response.once('close', () => inner.destroy());
  inner.once('response', (answer) => {
    const isPage = (answer.headers['content-type'] ?? '').includes('text/html') && request.method === 'GET';
    if (!isPage || (request.url ?? '').startsWith('/files')) {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      return;
    }
    void bodyOf(answer).then(
      (bytes) => {
        const page = Buffer.from(mendPage(bytes.toString('utf8')), 'utf8');
        const head = { ...answer.headers, 'content-length': String(page.length) };
        response.writeHead(answer.statusCode ?? 502, head).end(page);
      },
      () => response.destroy(),
    );
  });
  request.pipe(inner);
}

/** The page's own websocket: handshake and frames pass unread. */
function passUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, tools: ProxyTools): void {
  const headers = { ...request.headers };
  // Its origin was checked; the local Slack would not know it.
  delete headers.origin;
  delete headers['sec-websocket-extensions'];
  const inner = tools.upstream.upgrade(request.url ?? '/', headers);
  inner.once('error', () => socket.destroy());
  inner.once('response', (answer) => {
    answer.resume();
    socket.end(`HTTP/1.1 ${String(answer.statusCode)} Refused\r\nConnection: close\r\n\r\n`);
  });
  inner.once('upgrade', (answer, far: Socket, farHead: Buffer) => {
    const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
    socket.write(farHead);
    far.write(head);
    for (const [from, to] of [
      [socket, far],
      [far, socket],
    ] as const) {
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  inner.end();
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
