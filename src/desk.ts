/**
 * What people do to requests and changes, as the bot carries it out: each act is authorised, written to the audit
 * trail, made by compare-and-set, and only then queued. Part of the entries: it is handed its edges.
 */
import type { Logger } from 'pino';
import { showChange, showRequest } from '../jobs/show.js';
import { chooseNodes } from './inventory/choose.js';
import type { Audit, AuditEvent } from './audit/audit.js';
import type { ChangeStore } from './approval/store.js';
import { can, type Change, type Move } from './approval/states.js';
import { RefusedError } from './core/errors.js';
import type { Origin, Request, Wish } from './core/request.js';
import type { Inventory } from './inventory/inventory.js';
import type { Outbox } from './outbox/outbox.js';
import {
  approvalsCounted,
  authorise,
  type Action,
  type ActionObject,
  type Decision,
} from './policy/authorise.js';
import type { Policy } from './policy/schema.js';
import type { Enqueue, QueueName } from './queue/queues.js';
import type { RequestStore } from './requests/store.js';
import { utc } from './slack/views/time.js';

export interface DeskTools {
  readonly inventory: Inventory;
  readonly policy: Policy;
  readonly requests: RequestStore;
  readonly changes: ChangeStore;
  readonly outbox: Outbox;
  readonly audit: Audit;
  readonly queue: Enqueue;
  readonly approversHint: string;
  readonly clock: () => number;
  readonly newId: () => string;
  readonly log: Logger;
}

export type Choice = 'approve' | 'reject' | 'withdraw';

/** What became of a click. `sentence` is for the person who clicked, in plain text. */
export type Answered =
  | { readonly kind: 'done'; readonly sentence: string }
  | { readonly kind: 'refused'; readonly sentence: string };

/** A request that nobody started within this is not started later by surprise. */
const startWithinMs = 10 * 60_000;

const jobOf: Readonly<Record<Wish['job'], QueueName>> = {
  diagnose: 'read',
  'propose-fix': 'read',
  'roll-back': 'read',
};

export class Desk {
  constructor(private readonly tools: DeskTools) {}

  /** Asks the policy, and writes a refusal down. */
  async mayI(user: string, action: Action, about: string, object: ActionObject = {}): Promise<Decision> {
    const decision = authorise(this.tools.policy, { user }, action, object);
    if (!decision.allowed)
      await this.audit({
        code: 'request.refused',
        actor: user,
        object: about,
        detail: { action, rule: decision.rule },
      });
    return decision;
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
      total: wish.job === 'diagnose' ? chooseNodes(tools.inventory, wish.targets).length : 1,
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
    await tools.queue.add(jobOf[wish.job], wish.job, data, { jobId: `${wish.job}-${request.id}` });
    return request;
  }

  /** Approves, rejects or withdraws a change, as one of perhaps many who click at this moment. */
  async decide(changeId: string, choice: Choice, user: string): Promise<Answered> {
    const change = await this.tools.changes.get(changeId);
    if (change === null) return refused('This change is not known any more. Nothing was done.');
    const late = this.tooLate(change, choice);
    if (late !== null) return refused(late);
    const decision = await this.mayI(user, choice, changeId, aboutOf(change));
    if (!decision.allowed) return refused(decision.sentence);
    const detail = {
      decision: choice,
      digest: change.digest,
      target: change.plan.target,
      fix: change.plan.fix,
    };
    await this.audit({ code: 'change.decided', actor: user, object: changeId, detail });
    if (choice === 'approve') return this.approve(change, user);
    const note =
      choice === 'withdraw'
        ? 'Withdrawn by who asked for it. Nothing was run.'
        : 'Rejected. Nothing was run.';
    return this.move(changeId, 'reject', user, note);
  }

