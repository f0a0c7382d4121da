/**
 * What people do to requests and changes, as the bot carries it out: each act is authorised, written to the audit
 * trail, made by compare-and-set, and only then queued. Part of the entries: it is handed its edges.
 */
import type { Logger } from 'pino';
import type { Audit, AuditEvent } from '../audit/audit.js';
import type { ChangeStore } from '../approval/store.js';
import type { TimeGate } from '../approval/time-gate.js';
import { can, type Change } from '../approval/states.js';
import { askerOf, onlyReads, type Asker, type Origin, type Request, type Wish } from '../core/request.js';
import type { Tracing } from '../core/tracing.js';
import type { Inventory } from '../inventory/inventory.js';
import { noteInLog } from '../log-fields.js';
import type { Outbox } from '../outbox/outbox.js';
import type { Action, Decision } from '../policy/authorise.js';
import type { Policy } from '../policy/schema.js';
import type { Enqueue } from '../queue/queues.js';
import type { Bus } from '../redis/bus.js';
import type { RequestStore } from '../requests/store.js';
import {
  alreadyDecided,
  refused,
  startChange,
  tooLate,
  unknownChange,
  type Answered,
  type Choice,
} from './decisions.js';
import { decideInTurn } from './in-turn.js';
import { decisionDemanded, groundsDemanded } from './demands.js';
import { cancel, goOn, notWaiting, takeOver } from './carrying.js';
import { aboutOf, askedOf, atChange } from './asking.js';
import { fixCommand } from './wishes.js';
import { notNow } from './not-now.js';
import type { MayI } from './permission.js';
import { closeByHand, closingOf, leastSeen, notUnknown, wordsSeen } from './closing.js';
import type { StepUp } from '../approval/step-up.js';
import { noGrounds, reasonOf, saidOf } from '../core/grounds.js';
import type { Demand, GroundsDemand, Said } from '../slack/approval-tools.js';
import type { Closing } from '../slack/tools.js';
import { stopReading } from './stopping.js';
import { submitWish } from './submitting.js';

export interface DeskTools {
  readonly inventory: Inventory;
  readonly policy: Policy;
  readonly requests: RequestStore;
  readonly changes: ChangeStore;
  readonly outbox: Outbox;
  readonly audit: Audit;
  readonly bus: Pick<Bus, 'publish'>;
  readonly mayI: MayI;
  readonly stepUp: StepUp;
  readonly timeGate: TimeGate;
  readonly queue: Enqueue;
  readonly approversHint: string;
  readonly clock: () => number;
  readonly newId: () => string;
  readonly log: Logger;
  readonly tracing?: Tracing;
}

export class Desk {
  /** Asks the policy; a refusal is written down. */
  readonly mayI: MayI;

  constructor(private readonly tools: DeskTools) {
    this.mayI = tools.mayI;
  }

  /** Whether a person may have a wish carried out, with what it names and on every one of its targets. */
  async mayAsk(who: Asker, wish: Wish, about: string): Promise<Decision> {
    const { action, object } = askedOf(wish, this.tools.inventory);
    return this.mayI(who, action, about, object);
  }

  /** The same of an act on a change. */
  private async mayOn(change: Change, who: Asker, action: Action): Promise<Decision> {
    this.tools.tracing?.link(change.trace);
    noteInLog({ change: change.id });
    const object = { ...aboutOf(change, this.tools.inventory), card: change.channel };
    return this.mayI(atChange(who, change), action, change.id, object);
  }

  /** Writes a request down and queues its job; resolves when both are durable, and its card follows. */
  async submit(wish: Wish, asked: string, origin: Origin): Promise<Request> {
    return submitWish(wish, asked, origin, this.tools);
  }

  /** What the policy wants to be told before a wish is taken; null where nothing is missing. */
  async lacking(wish: Wish): Promise<GroundsDemand | null> {
    return groundsDemanded(wish, this.tools);
  }

  /** Approves, rejects or withdraws a change, as one of perhaps many who click at this moment. */
  async decide(changeId: string, choice: Choice, who: Asker, said: Said = {}): Promise<Answered | Demand> {
    const change = await this.tools.changes.get(changeId);
    if (change === null) return refused(unknownChange);
    const late = tooLate(change, choice, this.tools.clock());
    if (late !== null) return refused(late);
    const decision = await this.mayOn(change, who, choice);
    if (!decision.allowed) return refused(decision.sentence);
    const wait = choice === 'approve' ? await notNow(change, who, this.tools) : null;
    if (wait !== null) return refused(wait);
    const about = { id: changeId, title: change.plan.title, risk: change.plan.risk };
    const demand = await decisionDemanded(about, { choice, user: who.user, said }, this.tools);
    if (demand !== null) return demand;
    const chosen = { choice, user: who.user, reason: reasonOf(said.reason ?? '') };
    const answered = await decideInTurn(change, chosen, this.tools);
    if (answered.kind === 'done') this.tools.log.info({ change: changeId, choice }, 'a change was decided');
    return answered;
  }

  /** Asks for the plan that undoes a change. */
  async rollBack(changeId: string, who: Asker, grounds = noGrounds): Promise<Answered | Demand> {
    const change = await this.tools.changes.get(changeId);
    if (change === null) return refused(unknownChange);
    const decision = await this.mayOn(change, who, 'roll-back');
    if (!decision.allowed) return refused(decision.sentence);
    if (!can.rollBack(change.state)) return refused(alreadyDecided(change, 'rollBack'));
    const open = (await this.tools.changes.open()).find((one) => one.rollbackOf === changeId);
    if (open !== undefined) return refused(`An undo of this change is already ${open.state}: ${open.id}.`);
    const { channel, teamId, threadTs } = change;
    const origin: Origin = { channel, teamId, threadTs, user: who.user };
    const wish: Wish = { job: 'roll-back', change: changeId, ...saidOf(grounds) };
    const lacks = await this.lacking(wish);
    if (lacks !== null) return lacks;
    await this.submit(wish, `undo of ${change.plan.fix} on ${change.plan.target}`, origin);
    return {
      kind: 'done',
      sentence: 'The plan that undoes this change is being made; it needs an approval of its own.',
    };
  }

