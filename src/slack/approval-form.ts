/** Forms for what must be said before an act; what was said is then handed to the desk, which authorises once more. */
import type { ModalView } from '@slack/types';
import { noGrounds, reasonOf, ticketOf, type Grounds } from '../core/grounds.js';
import { askerOf } from '../core/request.js';
import type { Again, Demand, Said } from './approval-tools.js';
import { ask } from './ask.js';
import { attempt } from './attempt.js';
import { takeOffer } from './click.js';
import type { Submitted } from './close-form.js';
import type { FormPayload } from './payloads.js';
import { say, sentences } from './sentences.js';
import type { Answered, Arrival, Reply, SlackLog, SlackTools } from './tools.js';
import { codeForm, groundsForm, rejectForm, sayAction, sayBlocks } from './views/approval-modals.js';
import { clip } from './views/text.js';

/** The `callback_id` of each form. */
export const demandForms = ['say-grounds', 'say-code', 'say-reject'] as const;
type DemandForm = (typeof demandForms)[number];

/** Whether a form is one of these. */
export function isDemandForm(id: string): id is DemandForm {
  return (demandForms as readonly string[]).includes(id);
}

interface FormTools {
  readonly tools: SlackTools;
  readonly log: SlackLog;
  readonly openForm: (triggerId: string, view: ModalView) => Promise<void>;
}

/** Opens the form at once: the trigger lives for three seconds. */
export async function openDemand(
  { demand, again }: Extract<Reply, { kind: 'ask' }>,
  from: { readonly arrival: Arrival; readonly triggerId: string; readonly threadTs: string | null },
  { openForm, log }: FormTools,
): Promise<Reply> {
  const { arrival, threadTs } = from;
  const metadata = JSON.stringify({ again, channel: arrival.channel, threadTs } satisfies Place);
  // Slack takes no more: a line that long is typed with its reason.
  if (metadata.length > 3_000) return say(sentences.noDemandForm);
  try {
    await openForm(from.triggerId, viewOf(demand, metadata));
    return { kind: 'done' };
  } catch (error) {
    log.warn({ err: error, reference: arrival.key }, 'a form could not be opened');
    return say(sentences.noDemandForm);
  }
}

function viewOf(demand: Demand, metadata: string): ModalView {
  switch (demand.what) {
    case 'grounds':
      return groundsForm(demand, { id: 'say-grounds', metadata });
    case 'code':
      return codeForm(demand, { id: 'say-code', metadata });
    case 'reject':
      return rejectForm(demand, { id: 'say-reject', metadata });
  }
}

/** All that a form remembers. */
interface Place {
  readonly again: Again;
  readonly channel: string;
  readonly threadTs: string | null;
}

/** Does once more what the form was opened for, with what was said in it. Never rejects. */
export async function demandSubmitted(
  form: FormPayload,
  id: DemandForm,
  { tools, log }: Pick<FormTools, 'tools' | 'log'>,
): Promise<Submitted> {
  const place = placeOf(form.metadata);
  const arrival = place === null ? null : form.arrival(place);
  if (place === null || arrival === null) return { kind: 'incomplete' };
  const tried = await attempt('form', { log, reference: form.viewId }, async () => {
    if (!(await tools.once(arrival.key))) return { kind: 'repeated' } as const;
    return done(await carriedOut(form, { place, arrival }, { tools, log }), place, id);
  });
  if (tried.kind === 'done') return tried.value;
  const words =
    tried.kind === 'explained'
      ? tried.message.text
      : tried.kind === 'failed'
        ? sentences.notDecided
        : sentences.perhapsDecided;
  return { kind: 'errors', errors: { [fieldOf(id, form)]: clip(words, 600) } };

  function done(answered: Answered | Demand | Reply | null, at: Place, which: DemandForm): Submitted {
    if (answered === null) return { kind: 'closed', place: told(at), reply: say(sentences.gone) };
    // Something still does not fit: that is said under its field, and the form stays.
    if (answered.kind === 'ask') {
      const demand = 'demand' in answered ? answered.demand : answered;
      return {
        kind: 'errors',
        errors: { [fieldOf(which, form)]: clip(demand.problem ?? 'Try again.', 600) },
      };
    }
    if (answered.kind === 'private')
      return { kind: 'errors', errors: { [fieldOf(which, form)]: clip(answered.plain, 600) } };
    if (answered.kind === 'repeated') return { kind: 'repeated' };
    const sentence = 'sentence' in answered ? answered.sentence : '';
    return { kind: 'closed', place: told(at), reply: sentence === '' ? { kind: 'done' } : say(sentence) };
  }
}

