import type { ModalView } from '@slack/types';
import { askerOf } from '../core/request.js';
import { plainText } from '../core/typed-text.js';
import { attempt } from './attempt.js';
import { clickOnce } from './click-once.js';
import type { DigestAction, OpenedLine, Said } from './digest-tools.js';
import type { FormState } from './form.js';
import type { ClickPayload } from './payloads.js';
import { say, sentences } from './sentences.js';
import type { Answered, Arrival, Reply, SlackLog, SlackTools } from './tools.js';
import {
  acknowledgeForm,
  assignForm,
  detailsView,
  digestForms,
  fields,
  snoozeForm,
  type DigestForm,
  type DigestPlace,
} from './views/digest-modal.js';

const dayMs = 86_400_000;
/** Nobody means to look away for longer. */
const longestDays = 400;
const ourId = /^[A-Za-z0-9_-]{1,80}$/;

export function isDigestForm(id: string): id is DigestForm {
  return (digestForms as readonly string[]).includes(id);
}

/** Opens what is behind a line's button, or does at once what needs no form. Never rejects. */
export async function digestClick(
  click: ClickPayload,
  action: DigestAction,
  entry: {
    tools: SlackTools;
    log: SlackLog;
    openForm: (triggerId: string, view: ModalView) => Promise<void>;
  },
): Promise<Reply> {
  return clickOnce(click, action, entry, async () => {
    const { arrival, value, triggerId } = click;
    const answered = await act(arrival, action, value, entry.tools);
    if (answered === null) return say(sentences.gone);
    if (answered.kind !== 'line') return answered.sentence === '' ? { kind: 'done' } : say(answered.sentence);
    await entry.openForm(triggerId, viewOf(answered, action, arrival, entry.tools.digest.now()));
    return { kind: 'done' };
  });
}

function act(
  arrival: Arrival,
  action: DigestAction,
  line: string,
  { digest }: SlackTools,
): Promise<OpenedLine | Answered | null> {
  const { teamId, channel, user, threadTs } = arrival;
  switch (action) {
    case 'cert-recheck':
      return digest.recheck(line, askerOf(arrival));
    case 'cert-clcomd':
      return digest.diagnoseClcomd(line, { teamId, channel, user, threadTs });
    default:
      return digest.open(line, askerOf(arrival), action);
  }
}

function viewOf(opened: OpenedLine, action: DigestAction, arrival: Arrival, nowMs: number): ModalView {
  const { line, hush, owners } = opened;
  const { channel, threadTs } = arrival;
  const place: DigestPlace = { line: line.id, channel, threadTs, seen: hush?.at ?? '' };
  switch (action) {
    case 'cert-acknowledge': {
      const days = line.kind === 'rotation' ? 365 : 14;
      return acknowledgeForm(opened, place, new Date(nowMs + days * dayMs).toISOString().slice(0, 10));
    }
    case 'cert-snooze':
      return snoozeForm(opened, place);
    case 'cert-assign':
      return assignForm(opened, place, owners);
    default:
      return detailsView(opened);
  }
}

/** What came of a submitted form: shown under a field, or nothing to say. */
export type Submitted =
  | { readonly kind: 'done' }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'wrong'; readonly field: string; readonly sentence: string };

