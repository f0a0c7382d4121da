/**
 * What people do to requests and changes, as the bot carries it out: each act is authorised, written to the audit
 * trail, made by compare-and-set, and only then queued. Part of the entries: it is handed its edges.
 */
import type { Logger } from 'pino';
import { showRequest } from '../../jobs/show.js';
import type { Audit, AuditEvent } from '../audit/audit.js';
import type { ChangeStore } from '../approval/store.js';
import type { TimeGate } from '../approval/time-gate.js';
import { can, type Change } from '../approval/states.js';
import { askerOf, type Asker, type Origin, type Request, type Wish } from '../core/request.js';
import type { Inventory } from '../inventory/inventory.js';
import type { Outbox } from '../outbox/outbox.js';
import type { Action, Decision } from '../policy/authorise.js';
import type { Policy } from '../policy/schema.js';
import type { Enqueue, QueueName } from '../queue/queues.js';
import type { RequestStore } from '../requests/store.js';
import {
  alreadyDecided,
  carryOut,
  refused,
  startChange,
  tooLate,
  unknownChange,
  type Answered,
  type Choice,
} from './decisions.js';
import { cancel, goOn, notWaiting, takeOver } from './carrying.js';
import { aboutOf, askedOf, atChange } from './asking.js';
import { fixCommand, totalOf } from './wishes.js';
import { notNow } from './not-now.js';
import type { MayI } from './permission.js';
import { closeByHand, closingOf, leastSeen, notUnknown, wordsSeen } from './closing.js';
import type { Closing } from '../slack/tools.js';

export interface DeskTools {
  readonly inventory: Inventory;
  readonly policy: Policy;
  readonly requests: RequestStore;
  readonly changes: ChangeStore;
  readonly outbox: Outbox;
  readonly audit: Audit;
  readonly mayI: MayI;
  readonly timeGate: TimeGate;
  readonly queue: Enqueue;
  readonly approversHint: string;
  readonly clock: () => number;
  readonly newId: () => string;
  readonly log: Logger;
}

/** A request that nobody started within this is not started later by surprise. */
const startWithinMs = 10 * 60_000;

const jobOf: Readonly<Record<Wish['job'], QueueName>> = {
  diagnose: 'read',
  'propose-fix': 'read',
  'propose-rollout': 'read',
  'roll-back': 'read',
  'cert-expiry': 'read',
  enrol: 'read',
};

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
    return this.mayI(atChange(who, change), action, change.id, aboutOf(change, this.tools.inventory));
  }

  /** Writes a request down, shows its card, and queues its job; resolves when all of that is durable. */
  async submit(wish: Wish, asked: string, origin: Origin): Promise<Request> {
    const { tools } = this;
    const request: Request = {
      id: tools.newId(),
      asked,
      origin,
      wish,
      askedAt: this.now(),
      phase: 'queued',
      total: totalOf(wish, tools.inventory),
      done: 0,
      verdicts: [],
      offers: [],
      error: null,
    };
    await this.audit({
      code: 'request.accepted',
      actor: origin.user,
      object: request.id,
      detail: { asked, job: wish.job },
    });
    // The card first: a worker that is quicker than this line would otherwise have its card drawn over.
    await showRequest(request, tools);
    const data = { v: 1, id: request.id, notAfter: tools.clock() + startWithinMs } as const;
    const queued = tools.queue.add(jobOf[wish.job], wish.job, data, { jobId: `${wish.job}-${request.id}` });
    await queued.catch(async (error: unknown) => {
      // Best effort: where Redis is gone, the card cannot be changed either, and the person is told privately.
      const failed = {
        class: 'LostError',
        message: 'Queueing this failed: Redis did not answer. Nothing was run.',
      } as const;
      await showRequest({ ...request, phase: 'failed', error: failed }, tools).catch(() => undefined);
      throw error;
    });
    return request;
  }

  /** Approves, rejects or withdraws a change, as one of perhaps many who click at this moment. */
  async decide(changeId: string, choice: Choice, who: Asker): Promise<Answered> {
    const change = await this.tools.changes.get(changeId);
    if (change === null) return refused(unknownChange);
    const late = tooLate(change, choice, this.tools.clock());
    if (late !== null) return refused(late);
    const decision = await this.mayOn(change, who, choice);
    if (!decision.allowed) return refused(decision.sentence);
    const wait = choice === 'approve' ? await notNow(change, who, this.tools) : null;
    if (wait !== null) return refused(wait);
    const { digest, plan } = change;
    const detail = { decision: choice, digest, target: plan.target, fix: plan.fix };
    await this.audit({ code: 'change.decided', actor: who.user, object: changeId, detail });
    return carryOut(change, choice, who.user, this.tools);
  }

  /** Asks for the plan that undoes a change. */
  async rollBack(changeId: string, who: Asker): Promise<Answered> {
    const change = await this.tools.changes.get(changeId);
    if (change === null) return refused(unknownChange);
    const decision = await this.mayOn(change, who, 'roll-back');
    if (!decision.allowed) return refused(decision.sentence);
    if (!can.rollBack(change.state)) return refused(alreadyDecided(change, 'rollBack'));
    const open = (await this.tools.changes.open()).find((one) => one.rollbackOf === changeId);
    if (open !== undefined) return refused(`An undo of this change is already ${open.state}: ${open.id}.`);
    const { channel, teamId, threadTs } = change;
    const origin: Origin = { channel, teamId, threadTs, user: who.user };
    await this.submit(
      { job: 'roll-back', change: changeId },
      `undo of ${change.plan.fix} on ${change.plan.target}`,
      origin,
    );
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
  async takeOffer(offerId: string, origin: Origin): Promise<Answered | null> {
    const offer = await this.tools.requests.offer(offerId);
    if (offer === null) return null;
    const wish = { job: 'propose-fix', fix: offer.fix, target: offer.target } as const;
    const decision = await this.mayAsk(askerOf(origin), wish, `${offer.fix} on ${offer.target}`);
    if (!decision.allowed) return refused(decision.sentence);
    await this.submit(wish, `${fixCommand(offer.fix)} ${offer.target} ${offer.fix}`, origin);
    return {
      kind: 'done',
      sentence: `Making a plan for ${offer.fix} on ${offer.target}. Nothing runs before it is approved.`,
    };
  }

  private async audit(event: AuditEvent): Promise<void> {
    await this.tools.audit.append(event);
  }

  private now(): string {
    return new Date(this.tools.clock()).toISOString();
  }
}