  /** Has a worker look once more, read-only, for an outcome that is unknown. */
  async lookAgain(changeId: string, who: Asker): Promise<Answered> {
    const change = await this.tools.changes.get(changeId);
    if (change === null) return refused(unknownChange);
    const decision = await this.mayOn(change, who, 'look-again');
    if (!decision.allowed) return refused(decision.sentence);
    if (change.state !== 'unknown') return refused(alreadyDecided(change, 'find'));
    await startChange(changeId, this.tools);
    return { kind: 'done', sentence: `Looking again on ${change.plan.target}; this only reads.` };
  }

  /** Ends the reading for a request; null when the request is not known any more. */
  async stopReading(requestId: string, { user, channel }: Asker): Promise<Answered | null> {
    const { requests, inventory, clock, tracing } = this.tools;
    const request = await requests.get(requestId);
    if (request === null || !onlyReads(request.wish)) return null;
    const { origin, wish, trace } = request;
    tracing?.link(trace);
    noteInLog({ request: requestId });
    const { object } = askedOf(wish, inventory);
    const about = { ...object, requester: origin.user, card: origin.channel };
    const who = { user, channel: channel ?? origin.channel };
    const decision = await this.mayI(who, 'stop-reading', requestId, about);
    if (!decision.allowed) return refused(decision.sentence);
    return stopReading(request, { by: user, at: new Date(clock()).toISOString(), newer: null }, this.tools);
  }

  /** A person says that what only a person can do is done; a worker checks it and goes on. */
  async continueChange(changeId: string, who: Asker): Promise<Answered> {
    return this.onWaiting(changeId, who, 'continue', goOn);
  }

  /** Whoever clicks carries the change from now on. */
  async handOver(changeId: string, who: Asker): Promise<Answered> {
    return this.onWaiting(changeId, who, 'hand-over', takeOver);
  }

  /** Ends a waiting change where it stands. */
  async cancelChange(changeId: string, who: Asker): Promise<Answered> {
    return this.onWaiting(changeId, who, 'cancel', cancel);
  }

  /** What a person is told who wants to close a change whose outcome is unknown; nothing is decided by it. */
  async closing(changeId: string, who: Asker): Promise<Closing | Answered> {
    const change = await this.closable(changeId, who);
    return 'kind' in change ? change : closingOf(change, this.tools.inventory);
  }

  /** Closes a change whose outcome is unknown, by what a person saw; nothing is run. */
  async closeChange(changeId: string, who: Asker, seen: string): Promise<Answered> {
    const change = await this.closable(changeId, who);
    if ('kind' in change) return change;
    const words = wordsSeen(seen);
    if (words === null)
      return refused(`Say in at least ${leastSeen} characters what you saw. Nothing was decided.`);
    const { digest, plan } = change;
    const released = { seen: words, locks: plan.locks.join(' ') };
    const detail = { decision: 'close', digest, target: plan.target, fix: plan.fix, ...released };
    await this.audit({ code: 'change.decided', actor: who.user, object: changeId, detail });
    return closeByHand(change, who.user, words, this.tools);
  }

  private async closable(changeId: string, who: Asker): Promise<Change | Answered> {
    const change = await this.tools.changes.get(changeId);
    if (change === null) return refused(unknownChange);
    const decision = await this.mayOn(change, who, 'close');
    if (!decision.allowed) return refused(decision.sentence);
    const late = notUnknown(change);
    return late === null ? change : refused(late);
  }

  private async onWaiting(
    changeId: string,
    who: Asker,
    decision: 'continue' | 'hand-over' | 'cancel',
    act: (change: Change, user: string, tools: DeskTools) => Promise<Answered>,
  ): Promise<Answered> {
    const change = await this.tools.changes.get(changeId);
    if (change === null) return refused(unknownChange);
    const may = await this.mayOn(change, who, 'propose');
    if (!may.allowed) return refused(may.sentence);
    if (change.state !== 'waiting') return refused(notWaiting(change));
    const { digest, plan } = change;
    const detail = { decision, digest, target: plan.target, fix: plan.fix };
    await this.audit({ code: 'change.decided', actor: who.user, object: changeId, detail });
    return act(change, who.user, this.tools);
  }

  /** Takes up a fix that a card offers; null when the offer is not known any more. */
  async takeOffer(offerId: string, origin: Origin, grounds = noGrounds): Promise<Answered | Demand | null> {
    const offer = await this.tools.requests.offer(offerId);
    if (offer === null) return null;
    const { fix, target } = offer;
    const wish = { job: 'propose-fix', fix, target, ...saidOf(grounds) } as const;
    const decision = await this.mayAsk(askerOf(origin), wish, `${offer.fix} on ${offer.target}`);
    if (!decision.allowed) return refused(decision.sentence);
    const lacks = await this.lacking(wish);
    if (lacks !== null) return lacks;
    await this.submit(wish, `${fixCommand(offer.fix)} ${offer.target} ${offer.fix}`, origin);
    return {
      kind: 'done',
      sentence: `Making a plan for ${offer.fix} on ${offer.target}. Nothing runs before it is approved.`,
    };
  }

  private async audit(event: AuditEvent): Promise<void> {
    await this.tools.audit.append(event);
  }
}
