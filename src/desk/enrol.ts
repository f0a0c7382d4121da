/**
 * What people do to cards with host keys, as the bot carries it out: authorised, written to the audit trail, made by
 * compare-and-set. Nothing is fetched here: what a card shows is what it pins. Part of the entries: it is handed its edges.
 */
import { showEnrolment } from '../../jobs/show-enrolment.js';
import { canEnrol, type Enrolment } from '../approval/enrolment.js';
import type { Audit } from '../audit/audit.js';
import { RefusedError } from '../core/errors.js';
import { keysInWords } from '../core/host-key.js';
import type { Asker } from '../core/request.js';
import type { Inventory } from '../inventory/inventory.js';
import type { Outbox } from '../outbox/outbox.js';
import { approvalsCounted } from '../policy/authorise.js';
import type { Policy } from '../policy/schema.js';
import { targetFacts } from '../policy/target-facts.js';
import type { HostKeyStore } from '../redis/host-keys.js';
import type { SlackEnrolDesk } from '../slack/enrol-tools.js';
import type { Answered } from '../slack/tools.js';
import { utc } from '../slack/views/time.js';
import { refused } from './decisions.js';
import type { MayI } from './permission.js';

export interface EnrolDeskTools {
  readonly hostKeys: HostKeyStore;
  readonly policy: Policy;
  readonly inventory: Inventory;
  readonly mayI: MayI;
  readonly audit: Audit;
  readonly outbox: Outbox;
  readonly approversHint: string;
  readonly clock: () => number;
}

type Approvals = Enrolment['approvals'];

export class EnrolDesk implements SlackEnrolDesk {
  constructor(private readonly tools: EnrolDeskTools) {}

  async pin(enrolmentId: string, who: Asker): Promise<Answered | null> {
    const enrolment = await this.tools.hostKeys.get(enrolmentId);
    if (enrolment === null) return null;
    const late = this.tooLate(enrolment);
    if (late !== null) return refused(late);
    const may = await this.mayPin(enrolment, who);
    if (may !== null) return may;
    await this.audit('host-key.decided', who.user, enrolment, 'pin');
    return this.approve(enrolment.id, who.user);
  }

  async reject(enrolmentId: string, who: Asker): Promise<Answered | null> {
    const { tools } = this;
    const enrolment = await tools.hostKeys.get(enrolmentId);
    if (enrolment === null) return null;
    const late = this.tooLate(enrolment);
    if (late !== null) return refused(late);
    // Who asked may always take it back: less is trusted then.
    if (who.user !== enrolment.requester) {
      const may = await tools.mayI(who, 'enrol', enrolment.id, {
        targets: this.facts(enrolment),
        card: enrolment.channel,
      });
      if (!may.allowed) return refused(may.sentence);
    }
    await this.audit('host-key.decided', who.user, enrolment, 'reject');
    const note = 'Nothing was pinned.';
    const ended = await tools.hostKeys.end(enrolment.id, 'reject', { user: who.user, at: this.now(), note });
    if (ended.kind === 'missing') return null;
    if (ended.kind === 'not-allowed') return refused(decidedAlready(ended.enrolment));
    await showEnrolment(ended.enrolment, tools);
    return { kind: 'done', sentence: 'Rejected. Nothing was pinned.' };
  }

  /** Why this person may not pin, as an answer; null when they may. */
  private async mayPin(enrolment: Enrolment, who: Asker): Promise<Answered | null> {
    const { requester, approvals } = enrolment;
    const object = {
      requester,
      approvals: approvals.map(({ user }) => user),
      targets: this.facts(enrolment),
      card: enrolment.channel,
    };
    const may = await this.tools.mayI(who, 'enrol', enrolment.id, object);
    if (may.allowed) return null;
    if (may.rule === 'requester-is-not-approver')
      return refused('You asked for these host keys, so someone else must compare and pin them.');
    return refused(may.sentence);
  }

