/** The only importer of Bolt: takes what arrives from Slack, hands it to the entries, and acknowledges. */
import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import {
  App,
  HTTPReceiver,
  SocketModeReceiver,
  type Logger,
  type Receiver,
  type ReceiverEvent,
  type ViewSubmitAction,
} from '@slack/bolt';
import { WebClient, type WebClientOptions } from '@slack/web-api';
import { unobserved, type Observe } from '../core/observe.js';
import { untraced } from '../core/tracing.js';
import { createEntries, type Acknowledged, type Entries } from './entries.js';
import { HomeWatch } from './home-watch.js';
import { httpDoor } from './http-door.js';
import { eventsPath } from './manifest.js';
import { noticeLimits, timed } from './noticing.js';
import { createPoster } from './poster.js';
import type { SlackApp, SlackAppOptions, SlackDoor } from './options.js';
import { quiet } from './quiet.js';
import { markHeader, tryRoute } from './route-check.js';
import { running, type Door } from './running.js';
import { socketView } from './socket-view.js';
import { slackSurfaces } from './surfaces.js';
import { tracedEntries } from './traced-entries.js';
import { steadySocket } from './steady-socket.js';
import { watchToken } from './token-watch.js';
import type { PrivateReply, SlackLog } from './tools.js';

// The Web client has no time limit by default, repeats requests whose answer was lost, which posts twice, and lets one
// method's rate limit hold back all others: the outbox does all that better.
const webOptions = { timeout: 8_000, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true } as const;

/** The bot's side of Slack. Throws when the signing secret is empty; never because Slack is away. */
export function createSlackApp(options: SlackAppOptions): SlackApp {
  const { tools, log, apiUrl, botToken, observe = unobserved } = options;
  const logger = quiet(log);
  const clientOptions: WebClientOptions = { ...webOptions, slackApiUrl: apiUrl, logger };
  const client = noticeLimits(new WebClient(botToken, clientOptions), observe);
  const hasty = noticeLimits(new WebClient(botToken, { ...clientOptions, timeout: 2_000 }), observe);
  const poster = createPoster(client);
  const whisper = async ({ channel, user, threadTs, message }: PrivateReply): Promise<void> => {
    // A channel that we are not in takes no whisper; the person does.
    await poster.whisper(channel, user, threadTs, message).catch(() => poster.post(user, null, message));
  };
  const surfaces = slackSurfaces(hasty, apiUrl);
  const door =
    options.door.mode === 'socket'
      ? socketDoor(options, options.door, logger)
      : webDoor(options, options.door, logger);
  const app = new App({
    // An own function, because Bolt would ask Slack about the token at start, and end the process or drop everything
    // for ever when Slack is away just then. Who calls is decided per act, by the desk.
    authorize: () => Promise.resolve({ botToken }),
    tokenVerificationEnabled: false,
    receiver: joined(door, log, observe),
    clientOptions,
    logger,
    convoStore: false,
  });
  app.error((error) => {
    log.error({ err: error }, 'an entry from Slack ended with a fault');
    return Promise.resolve();
  });
  const token = watchToken(options);
  const unanswerable = () => (token.state().kind === 'refused' ? token.state().sentence : null);
  const entries = createEntries({ tools, log, whisper, unanswerable, ...surfaces });
  listen(app, tracedEntries(entries, options.tracing ?? untraced), log);
  const watch = new HomeWatch({ tools, log, publish: surfaces.publish });
  const opened = running(door, client, token, options);
  const stop = async (): Promise<void> => {
    watch.stop();
    await opened.stop();
  };
  return { ...opened, stop, touchHomes: () => watch.touch() };
}

/** Two connections by default: Slack ends each one now and then, and a new one takes five seconds. */
function socketDoor(
  { apiUrl, log }: SlackAppOptions,
  { appToken, connections = 2 }: SlackDoor & { mode: 'socket' },
  logger: Logger,
): BoltDoor {
  let isClosing = false;
  // A request that is retried for ever would outlive `stop`: from then on Slack seems to refuse for good.
  const endable: typeof fetch = (url, init) =>
    isClosing ? Promise.resolve(Response.json({ ok: false, error: 'account_inactive' })) : fetch(url, init);
  const receivers = Array.from({ length: connections }, () => {
    // Bolt would drive the reconnecting by the Web client's retries. `forever` with few and short waits came back
    // 0.6 s after a minute's outage; a very large `retries` makes the table of waits that ends the process.
    const retryConfig = { forever: true, retries: 10, factor: 1.3, minTimeout: 500, maxTimeout: 5_000 };
    const installerOptions = {
      clientOptions: { slackApiUrl: apiUrl, retryConfig, timeout: 10_000, fetch: endable, logger },
    };
    return new SocketModeReceiver({
      appToken,
      logger,
      installerOptions,
      customPropertiesExtractor: envelopeOf,
    });
  });
  const sockets = receivers.map(({ client }) => steadySocket(client, log));
  return {
    receivers,
    underWay: new Set(),
    open: async () => {
      await Promise.race(receivers.map((receiver) => receiver.start()));
    },
    isOpen: () => sockets.some((socket) => socket.isConnected()),
    refusing: new AbortController(),
    look: () => Promise.resolve(socketView(sockets, apiUrl)),
    close: async () => {
      isClosing = true;
      await Promise.all(sockets.map((socket) => socket.stop()));
    },
  };
}

