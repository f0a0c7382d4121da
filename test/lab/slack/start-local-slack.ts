import { mkdir } from 'node:fs/promises';
import http from 'node:http';
import { delivery } from './delivery.js';
import { Drawable, type Suggest } from './drawable.js';
import { checkOptionList } from './element-limits.js';
import { Faults, type FaultOrder } from './faults.js';
import { objectsIn, type Json } from './json.js';
import { runLocalSlack } from './local-slack.js';
import { serveProxy, setFault, type ProxyTools } from './proxy.js';
import { Rates } from './rates.js';
import { ShownViews } from './shown-views.js';
import { SocketMode, type EnvelopeRecord } from './socket-mode.js';
import { Traffic, type TrafficRecord } from './traffic.js';
import { ResponseUrls, Triggers } from './triggers.js';
import type { Upstream } from './upstream.js';
import { Usergroups } from './usergroups.js';
import { demoWorkspace, type Workspace } from './workspace.js';

export interface LocalSlackOptions {
  /** 3400 unless said otherwise; 0 for any free one. */
  readonly port?: number;
  /** Where its configuration and uploaded files go. */
  readonly folder: string;
  readonly workspace?: Workspace;
  /** Block types let through although the page cannot draw them. */
  readonly acceptBlocks?: readonly string[];
  /** Whether Slack's rate limits hold; they do unless this is false. */
  readonly isRateLimited?: boolean;
  /** False to run without a network namespace of its own even where the system allows one. */
  readonly isIsolated?: boolean;
  readonly log?: (line: string) => void;
}

export interface LocalSlack {
  /** The page: `http://127.0.0.1:PORT` */
  readonly url: string;
  /** For Bolt's `clientOptions.slackApiUrl`. */
  readonly apiUrl: string;
  readonly port: number;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly ids: {
    readonly bot: string;
    /** By name: alice, bob, carol. */
    readonly users: Readonly<Record<string, string>>;
    /** By name: unix-oncall, unix-dev. */
    readonly channels: Readonly<Record<string, string>>;
  };
  /** Sets one fault, as `POST /_control/faults` does. */
  faults(order: FaultOrder): void;
  clearFaults(): void;
  /** Puts these people into a user group, as `POST /_control/usergroups` does. */
  usergroup(id: string, users: readonly string[]): void;
  /** What the bot called, oldest first. */
  traffic(method?: string): readonly TrafficRecord[];
  /** What was sent to the bot over Socket Mode, oldest first. */
  envelopes(): readonly EnvelopeRecord[];
  /** Socket Mode connections that the bot has at the moment. */
  connections(): number;
  /** Sends the bot any payload as it is; what it acknowledged with, or null for nothing (`envelopes` says whether). */
  deliver(type: 'slash_commands' | 'interactive' | 'events_api', payload: Json): Promise<Json | null>;
  stop(): Promise<void>;
}

/**
 * Starts the local Slack behind a proxy on 127.0.0.1 that behaves as Slack does where local-slack does not: tokens,
 * scopes, limits, rates, one connection per envelope, the three-second rule; and faults on request. Throws when the
 * port is taken or the local Slack does not start.
 */
export async function startLocalSlack(options: LocalSlackOptions): Promise<LocalSlack> {
  const workspace = options.workspace ?? demoWorkspace();
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  // The port is taken first, before anything is started that would have to be stopped again.
  const server = http.createServer(answerStarting);
  const port = await listen(server, options.port ?? 3_400);
  const local = await runLocalSlack({ ...options, workspace, outerPort: port }).catch(
    async (error: unknown) => {
      await close(server);
      throw error;
    },
  );
  options.log?.(local.note);
  const tools = assemble(options, workspace, local.upstream, port);
  server.off('request', answerStarting);
  serveProxy(server, tools);
  let isStopping = false;
  void local.ended.then((how) => {
    if (!isStopping) options.log?.(how);
  });
  const stop = async (): Promise<void> => {
    isStopping = true;
    tools.sockets.stop();
    await close(server);
    await local.stop();
  };
  return handle(workspace, tools, stop);
}

function assemble(
  options: LocalSlackOptions,
  workspace: Workspace,
  upstream: Upstream,
  port: number,
): ProxyTools {
  const shared = {
    workspace,
    upstream,
    port,
    socketBase: `ws://127.0.0.1:${port}`,
    usergroups: new Usergroups(workspace.usergroups),
    triggers: new Triggers(),
    responseUrls: new ResponseUrls(),
    drawable: new Drawable(),
    views: new ShownViews(),
    traffic: new Traffic(),
    faults: new Faults(),
    rates: options.isRateLimited === false ? null : new Rates(),
    accept: options.acceptBlocks ?? [],
    suggest: (view: Json): Suggest => suggestWith(sockets, workspace, view),
  };
  const { appId, appToken } = workspace.app;
  const sockets: SocketMode = new SocketMode({ upstream, appId, appToken, ...delivery(shared) });
  return { ...shared, sockets };
}

/** Asks the bot for options as Slack does while somebody types; none where it gives none or breaks the limits. */
function suggestWith(sockets: SocketMode, workspace: Workspace, view: Json): Suggest {
  return async ({ actionId, blockId, value }) => {
    const { app, teamId, domain, users } = workspace;
    const user = users[0];
    const answer = await sockets.ask('interactive', {
      type: 'block_suggestion',
      api_app_id: app.appId,
      token: 'verification-token',
      team: { id: teamId, domain },
      user: { id: user?.id ?? 'U0', name: user?.name ?? 'somebody', team_id: teamId },
      container: { type: 'view', view_id: 'V0NEW' },
      action_id: actionId,
      block_id: blockId,
      value,
      view,
    });
    const groups = objectsIn(answer?.option_groups).flatMap((group) => objectsIn(group.options));
    const options = groups.length > 0 ? groups : objectsIn(answer?.options);
    const problems: string[] = [];
    checkOptionList(options, 100, '/options', (message) => problems.push(message));
    return problems.length > 0 ? [] : options;
  };
}

function handle(workspace: Workspace, tools: ProxyTools, stop: () => Promise<void>): LocalSlack {
  const { app } = workspace;
  const url = `http://127.0.0.1:${tools.port}`;
  return {
    url,
    apiUrl: `${url}/api/`,
    port: tools.port,
    botToken: app.botToken,
    appToken: app.appToken,
    signingSecret: app.signingSecret,
    ids: {
      bot: app.botUserId,
      users: Object.fromEntries(workspace.users.map(({ name, id }) => [name, id])),
      channels: Object.fromEntries(workspace.channels.map(({ name, id }) => [name, id])),
    },
    faults: (order) => setFault(order, tools),
    clearFaults: () => tools.faults.clear(),
    usergroup: (id, users) => tools.usergroups.set(id, users),
    traffic: (method) => tools.traffic.list(method ?? null),
    envelopes: () => tools.sockets.records,
    connections: () => tools.sockets.connections,
    deliver: (type, payload) => tools.sockets.ask(type, payload),
    stop,
  };
}

/** Whoever comes before everything is up is told to come again. */
function answerStarting(_request: http.IncomingMessage, response: http.ServerResponse): void {
  response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': '1', connection: 'close' });
  response.end('starting\n');
}

function listen(server: http.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') {
        reject(error);
        return;
      }
      reject(
        new Error(
          `Port ${port} is taken by another program. Stop it, or choose another: aixops demo --port ${port + 1}.`,
        ),
      );
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function close(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
