import type { IncomingMessage, ServerResponse } from 'node:http';
import { withIds, type Drawable, type Suggest } from './drawable.js';
import type { Fault, Faults } from './faults.js';
import { isJson, parseJson, textOf, type Json } from './json.js';
import { messageRefusal, viewRefusal, type Refusal } from './message-limits.js';
import type { Rates } from './rates.js';
import type { ShownViews } from './shown-views.js';
import type { SocketMode } from './socket-mode.js';
import type { Traffic } from './traffic.js';
import type { Triggers } from './triggers.js';
import { bodyOf, type Upstream } from './upstream.js';
import type { Usergroups } from './usergroups.js';
import type { Workspace } from './workspace.js';

/** What each method asks of the bot token; methods that are not here ask nothing. */
const neededScope: Record<string, string> = {
  'chat.delete': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'conversations.history': 'channels:history',
  'conversations.info': 'channels:read',
  'conversations.list': 'channels:read',
  'conversations.members': 'channels:read',
  'conversations.open': 'im:write',
  'conversations.replies': 'channels:history',
  'files.completeUploadExternal': 'files:write',
  'files.getUploadURLExternal': 'files:write',
  'files.info': 'files:read',
  'files.list': 'files:read',
  'reactions.add': 'reactions:write',
  'usergroups.list': 'usergroups:read',
  'usergroups.users.list': 'usergroups:read',
  'users.info': 'users:read',
  'users.list': 'users:read',
  'users.lookupByEmail': 'users:read.email',
};

const messageMethods = ['chat.postMessage', 'chat.postEphemeral', 'chat.update'];
const viewMethods = ['views.open', 'views.push', 'views.update', 'views.publish'];
/** These go to a channel that the bot must be in. */
const memberMethods = ['chat.postMessage', 'chat.postEphemeral', 'files.completeUploadExternal'];

export interface WebApiTools {
  readonly workspace: Workspace;
  readonly usergroups: Usergroups;
  readonly upstream: Upstream;
  readonly sockets: SocketMode;
  readonly faults: Faults;
  readonly traffic: Traffic;
  readonly rates: Rates | null;
  readonly triggers: Triggers;
  readonly drawable: Drawable;
  readonly views: ShownViews;
  readonly suggest: (view: Json) => Suggest;
  /** Block types that are let through although the page does not draw them. */
  readonly accept: readonly string[];
  /** `ws://127.0.0.1:PORT` */
  readonly socketBase: string;
}

interface Reply {
  readonly status: number;
  readonly body: Json;
  readonly headers?: Record<string, string>;
}

/** Answers one Web API call as Slack would: faults first, then token, scope, limits and rates, then the local Slack. */
export async function answerWebApi(
  method: string,
  request: IncomingMessage,
  response: ServerResponse,
  tools: WebApiTools,
): Promise<void> {
  const args = await readArgs(request);
  const { token, ...rest } = args;
  const record = tools.traffic.begin(method, rest);
  const fault = tools.faults.take(method);
  const reply = await carryOut(method, rest, bearer(request) ?? textOf(token), fault, tools);
  tools.traffic.end(
    record,
    reply === 'cut' ? null : reply.status,
    reply === 'cut' ? null : reply.body,
    fault,
  );
  if (reply === 'cut' || fault?.kind === 'reply-lost') {
    // `timeout` keeps the line open until the client gives up.
    if (fault?.kind !== 'timeout') request.socket.destroy();
    return;
  }
  const isPage = fault?.kind === '500';
  response.writeHead(reply.status, {
    'content-type': isPage ? 'text/html' : 'application/json; charset=utf-8',
    'x-oauth-scopes': tools.workspace.app.scopes.join(','),
    ...reply.headers,
  });
  response.end(isPage ? '<html><body>Server Error</body></html>' : JSON.stringify(reply.body));
}

async function carryOut(
  method: string,
  args: Json,
  token: string,
  fault: Fault | null,
  tools: WebApiTools,
): Promise<Reply | 'cut'> {
  switch (fault?.kind) {
    case '429':
      return limited(fault.retryAfter);
    case '500':
      return { status: 500, body: { ok: false, error: 'internal_error' } };
    case 'error':
      return refused({ error: fault.error });
    case 'refuse':
    case 'timeout':
      return 'cut';
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, fault.ms));
      break;
    default:
  }
  return checkedCall(method, args, token, tools);
}

async function checkedCall(method: string, args: Json, token: string, tools: WebApiTools): Promise<Reply> {
  const refusal = tokenRefusal(method, token, tools.workspace);
  if (refusal !== null) return { status: 200, body: { ok: false, ...refusal } };
  const wrong = (await placeRefusal(method, args, tools)) ?? argsRefusal(method, args, tools);
  if (wrong !== null) return refused(wrong);
  const channel = typeof args.channel === 'string' ? args.channel : null;
  const waitS = tools.rates?.take(method, channel, Date.now()) ?? null;
  if (waitS !== null) return limited(waitS);
  return { status: 200, body: await call(method, args, token, tools) };
}

function tokenRefusal(method: string, token: string, { app }: Workspace): Json | null {
  if (token === '') return { error: 'not_authed' };
  const isAppMethod = method.startsWith('apps.connections.');
  const [right, other] = isAppMethod ? [app.appToken, app.botToken] : [app.botToken, app.appToken];
  if (token === other) return { error: 'not_allowed_token_type' };
  if (token !== right) return { error: 'invalid_auth' };
  const needed = neededScope[method];
  if (needed === undefined || app.scopes.includes(needed)) return null;
  return { error: 'missing_scope', needed, provided: app.scopes.join(',') };
}