/** Takes a submitted form of a digest's line. Never rejects. */
export async function digestSubmit(
  form: DigestForm,
  {
    arrival,
    place,
    state,
    viewId,
  }: { arrival: Arrival; place: DigestPlace; state: FormState; viewId: string },
  { tools, log }: { tools: SlackTools; log: SlackLog },
): Promise<Submitted> {
  const field = firstField[form];
  const entry = { log, reference: arrival.key };
  const tried = await attempt(`form ${form}`, entry, async (): Promise<Submitted> => {
    if (!(await tools.once(arrival.key))) return { kind: 'repeated' };
    const said = readSaid(form, state, arrival.user, tools.digest.now());
    if ('wrong' in said) return { kind: 'wrong', field: said.field, sentence: said.wrong };
    const claim = `form:${viewId}`;
    if (!(await tools.once(claim))) return { kind: 'done' };
    const answered = await tools.digest
      .say(place.line, askerOf(arrival), said, place.seen)
      .catch(async (error: unknown) => {
        await tools.forget(claim).catch(() => undefined);
        throw error;
      });
    if (answered?.kind === 'done') return { kind: 'done' };
    await tools.forget(claim).catch(() => undefined);
    return { kind: 'wrong', field, sentence: answered?.sentence ?? sentences.gone };
  });
  if (tried.kind === 'done') return tried.value;
  const sentence =
    tried.kind === 'explained'
      ? tried.message.text
      : tried.kind === 'failed'
        ? sentences.notDecided
        : sentences.perhapsDecided;
  return { kind: 'wrong', field, sentence };
}

const firstField: Readonly<Record<DigestForm, string>> = {
  'cert-acknowledge': fields.reason,
  'cert-snooze': fields.snooze,
  'cert-assign': fields.type,
};

type Wrong = { readonly wrong: string; readonly field: string };

function readSaid(form: DigestForm, state: FormState, user: string, nowMs: number): Said | Wrong {
  switch (form) {
    case 'cert-acknowledge':
      return readAcknowledge(state, nowMs);
    case 'cert-snooze':
      return readSnooze(state, nowMs);
    case 'cert-assign':
      return readAssign(state, user);
  }
}

function readAcknowledge(state: FormState, nowMs: number): Said | Wrong {
  const reason = plainText(state[fields.reason]?.[fields.reason]?.value ?? '').slice(0, 300);
  const day = state[fields.until]?.[fields.until]?.selected_date ?? '';
  if (reason === '') return { wrong: 'Say why it may stay like this.', field: fields.reason };
  const until = `${day}T23:59:59.000Z`;
  const ms = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(until) : Number.NaN;
  if (Number.isNaN(ms)) return { wrong: 'Choose the last day of it.', field: fields.until };
  if (ms <= nowMs) return { wrong: 'This day is over: choose today or a later one.', field: fields.until };
  if (ms > nowMs + longestDays * dayMs)
    return { wrong: `Choose a day within ${longestDays} days.`, field: fields.until };
  return { act: 'acknowledge', reason, until };
}

function readSnooze(state: FormState, nowMs: number): Said | Wrong {
  const chosen = state[fields.snooze]?.[fields.snooze]?.selected_option?.value ?? '';
  const days = /^(?<days>[37])d$/.exec(chosen)?.groups?.['days'];
  if (chosen === 'band') return { act: 'snooze', until: null };
  if (days === undefined) return { wrong: 'Choose how long.', field: fields.snooze };
  return { act: 'snooze', until: new Date(nowMs + Number(days) * dayMs).toISOString() };
}

function readAssign(state: FormState, user: string): Said | Wrong {
  const typed = plainText(state[fields.type]?.[fields.type]?.value ?? '').slice(0, 100);
  const picked = state[fields.pick]?.[fields.pick]?.selected_option?.value ?? '';
  if (typed !== '' && picked !== '')
    return { wrong: 'Choose one or type one, not both.', field: fields.type };
  const owner = typed !== '' ? typed : picked === 'me' ? user : picked;
  return owner === ''
    ? { wrong: 'Choose an owner, or type one.', field: fields.type }
    : { act: 'assign', owner };
}

/** Reads `private_metadata` of such a form; null when it is not one of ours. */
export function readDigestPlace(metadata: string): DigestPlace | null {
  try {
    const value: unknown = JSON.parse(metadata);
    if (typeof value !== 'object' || value === null) return null;
    const { line, channel, threadTs, seen } = value as Record<string, unknown>;
    if (typeof line !== 'string' || typeof channel !== 'string' || typeof seen !== 'string') return null;
    return ourId.test(line)
      ? { line, channel, seen, threadTs: typeof threadTs === 'string' ? threadTs : null }
      : null;
  } catch {
    return null;
  }
}