function told({ channel, threadTs }: Place): { id: string; channel: string; threadTs: string | null } {
  return { id: '', channel, threadTs };
}

async function carriedOut(
  form: FormPayload,
  { place, arrival }: { readonly place: Place; readonly arrival: Arrival },
  { tools, log }: Pick<FormTools, 'tools' | 'log'>,
): Promise<Answered | Demand | Reply | null> {
  const { again } = place;
  const who = askerOf(arrival);
  switch (again.what) {
    case 'change':
      return tools.desk.decide(again.id, again.choice, who, saidIn(form));
    case 'rollout':
      return tools.rollout.decide(again.id, again.choice, who, saidIn(form));
    case 'offer':
      return takeOffer(arrival, again.id, tools, groundsIn(form));
    case 'undo':
      return tools.desk.rollBack(again.id, who, groundsIn(form));
    case 'line': {
      const asked = { command: again.command, text: again.text, canOpenForm: false };
      const claim = `form:${form.viewId}`;
      // Another key than the form's own, which was taken just now.
      const own = { ...arrival, key: `${arrival.key}:line` };
      return ask(own, { ...asked, claim, grounds: groundsIn(form) }, tools, log);
    }
  }
}

function saidIn(form: FormPayload): Said {
  const [reason, code] = [textIn(form, 'reason'), textIn(form, 'code')];
  return { ...(reason !== null && { reason }), ...(code !== null && { code }) };
}

function groundsIn(form: FormPayload): Grounds {
  const [reason, ticket] = [textIn(form, 'reason'), textIn(form, 'ticket')];
  return {
    ...noGrounds,
    ...(reason !== null && { reason: reasonOf(reason) }),
    ...(ticket !== null && { ticket: ticketOf(ticket) }),
  };
}

function textIn({ state }: FormPayload, what: keyof typeof sayBlocks): string | null {
  return state[sayBlocks[what]]?.[sayAction]?.value ?? null;
}

/** The field under which a problem is shown: of two, the one that must have a shape. */
function fieldOf(id: DemandForm, { state }: FormPayload): string {
  if (id === 'say-code') return sayBlocks.code;
  return Object.hasOwn(state, sayBlocks.ticket) ? sayBlocks.ticket : sayBlocks.reason;
}

const ourId = /^[A-Za-z0-9_-]{1,80}$/;

function placeOf(metadata: string): Place | null {
  try {
    const { again, channel, threadTs } = JSON.parse(metadata) as Partial<Place>;
    if (typeof channel !== 'string' || typeof again !== 'object') return null;
    const isKnown = isAgain(again);
    return isKnown ? { again, channel, threadTs: typeof threadTs === 'string' ? threadTs : null } : null;
  } catch {
    return null;
  }
}

/** Whether a form remembers an act that there is: what comes back from Slack is not believed. */
function isAgain(again: Again): boolean {
  switch (again.what) {
    case 'line':
      return typeof again.command === 'string' && typeof again.text === 'string';
    case 'change':
    case 'rollout':
      return ['approve', 'reject'].includes(again.choice) && isId(again.id);
    case 'offer':
    case 'undo':
      return isId(again.id);
    default:
      return false;
  }
}

function isId(id: unknown): boolean {
  return typeof id === 'string' && ourId.test(id);
}
