/**
 * What people do to a roll-out, as the bot carries it out: authorised on every target of it, written to the audit trail,
 * made by compare-and-set, and only then queued. Part of the entries: it is handed its edges.
 */
import { lookAtRollout } from '../../jobs/lease.js';
import { changesOf, showRollout } from '../../jobs/show-rollout.js';
import { tellRejected } from '../../jobs/tell-rejected.js';
import type { RolloutStore } from '../approval/rollout-store.js';
import {
  membersOf,
  restOf,
  rolloutCan,
  standOf,
  type Rollout,
  type RolloutMove,
} from '../approval/rollout-states.js';
import type { ChangeStore } from '../approval/store.js';
import type { StepUp } from '../approval/step-up.js';
import type { TimeGate } from '../approval/time-gate.js';
import type { Audit } from '../audit/audit.js';
import { RefusedError } from '../core/errors.js';
import { reasonOf } from '../core/grounds.js';
import type { Asker, Origin, Request, Wish } from '../core/request.js';
import type { Tracing } from '../core/tracing.js';
import type { Inventory } from '../inventory/inventory.js';
import { noteInLog } from '../log-fields.js';
import type { Outbox } from '../outbox/outbox.js';
import { approvalsCounted, type Action } from '../policy/authorise.js';
import { humanOf } from '../policy/people.js';
import type { Policy } from '../policy/schema.js';
import type { Enqueue } from '../queue/queues.js';
import type { Demand, Said } from '../slack/approval-tools.js';
import type { SlackRolloutDesk } from '../slack/rollout-tools.js';
import { rolloutTitle } from '../slack/views/rollout-words.js';
import { targetFacts } from '../policy/target-facts.js';
import { aboutRollout, atChange } from './asking.js';
import { refused, type Answered, type Choice } from './decisions.js';
import { decisionDemanded } from './demands.js';
import { notNow } from './not-now.js';
import type { MayI } from './permission.js';
import { already, tooLate } from './rollout-late.js';
import { fixCommand } from './wishes.js';

export interface RolloutDeskTools {
  readonly desk: { submit(wish: Wish, asked: string, origin: Origin): Promise<Request> };
  readonly inventory: Inventory;
  readonly policy: Policy;
  readonly rollouts: RolloutStore;
  readonly changes: ChangeStore;
  readonly outbox: Outbox;
  readonly audit: Audit;
  readonly mayI: MayI;
  readonly timeGate: TimeGate;
  readonly stepUp: StepUp;
  readonly queue: Enqueue;
  readonly approversHint: string;
  readonly clock: () => number;
  readonly newId: () => string;
  readonly tracing?: Tracing;
}

export class RolloutDesk implements SlackRolloutDesk {
  constructor(private readonly tools: RolloutDeskTools) {}

  async decide(id: string, choice: Choice, who: Asker, said: Said = {}): Promise<Answered | Demand | null> {
    const rollout = await this.tools.rollouts.get(id);
    if (rollout === null) return null;
    const late = tooLate(rollout, choice, this.tools.clock());
    if (late !== null) return refused(late);
    const may = await this.mayOn(rollout, who, choice);
    if (!may.allowed) return refused(may.sentence);
    const wait = choice === 'approve' ? await this.closedFor(rollout, who) : null;
    if (wait !== null) return refused(wait);
    const about = { id, title: rolloutTitle(rollout), risk: rollout.risk };
    const deciding = { choice, user: who.user, said };
    const demand = await decisionDemanded(about, deciding, this.tools);
    if (demand !== null) return demand;
    const reason = choice === 'reject' ? (reasonOf(said.reason ?? '') ?? '') : '';
    await this.audit(rollout, who, choice, reason);
    if (choice === 'approve') return this.approve(rollout, who.user);
    return this.reject(rollout, { ...deciding, choice, reason });
  }

  async stop(id: string, who: Asker): Promise<Answered | null> {
    const rollout = await this.tools.rollouts.get(id);
    if (rollout === null) return null;
    if (!rolloutCan.stop(rollout.state)) return refused(already(rollout, 'stop'));
    const may = await this.mayOn(rollout, who, 'stop');
    if (!may.allowed) return refused(may.sentence);
    await this.audit(rollout, who, 'stop');
    const stop = { by: who.user, at: this.now(), target: null, note: '' };
    const answer = await this.move(rollout, 'stop', who.user, () => ({ stop, note: '' }));
    if (answer !== null) return answer;
    await lookAtRollout(id, 0, this.tools);
    return {
      kind: 'done',
      sentence: 'Stopped: nothing new begins. What runs now ends by itself; the card says which.',
    };
  }

