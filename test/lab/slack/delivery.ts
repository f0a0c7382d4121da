import type { Drawable, Suggest } from './drawable.js';
import { isJson, objectsIn, textOf, type Json } from './json.js';
import { viewRefusal } from './message-limits.js';
import type { ShownViews } from './shown-views.js';
import type { EnvelopeRecord, SocketModeTools } from './socket-mode.js';
import type { Traffic } from './traffic.js';
import type { ResponseUrls, Triggers } from './triggers.js';
import type { Upstream } from './upstream.js';
import type { Workspace } from './workspace.js';

interface DeliveryTools {
  readonly workspace: Workspace;
  readonly upstream: Upstream;
  readonly triggers: Triggers;
  readonly responseUrls: ResponseUrls;
  readonly drawable: Drawable;
  readonly views: ShownViews;
  readonly suggest: (view: Json) => Suggest;
  readonly traffic: Traffic;
  readonly accept: readonly string[];
}

/** What Slack does around an envelope: before it goes out, when it is acknowledged, and when it is not. */
export function delivery(
  tools: DeliveryTools,
): Pick<SocketModeTools, 'outgoing' | 'acknowledged' | 'timedOut'> {
  return {
    outgoing: (type, payload) => outgoing(type, payload, tools),
    acknowledged: (record, payload) => acknowledged(record, payload, tools),
    timedOut: (record) => timedOut(record, tools),
  };
}

function outgoing(type: string, payload: Json, tools: DeliveryTools): Json {
  const now = Date.now();
  if (typeof payload.trigger_id === 'string') tools.triggers.give(payload.trigger_id, now);
  const responseId = /\/_hooks\/response\/([^/]+)$/.exec(textOf(payload.response_url))?.[1];
  if (responseId !== undefined) tools.responseUrls.give(responseId, now);
  if (type !== 'interactive') return payload;
  const view = isJson(payload.view) ? { view: tools.drawable.original(payload.view) } : {};
  return { ...payload, ...view, ...messagePlace(payload), ...tools.views.placeOf(payload) };
}

/** The container says where a button stood: in a thread, or in a message that only one person sees. */
function messagePlace(payload: Json): Json {
  const { container, message } = payload;
  if (!isJson(container) || !isJson(message)) return {};
  const thread = message.thread_ts === undefined ? {} : { thread_ts: message.thread_ts };
  if (message.subtype !== 'ephemeral') return { container: { ...container, ...thread } };
  // Slack does not send an ephemeral message back to the app.
  return { container: { ...container, ...thread, is_ephemeral: true }, message: undefined };
}

async function acknowledged(
  record: EnvelopeRecord,
  payload: Json | null,
  tools: DeliveryTools,
): Promise<Json | null> {
  if (payload === null || !isJson(payload.view)) return payload;
  const refusal = viewRefusal(payload.view, tools.accept);
  if (refusal === null)
    return { ...payload, view: await tools.drawable.view(payload.view, tools.suggest(payload.view)) };
  const call = tools.traffic.begin('view_submission', payload);
  tools.traffic.end(call, 200, { ok: false, ...refusal }, null);
  return trouble(record.payload);
}

/** Nobody answered within three seconds: the person is told, as Slack tells them. */
function timedOut(record: EnvelopeRecord, tools: DeliveryTools): Json | null {
  const { payload, type } = record;
  if (type === 'slash_commands') {
    const error = record.state === 'dropped' ? 'dispatch_failed' : 'operation_timeout';
    void tools.upstream
      .post(
        '/api/chat.postEphemeral',
        {
          channel: payload.channel_id,
          user: payload.user_id,
          text: `${textOf(payload.command)} failed with the error "${error}"`,
        },
        tools.workspace.app.botToken,
      )
      .catch(() => undefined);
  }
  return payload.type === 'view_submission' ? trouble(payload) : null;
}

/** Keeps a modal open with Slack's own words at its first field. */
function trouble(payload: Json): Json | null {
  const view = isJson(payload.view) ? payload.view : {};
  const field = objectsIn(view.blocks).find((block) => block.type === 'input')?.block_id;
  if (payload.type !== 'view_submission') return null;
  return {
    response_action: 'errors',
    errors: { [textOf(field) || 'view']: 'We had some trouble connecting. Try again?' },
  };
}