/** The bot may only write where it is a member; an ephemeral message only to somebody who is. */
async function placeRefusal(method: string, args: Json, tools: WebApiTools): Promise<Refusal | null> {
  const id = textOf(args.channel ?? args.channel_id);
  if (!memberMethods.includes(method) || !/^[CGD]/.test(id)) return null;
  const state = await tools.upstream.get('/_control/state');
  const channels = Array.isArray(state.channels) ? state.channels.filter(isJson) : [];
  const channel = channels.find((one) => one.id === id);
  if (channel === undefined) return { error: 'channel_not_found' };
  const members = Array.isArray(channel.members) ? channel.members : [];
  if (!members.includes(tools.workspace.app.botUserId)) return { error: 'not_in_channel' };
  if (method === 'chat.postEphemeral' && !members.includes(args.user))
    return { error: 'user_not_in_channel' };
  return null;
}

function argsRefusal(method: string, args: Json, tools: WebApiTools): Refusal | null {
  if (messageMethods.includes(method)) return messageRefusal(args, tools.accept);
  if (method === 'files.completeUploadExternal' && args.blocks !== undefined)
    return messageRefusal(args, tools.accept);
  if (!viewMethods.includes(method)) return null;
  const wrong = viewRefusal(args.view, tools.accept);
  if (wrong !== null) return wrong;
  if (method === 'views.open' || method === 'views.push')
    return tools.triggers.use(textOf(args.trigger_id), method, Date.now());
  return null;
}

async function call(method: string, args: Json, token: string, tools: WebApiTools): Promise<Json> {
  switch (method) {
    case 'apps.connections.open':
      return { ok: true, url: `${tools.socketBase}${tools.sockets.newTicket()}` };
    case 'usergroups.list':
      return {
        ok: true,
        usergroups: tools.usergroups.list().map(({ users, ...group }) => ({
          ...group,
          team_id: tools.workspace.teamId,
          is_usergroup: true,
          date_delete: 0,
          user_count: users.length,
          ...(isTrue(args.include_users) ? { users } : {}),
        })),
      };
    case 'usergroups.users.list': {
      const users = tools.usergroups.users(args.usergroup);
      return users === null ? { ok: false, error: 'no_such_subteam' } : { ok: true, users };
    }
    case 'users.info':
      return userInfo(await forward(method, args, token, tools), args, tools);
    default:
      return forward(method, args, token, tools);
  }
}

/** What the local Slack does not know of its people: who is a guest, and who belongs to another workspace. */
function userInfo(answer: Json, args: Json, { workspace }: WebApiTools): Json {
  const person = workspace.users.find(({ id }) => id === args.user);
  if (!isJson(answer.user) || person === undefined) return answer;
  const { isGuest = false, teamId = workspace.teamId } = person;
  const standing = { is_restricted: isGuest, is_ultra_restricted: false, deleted: false, is_bot: false };
  const stranger = teamId === workspace.teamId ? {} : { is_stranger: true };
  return { ...answer, user: { ...answer.user, team_id: teamId, ...standing, ...stranger } };
}

async function forward(method: string, args: Json, token: string, tools: WebApiTools): Promise<Json> {
  const path = `/api/${method}`;
  if (messageMethods.includes(method))
    return tools.upstream.post(path, { ...args, blocks: withIds(args.blocks) }, token);
  if (!viewMethods.includes(method) || !isJson(args.view)) return tools.upstream.post(path, args, token);
  const view = await tools.drawable.view(args.view, tools.suggest(args.view));
  const answer = await tools.upstream.post(path, { ...args, view }, token);
  if (!isJson(answer.view)) return answer;
  const original = { ...answer, view: tools.drawable.original(answer.view) };
  tools.views.note(method, args, original);
  return original;
}

function limited(waitS: number): Reply {
  return {
    status: 429,
    body: { ok: false, error: 'ratelimited' },
    headers: { 'retry-after': String(waitS) },
  };
}

function refused({ error, messages }: Refusal): Reply {
  const details = messages === undefined ? {} : { response_metadata: { messages } };
  return { status: 200, body: { ok: false, error, ...details } };
}

const jsonArgs = ['blocks', 'attachments', 'view', 'metadata', 'files'];

/** The arguments of a call from its query and body (JSON or a form); fields that hold JSON are opened, broken ones stay text. */
async function readArgs(request: IncomingMessage): Promise<Json> {
  const query = new URL(request.url ?? '/', 'http://local').searchParams;
  const args: Json = Object.fromEntries(query);
  const type = request.headers['content-type'] ?? '';
  const body = await bodyOf(request);
  if (type.includes('application/json')) Object.assign(args, parseJson(body.toString('utf8')) ?? {});
  else Object.assign(args, Object.fromEntries(new URLSearchParams(body.toString('utf8'))));
  for (const name of jsonArgs) {
    const value = args[name];
    if (typeof value === 'string') args[name] = opened(value);
  }
  return args;
}

function opened(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function bearer(request: IncomingMessage): string | null {
  return /^Bearer (?<token>\S+)$/i.exec(request.headers.authorization ?? '')?.groups?.token ?? null;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true' || value === '1';
}