  /** Asks for the plan that undoes a change. */
  async rollBack(changeId: string, user: string): Promise<Answered> {
    const change = await this.tools.changes.get(changeId);
    if (change === null) return refused('This change is not known any more. Nothing was done.');
    const decision = await this.mayI(user, 'roll-back', changeId, aboutOf(change));
    if (!decision.allowed) return refused(decision.sentence);
    if (!can.rollBack(change.state)) return refused(this.decided(change, 'rollBack'));
    const open = (await this.tools.changes.open()).find((one) => one.rollbackOf === changeId);
    if (open !== undefined) return refused(`An undo of this change is already ${open.state}: ${open.id}.`);
    const { channel, teamId, threadTs } = change;
    const origin: Origin = { channel, teamId, threadTs, user };
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
  async lookAgain(changeId: string, user: string): Promise<Answered> {
    const change = await this.tools.changes.get(changeId);
    if (change === null) return refused('This change is not known any more. Nothing was done.');
    const decision = await this.mayI(user, 'look-again', changeId, aboutOf(change));
    if (!decision.allowed) return refused(decision.sentence);
    if (change.state !== 'unknown') return refused(this.decided(change, 'find'));
    await this.start(changeId);
    return { kind: 'done', sentence: `Looking again on ${change.plan.target}; this only reads.` };
  }

  /** Takes up a fix that a card offers; null when the offer is not known any more. */
  async takeOffer(offerId: string, user: string, origin: Origin): Promise<Answered | null> {
    const offer = await this.tools.requests.offer(offerId);
    if (offer === null) return null;
    const decision = await this.mayI(user, 'propose', `${offer.fix} on ${offer.target}`);
    if (!decision.allowed) return refused(decision.sentence);
    await this.submit(
      { job: 'propose-fix', fix: offer.fix, target: offer.target },
      `/rmc-fix ${offer.target} ${offer.fix}`,
      origin,
    );
    return {
      kind: 'done',
      sentence: `Making a plan for ${offer.fix} on ${offer.target}. Nothing runs before it is approved.`,
    };
  }

  private async approve(change: Change, user: string): Promise<Answered> {
    const at = this.now();
    const approvals = [...change.approvals, { user, at }];
    const counted = approvalsCounted(this.tools.policy, {
      requester: change.requester,
      approvals: approvals.map((a) => a.user),
    });
    if (counted >= change.approvalsNeeded) return this.approved(change, user);
    try {
      const after = await this.tools.changes.update(change.id, (now) => {
        if (!can.approve(now.state)) throw new RefusedError(this.decided(now, 'approve'), 'already-decided');
        if (now.approvals.some((one) => one.user === user))
          throw new RefusedError('You have approved this change already.', 'one-person-counts-once');
        return { approvals: [...now.approvals, { user, at }] };
      });
      await showChange(after, this.tools);
      // Two first approvals at the same moment: the later one completes the number.
      const all = after.approvals.map((a) => a.user);
      if (
        approvalsCounted(this.tools.policy, { requester: change.requester, approvals: all }) >=
        change.approvalsNeeded
      )
        return await this.approved(after, user);
      return { kind: 'done', sentence: 'Your approval counts. Another person must approve as well.' };
    } catch (error) {
      if (error instanceof RefusedError) return refused(error.message);
      throw error;
    }
  }

  private async approved(change: Change, user: string): Promise<Answered> {
    const at = this.now();
    const known = change.approvals.some((one) => one.user === user);
    const approvals = known ? change.approvals : [...change.approvals, { user, at }];
    const answer = await this.move(change.id, 'approve', user, '', { approvals });
    if (answer.kind === 'done') await this.start(change.id);
    return answer;
  }

  private async move(
    id: string,
    move: Move,
    user: string,
    note: string,
    patch: Partial<Change> = {},
  ): Promise<Answered> {
    const moved = await this.tools.changes.move(id, move, { user, at: this.now(), note }, () => ({
      ...patch,
      note,
    }));
    if (moved.kind === 'missing') return refused('This change is not known any more. Nothing was done.');
    if (moved.kind === 'not-allowed') return refused(this.decided(moved.change, move));
    await showChange(moved.change, this.tools);
    return { kind: 'done', sentence: move === 'approve' ? 'Approved. It starts now.' : note };
  }

  /** On the list of the clock first: should this process die before the queue has the job, the clock brings it back. */
  private async start(changeId: string): Promise<void> {
    const { tools } = this;
    const now = tools.clock();
    await tools.changes.setDue(changeId, now);
    const data = { v: 1, id: changeId, notAfter: now + 24 * 3_600_000 } as const;
    await tools.queue.add('change', 'apply-fix', data, { jobId: `apply-${changeId}-${tools.newId()}` });
  }

  private tooLate(change: Change, choice: Choice): string | null {
    const move = choice === 'approve' ? 'approve' : 'reject';
    if (!can[move](change.state)) return this.decided(change, move);
    if (this.tools.clock() <= Date.parse(change.expiresAt)) return null;
    return `This change expired at ${utc(change.expiresAt)}. Nothing was run. Ask for a new plan.`;
  }

  /** Who was first, and when. */
  private decided(change: Change, wanted: Move): string {
    const last = change.history.at(-1);
    const who = last === undefined || last.by === 'worker' ? '' : ` by <@${last.by}>`;
    const at = last === undefined ? '' : ` at ${utc(last.at)}`;
    return `This change is already ${change.state}${who}${at}; this can only be done while it is ${can[wanted].from.join(' or ')}.`;
  }

  private async audit(event: AuditEvent): Promise<void> {
    await this.tools.audit.append(event);
  }

  private now(): string {
    return new Date(this.tools.clock()).toISOString();
  }
}

function aboutOf(change: Change): ActionObject {
  return {
    requester: change.requester,
    risk: change.plan.risk,
    approvals: change.approvals.map((one) => one.user),
  };
}

function refused(sentence: string): Answered {
  return { kind: 'refused', sentence };
}
