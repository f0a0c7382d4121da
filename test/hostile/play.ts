/** Plays one case to the bot as Slack would, and tells what the person got. */
import { createHmac } from 'node:crypto';
import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import type { Content } from '../../src/outbox/outbox.js';
import type { HostileBench } from './bench.js';
import type { Case } from './case.js';
import { digestLine } from './seeds.js';

export interface Outcome {
  /** Whether Slack had its acknowledgement; a status over HTTP stands for itself. */
  readonly isAcknowledged: boolean;
  readonly status: number | null;
  /** What the acknowledgement held. */
  readonly answer: Readonly<Record<string, unknown>> | null;
  readonly letters: readonly { readonly channel: string; readonly user: string; readonly content: Content }[];
  readonly jobs: readonly { readonly name: string; readonly id: string }[];
  /** Forms that were opened. */
  readonly forms: readonly unknown[];
  readonly hasMoved: boolean;
}

let deliveries = 0;
let world = '';

/** One after the other: what is written down meanwhile belongs to this case. */
export async function play(one: Case, bench: HostileBench): Promise<Outcome> {
  const { slack, recorded } = bench;
  recorded.letters.length = 0;
  recorded.jobs.length = 0;
  const before = world === '' ? await bench.world() : world;
  const opened = slack.traffic('views.open').length;
  const sent = one.kind === 'http' ? await overHttp(one, bench) : await overSocket(one, bench);
  world = await bench.world();
  return {
    ...sent,
    letters: [...recorded.letters],
    jobs: [...recorded.jobs],
    forms: slack
      .traffic('views.open')
      .slice(opened)
      .map(({ args }) => args.view),
    hasMoved: world !== before,
  };
}

type Sent = Pick<Outcome, 'isAcknowledged' | 'status' | 'answer'>;

async function overSocket(one: Case, { slack }: HostileBench): Promise<Sent> {
  deliveries += 1;
  const trigger = `t${deliveries}.1.hostile`;
  const whole = Object.entries({ ...usual(one.kind, trigger), ...one.payload });
  // Null stands for what Slack leaves out.
  const there = Object.fromEntries(whole.filter(([, value]) => value !== null));
  const text = JSON.stringify(there).replaceAll('DIGEST-LINE', digestLine);
  const payload = JSON.parse(text) as Record<string, unknown>;
  const answer = await slack.deliver(typeOf(one.kind), payload);
  const envelope = slack
    .envelopes()
    .findLast(({ payload: given }) => given.trigger_id === payload.trigger_id);
  return { isAcknowledged: envelope?.state === 'acked', status: null, answer };
}

function typeOf(kind: Case['kind']): 'slash_commands' | 'interactive' | 'events_api' {
  if (kind === 'command') return 'slash_commands';
  return kind === 'mention' ? 'events_api' : 'interactive';
}

/** What Slack sends besides what a case is about. */
function usual(kind: Case['kind'], trigger: string): Readonly<Record<string, unknown>> {
  const team = { id: 'T0EXAMPLE', domain: 'example-power' };
  const shared = { api_app_id: 'A0AIXOPS', token: 'x', trigger_id: trigger, team };
  const ts = `1700000000.${String(deliveries).padStart(6, '0')}`;
  switch (kind) {
    case 'command':
      return {
        ...{ trigger_id: trigger, team_id: 'T0EXAMPLE', channel_id: 'C0OPS', user_id: 'UALICE', text: '' },
        ...{ command: '/rmc-status', api_app_id: 'A0AIXOPS', token: 'x' },
      };
    case 'mention':
      return {
        ...{ ...shared, type: 'event_callback', team_id: 'T0EXAMPLE', event_id: `Ev${deliveries}` },
        authorizations: [{ team_id: 'T0EXAMPLE', user_id: 'U0AIXOPS', is_bot: true }],
        event: { type: 'app_mention', user: 'UALICE', channel: 'C0OPS', ts, text: '<@U0AIXOPS>' },
      };
    case 'click':
      return {
        ...{ ...shared, type: 'block_actions', user: { id: 'UBOB' }, channel: { id: 'C0OPS' } },
        container: { type: 'message', message_ts: ts, channel_id: 'C0OPS' },
        message: { ts, text: 'card' },
      };
    case 'typeahead':
      return {
        ...{ ...shared, type: 'block_suggestion', user: { id: 'UALICE' }, action_id: 'pick' },
        ...{ block_id: 'pick-targets', value: '', container: { type: 'view', view_id: 'V1' } },
      };
    default:
      return { ...shared, type: 'view_submission', user: { id: 'UALICE' } };
  }
}

/** A request to the door. `sign` says what is wrong with its signature; `headers` replace or remove (null) what is usual. */
interface HttpPayload {
  readonly method?: string;
  readonly path?: string;
  readonly type?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: string;
  readonly sign?: { readonly secondsOff?: number; readonly key?: string; readonly instead?: string };
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
  /** Sent so many times; the last answer counts. */
  readonly copies?: number;
}

async function overHttp({ payload }: Case, { door, slack }: HostileBench): Promise<Sent> {
  deliveries += 1;
  const given = payload as HttpPayload;
  const fields = {
    trigger_id: `h${deliveries}`,
    user_id: 'UALICE',
    channel_id: 'C0OPS',
    team_id: 'T0EXAMPLE',
  };
  const body =
    given.body ??
    (given.json === undefined
      ? new URLSearchParams({ ...fields, ...given.form }).toString()
      : JSON.stringify(given.json));
  const { secondsOff = 0, key = slack.signingSecret, instead = body } = given.sign ?? {};
  const at = String(Math.floor(Date.now() / 1000) + secondsOff);
  const headers: NonNullable<HttpPayload['headers']> = {
    'content-type': given.json === undefined ? 'application/x-www-form-urlencoded' : 'application/json',
    'x-slack-request-timestamp': at,
    'x-slack-signature': `v0=${createHmac('sha256', key).update(`v0:${at}:${instead}`).digest('hex')}`,
    ...given.headers,
  };
  const kept = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== null));
  const url = new URL(given.path ?? '', door);
  const ask = () => post(url, given.method ?? 'POST', kept as OutgoingHttpHeaders, body);
  let last = await ask();
  for (let i = 1; i < (given.copies ?? 1); i += 1) last = await ask();
  return { isAcknowledged: true, status: last.status, answer: { body: last.text } };
}

function post(
  url: URL,
  method: string,
  headers: OutgoingHttpHeaders,
  body: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asking = httpRequest(url, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    asking.once('error', reject);
    asking.end(body);
  });
}