function envelopeOf(delivery: unknown): { envelopeId?: string } {
  const id: unknown =
    typeof delivery === 'object' && delivery !== null ? Reflect.get(delivery, 'envelope_id') : undefined;
  return typeof id === 'string' ? { envelopeId: id } : {};
}

function webDoor(
  { tools, log, clock }: SlackAppOptions,
  door: SlackDoor & { mode: 'http' },
  logger: Logger,
): BoltDoor {
  const { signingSecret, host, port, path = eventsPath } = door;
  const mark = randomBytes(12).toString('hex');
  let seenAt: number | null = null;
  // The door first: it refuses an empty secret in our words.
  const pass: Parameters<typeof httpDoor>[0]['pass'] = (request, response) => {
    if (request.headers[markHeader] !== mark) seenAt = clock();
    receiver.requestListener(request, response);
  };
  const server: Server = httpDoor({ signingSecret, path, clock, once: tools.once, log, pass });
  const receiver = new HTTPReceiver({
    signingSecret,
    endpoints: [path],
    logger,
    unhandledRequestHandler: ({ response }) => response.writeHead(504).end(),
  });
  return {
    receivers: [receiver],
    underWay: new Set(),
    open: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => resolve());
      }),
    isOpen: () => server.listening,
    refusing: new AbortController(),
    look: async () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      const view = await tryRoute({ host, port: bound, path, signingSecret, clock, mark });
      return view.kind === 'open' ? { ...view, sentence: `${view.sentence} ${lastSeen(seenAt)}` } : view;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

/** What Slack itself sent last: behind a proxy that loses its requests nothing of ours fails. */
function lastSeen(at: number | null): string {
  return at === null
    ? 'No request of Slack has come since the start.'
    : `Slack's last request came at ${new Date(at).toISOString()}.`;
}

/** A door with what stands behind it. */
interface BoltDoor extends Door {
  readonly receivers: readonly Pick<Receiver, 'init'>[];
}

/** All receivers as the one that Bolt takes. */
function joined(door: BoltDoor, log: SlackLog, observe: Observe): Receiver {
  return {
    init: (app) => {
      const processEvent = (event: ReceiverEvent): Promise<void> => {
        // Slack had sent it before it knew: no acknowledgement can go back, so nothing is done either.
        if (door.refusing.signal.aborted) return Promise.resolve();
        const delivery = timed(event, observe);
        const work = heldEvent(app, delivery.event, log).finally(() => {
          door.underWay.delete(work);
          delivery.over();
        });
        door.underWay.add(work);
        return work;
      };
      // A receiver calls nothing but `processEvent`.
      for (const receiver of door.receivers) receiver.init({ processEvent } as unknown as App);
    },
    start: () => door.open(),
    stop: () => door.close(),
  };
}

/** Bolt acknowledges events before anybody has looked at them: held back until they are durable. */
async function heldEvent(app: App, event: ReceiverEvent, log: SlackLog): Promise<void> {
  if (event.body['event'] === undefined) return app.processEvent(event);
  await app.processEvent({ ...event, ack: () => Promise.resolve() });
  await acknowledge({ body: undefined }, () => event.ack(), log);
}

function listen(app: App, entries: Entries, log: SlackLog): void {
  const envelope = (context: object): string | undefined =>
    envelopeOf({ envelope_id: Reflect.get(context, 'envelopeId') as unknown }).envelopeId;
  app.command(/./, async ({ body, context, ack }) => {
    await acknowledge(await entries.command({ ...body }, envelope(context)), ack, log);
  });
  app.event('app_mention', async ({ body, context }) => {
    await entries.mention({ ...body }, envelope(context));
  });
  app.event('app_home_opened', async ({ body }) => {
    await entries.homeOpened({ ...body });
  });
  app.action({ type: 'block_actions' }, async ({ body, context, ack }) => {
    await acknowledge(await entries.click({ ...body }, envelope(context)), () => ack(), log);
  });
  // Whatever is submitted is answered: the entries know which forms are ours.
  app.view<ViewSubmitAction>({ type: 'view_submission' }, async ({ body, context, ack }) => {
    await acknowledge(await entries.form({ ...body }, envelope(context)), ack, log);
  });
  app.options<'block_suggestion'>({ type: 'block_suggestion' }, async ({ body, ack }) => {
    const options = await entries.typeahead(body);
    await acknowledge({ body: undefined }, () => ack({ options }), log);
  });
}

/** A socket that dropped meanwhile makes `ack` throw: what was queued is queued, so that is only written down. */
async function acknowledge<T>(
  how: Acknowledged<T>,
  ack: (body?: T) => Promise<void>,
  log: SlackLog,
): Promise<void> {
  if (how === null) return;
  try {
    await (how.body === undefined ? ack() : ack(how.body));
  } catch (error) {
    log.warn({ err: error }, 'an acknowledgement did not reach Slack');
  }
}
