import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { UsageError } from '../core/errors.js';

/** What is answered to one request. */
export interface Answer {
  readonly status: number;
  /** The media type. */
  readonly type: string;
  readonly body: string;
}

/** Answers one path; `accept` is that header, empty where there is none. */
export type Route = (accept: string) => Answer | Promise<Answer>;

export interface DoorOptions {
  readonly host: string;
  readonly port: number;
  /** By path; each is also listed at `/`. */
  readonly routes: Readonly<Record<string, Route>>;
  readonly onFault: (path: string, error: unknown) => void;
}

export interface Door {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  close(): Promise<void>;
}

/** No answer of ours takes so long: whoever asks has gone meanwhile. */
const limitMs = 10_000;

/**
 * Opens the port on which a process tells how it is, to whoever asks: GET and HEAD only, nothing secret, small limits.
 * Throws a UsageError where the port or the address cannot be had.
 */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const server = createServer({ maxHeaderSize: 8_192 }, (request, response) => {
    void answer(request, response, options);
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 5_000;
  server.keepAliveTimeout = 5_000;
  server.maxConnections = 100;
  // A client that goes away or talks nonsense is none of our errors.
  server.on('clientError', (_error, socket) => socket.destroy());
  const port = await listen(server, options);
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port }: DoorOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(inWords(error, host, port)));
    server.listen(port, host, () => {
      const address = server.address();
      // The port stays open whatever a single connection does.
      server.on('error', () => undefined);
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function inWords(error: NodeJS.ErrnoException, host: string, port: number): UsageError {
  const elsewhere =
    'set another one by --health-port, AIXOPS_HEALTH_PORT or health.port in aixops.yaml. Nothing was started.';
  if (error.code === 'EADDRINUSE')
    return new UsageError(`Port ${port} for health is taken by another program. Stop it, or ${elsewhere}`);
  if (error.code === 'EACCES')
    return new UsageError(`Port ${port} for health may not be opened by this user: ${elsewhere}`);
  const why = `The address ${host} for health cannot be listened on (${error.code ?? error.message}).`;
  return new UsageError(
    `${why} Set health.host or AIXOPS_HEALTH_HOST to one of this machine. Nothing was started.`,
  );
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: DoorOptions,
): Promise<void> {
  const { method = '', url = '/', headers } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    // Whatever body comes with it is not read.
    response.setHeader('connection', 'close');
    response.setHeader('allow', 'GET, HEAD');
    send(response, text(405, 'Only GET and HEAD are answered here.'), false);
    return;
  }
  const path = url.split('?', 1)[0] ?? '/';
  const given = await routed(path, headers.accept ?? '', options);
  send(response, given, method === 'HEAD');
}

async function routed(path: string, accept: string, { routes, onFault }: DoorOptions): Promise<Answer> {
  const paths = Object.keys(routes);
  if (path === '/') return text(200, paths.join('\n'));
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return text(404, `There is nothing here. There is: ${paths.join(', ')}`);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve(text(503, `There was no answer within ${limitMs / 1000} s.`)), limitMs);
  });
  try {
    return await Promise.race([late, Promise.resolve(accept).then(route)]);
  } catch (error) {
    onFault(path, error);
    return text(500, 'The answer could not be made. The log says why.');
  } finally {
    clearTimeout(timer);
  }
}

function text(status: number, words: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${words}\n` };
}

function send(response: ServerResponse, { status, type, body }: Answer, isHead: boolean): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(isHead ? undefined : body);
}