  async proposeRest(id: string, origin: Origin): Promise<Answered | null> {
    const rollout = await this.tools.rollouts.get(id);
    if (rollout === null) return null;
    const changes = await changesOf(rollout, this.tools.changes);
    const stands = membersOf(rollout).map(
      ({ target }) => [target, standOf(changes.get(target) ?? null)] as const,
    );
    const targets = restOf(rollout, new Map(stands));
    const object = {
      name: rollout.fix,
      risk: rollout.risk,
      targets: targetFacts(this.tools.inventory, targets),
      card: rollout.channel,
    };
    const may = await this.tools.mayI(origin, 'roll-out', id, object);
    if (!may.allowed) return refused(may.sentence);
    if (rollout.state !== 'stopped') return refused(already(rollout, null));
    if (targets.length === 0)
      return refused('No target of this roll-out is left to be proposed. Nothing was done.');
    const { fix, args, grounds } = rollout;
    const wish = {
      ...({ job: 'propose-rollout', fix, targets, restOf: id } as const),
      ...(args.length > 0 && { args }),
      ...(grounds !== undefined && { grounds }),
    };
    const line = [fixCommand(fix), ...targets, fix, ...args].join(' ');
    await this.tools.desk.submit(wish, line.length > 600 ? `${line.slice(0, 599)}…` : line, origin);
    return {
      kind: 'done',
      sentence: 'Reading them again for a new list. Nothing runs before it is approved.',
    };
  }

  /** On every target that it would touch. */
  private mayOn(rollout: Rollout, who: Asker, action: Action): ReturnType<MayI> {
    this.tools.tracing?.link(rollout.trace);
    noteInLog({ rollout: rollout.id });
    return this.tools.mayI(
      atChange(who, rollout),
      action,
      rollout.id,
      aboutRollout(rollout, this.tools.inventory),
    );
  }

  /** A window that is shut for one target would hold its whole wave: then nothing of the list is approved. */
  private async closedFor(rollout: Rollout, who: Asker): Promise<string | null> {
    for (const [target, plan] of await this.tools.rollouts.plans(rollout.id)) {
      const wait = await notNow({ id: rollout.id, plan, expiresAt: rollout.expiresAt }, who, this.tools);
      if (wait !== null) return `${target}: ${wait}`;
    }
    return null;
  }

  private async approve(rollout: Rollout, user: string): Promise<Answered> {
    const own = { user, at: this.now() };
    if (this.isEnough(rollout, own)) return this.approved(rollout, own);
    try {
      const after = await this.tools.rollouts.update(rollout.id, (now) => {
        if (!rolloutCan.approve(now.state))
          throw new RefusedError(already(now, 'approve'), 'already-decided');
        if (this.hasApproved(now, user))
          throw new RefusedError('You have approved this roll-out already.', 'one-person-counts-once');
        return { approvals: [...now.approvals, own] };
      });
      await showRollout(after, this.tools);
      // Two first approvals at the same moment: the later one completes the number.
      if (this.isEnough(after, own)) return await this.approved(after, own);
      return { kind: 'done', sentence: 'Your approval counts. Another person must approve as well.' };
    } catch (error) {
      if (error instanceof RefusedError) return refused(error.message);
      throw error;
    }
  }

  private async approved(rollout: Rollout, own: Rollout['approvals'][number]): Promise<Answered> {
    const answer = await this.move(rollout, 'approve', own.user, (now) => ({
      approvals: this.hasApproved(now, own.user) ? now.approvals : [...now.approvals, own],
      note: '',
    }));
    if (answer !== null) return answer;
    await lookAtRollout(rollout.id, 0, this.tools);
    return { kind: 'done', sentence: 'Approved. It starts now, with one target.' };
  }

  private async reject(
    rollout: Rollout,
    by: { readonly user: string; readonly choice: 'reject' | 'withdraw'; readonly reason: string },
  ): Promise<Answered> {
    const { user, choice, reason } = by;
    const answer = await this.move(rollout, 'reject', user, () => ({ note: reason }));
    if (answer !== null) return answer;
    if (choice === 'reject') await tellRejected(rollout, by, this.tools);
    // All is said: the clock need not have a worker say it.
    await this.tools.rollouts.setDue(rollout.id, null);
    return {
      kind: 'done',
      sentence: `${choice === 'withdraw' ? 'Withdrawn' : 'Rejected'}. Nothing was run.`,
    };
  }

  private isEnough(
    { requester, approvals, approvalsNeeded }: Rollout,
    own: { readonly user: string },
  ): boolean {
    const users = [...approvals.map(({ user }) => user), own.user];
    return approvalsCounted(this.tools.policy, { requester, approvals: users }) >= approvalsNeeded;
  }

  private hasApproved({ approvals }: Rollout, user: string): boolean {
    const { policy } = this.tools;
    return approvals.some((one) => humanOf(policy, one.user) === humanOf(policy, user));
  }

  /** null when it was moved and drawn; else why not. */
  private async move(
    { id }: Rollout,
    name: RolloutMove,
    user: string,
    patch: (rollout: Rollout) => Partial<Rollout>,
  ): Promise<Answered | null> {
    const moved = await this.tools.rollouts.move(id, name, { user, at: this.now() }, patch);
    if (moved.kind === 'missing') return refused('This roll-out is not known any more. Nothing was done.');
    if (moved.kind === 'not-allowed') return refused(already(moved.rollout, name));
    await showRollout(moved.rollout, this.tools);
    return null;
  }

  private async audit(
    { id, digest, fix }: Rollout,
    { user }: Asker,
    decision: Choice | 'stop',
    reason = '',
  ): Promise<void> {
    const detail = { decision, digest, fix, ...(reason !== '' && { reason }) };
    await this.tools.audit.append({ code: 'rollout.decided', actor: user, object: id, detail });
  }

  private now(): string {
    return new Date(this.tools.clock()).toISOString();
  }
}