  /** Counts an approval; the last one that is needed pins. Of several who click at this moment each counts once. */
  private async approve(id: string, user: string): Promise<Answered | null> {
    const { hostKeys } = this.tools;
    const at = this.now();
    let approvals: Approvals = [];
    try {
      const counted = await hostKeys.change(id, (now) => {
        if (now.approvals.some((one) => one.user === user))
          throw new RefusedError('You have approved these keys already.', 'one-person-counts-once');
        approvals = [...now.approvals, { user, at }];
        return { approvals };
      });
      if (counted.kind === 'missing') return null;
      if (counted.kind === 'not-allowed') return refused(decidedAlready(counted.enrolment));
      if (!this.isEnough(counted.enrolment)) {
        await showEnrolment(counted.enrolment, this.tools);
        return {
          kind: 'done',
          sentence: 'Your approval counts. Another person must compare and approve as well.',
        };
      }
      return await this.pinNow(counted.enrolment, user);
    } catch (error) {
      if (error instanceof RefusedError) return refused(error.message);
      throw error;
    }
  }

  private async pinNow(enrolment: Enrolment, user: string): Promise<Answered | null> {
    const { hostKeys } = this.tools;
    const by = { user, at: this.now(), note: '' };
    const pinned = await hostKeys.pin(enrolment.id, enrolment.approvals, by);
    switch (pinned.kind) {
      case 'missing':
        return null;
      case 'not-allowed':
        return refused(decidedAlready(pinned.enrolment));
      case 'overtaken':
        return this.outdate(enrolment, pinned.target, user);
      case 'changed':
        await this.audit('host-key.pinned', user, pinned.enrolment, pinned.enrolment.kind);
        await showEnrolment(pinned.enrolment, this.tools);
        return { kind: 'done', sentence: 'Pinned. Workers trust these keys from their next connection on.' };
    }
  }

  /** Another card has pinned a key for one of the hosts since: pinning this one would replace what nobody here saw. */
  private async outdate(enrolment: Enrolment, target: string, user: string): Promise<Answered> {
    const note = `Another card has pinned a key for ${target} since this one was made. Nothing was pinned by this one. Ask again with the command.`;
    const ended = await this.tools.hostKeys.end(enrolment.id, 'outdate', { user, at: this.now(), note });
    if (ended.kind === 'changed') await showEnrolment(ended.enrolment, this.tools);
    return refused(note);
  }

  private isEnough({ requester, approvals, approvalsNeeded }: Enrolment): boolean {
    const object = { requester, approvals: approvals.map(({ user }) => user) };
    return approvalsCounted(this.tools.policy, object) >= approvalsNeeded;
  }

  private tooLate(enrolment: Enrolment): string | null {
    if (!canEnrol.pin(enrolment.state)) return decidedAlready(enrolment);
    if (this.tools.clock() <= Date.parse(enrolment.expiresAt)) return null;
    return `This card expired at ${utc(enrolment.expiresAt)}. Nothing was pinned. Ask again with the command.`;
  }

  private facts({ candidates }: Enrolment): ReturnType<typeof targetFacts> {
    return targetFacts(
      this.tools.inventory,
      candidates.map(({ target }) => target),
    );
  }

  /** One record for each host, so that its history tells which keys it was trusted by, and who said so. */
  private async audit(
    code: 'host-key.decided' | 'host-key.pinned',
    actor: string,
    { id, kind, candidates, requester, approvals }: Enrolment,
    decision: string,
  ): Promise<void> {
    for (const { target, host, port, keys, replaces } of candidates) {
      const detail = {
        ...{ enrolment: id, kind, decision, requester, address: `${host}:${port}`, keys: keysInWords(keys) },
        approvals: approvals.map(({ user }) => user).join(' '),
        ...(replaces !== null && { replaces: keysInWords(replaces.keys) }),
      };
      await this.tools.audit.append({ code, actor, object: target, detail });
    }
  }

  private now(): string {
    return new Date(this.tools.clock()).toISOString();
  }
}

/** Who was first, and when. */
function decidedAlready({ state, ended }: Enrolment): string {
  const who = ended === null || ended.by === 'worker' ? '' : ` by <@${ended.by}>`;
  const at = ended === null ? '' : ` at ${utc(ended.at)}`;
  return `This card is already ${state}${who}${at}. Your click changed nothing.`;
}
