/** What people do to time, as the bot carries it out: freezes, broken glass, and its review. */
import { showReview } from '../../jobs/review-glass.js';
import type { CalmStore } from '../approval/calm.js';
import type { StepUp } from '../approval/step-up.js';
import type { Audit } from '../audit/audit.js';
import { askerOf, type Asker, type Origin } from '../core/request.js';
import type { DigestChannel } from '../digest/schedule.js';
import type { Inventory } from '../inventory/inventory.js';
import { targetFacts } from '../policy/target-facts.js';
import type { CodeWanted, SlackTimeDesk } from '../slack/time-tools.js';
import type { Answered } from '../slack/tools.js';
import { utc } from '../slack/views/time.js';
import { breakGlass, breakWithCode } from './break-glass.js';
import { refused, type DecisionTools } from './decisions.js';
import { freezeAll, liftFreeze } from './freeze.js';
import type { MayI } from './permission.js';

export interface TimeDeskTools extends DecisionTools {
  readonly calm: CalmStore;
  readonly mayI: MayI;
  readonly audit: Audit;
  readonly inventory: Inventory;
  readonly digestChannels: readonly DigestChannel[];
  /** null where the policy asks for no code anywhere. */
  readonly stepUp: StepUp | null;
}

export class TimeDesk implements SlackTimeDesk {
  constructor(private readonly tools: TimeDeskTools) {}

  async freeze(on: boolean, reason: string, origin: Origin): Promise<Answered> {
    const may = await this.tools.mayI(askerOf(origin), 'freeze', on ? 'freeze on' : 'freeze off');
    if (!may.allowed) return refused(`${may.sentence} Nothing was done.`);
    if (isAlone(origin)) return refused(sayAloud);
    return on ? freezeAll(reason, origin, this.tools) : liftFreeze(reason, origin, this.tools);
  }

  async breakGlass(target: string | null, reason: string, origin: Origin): Promise<Answered | CodeWanted> {
    return isAlone(origin) ? refused(sayAloud) : breakGlass(target, reason, origin, this.tools);
  }

  async giveCode(wishId: string, code: string, who: Asker): Promise<Answered | null> {
    const wish = await this.tools.calm.wish(wishId);
    return wish === null ? null : breakWithCode(wish, code, who, this.tools);
  }

  async reviewed(glassId: string, who: Asker): Promise<Answered | null> {
    const { calm, inventory, mayI, audit, clock } = this.tools;
    const glass = await calm.glass(glassId);
    if (glass === null) return null;
    const object = { requester: glass.by, targets: targetFacts(inventory, [glass.target]) };
    const may = await mayI(who, 'approve', glassId, object);
    if (!may.allowed)
      return refused(
        may.rule === 'requester-is-not-approver' ? ownGlass : `${may.sentence} Nothing was done.`,
      );
    const before = await calm.reviewed(glassId);
    if (before !== null) return refused(`It was reviewed by <@${before.by}> already, at ${utc(before.at)}.`);
    const at = new Date(clock()).toISOString();
    const detail = { by: glass.by, target: glass.target };
    await audit.append({ code: 'glass.reviewed', actor: who.user, object: glassId, detail });
    const first = await calm.review(glassId, { by: who.user, at });
    await showReview(glass, this.tools);
    if (first.by !== who.user) return refused(`<@${first.by}> was quicker: it is reviewed.`);
    return { kind: 'done', sentence: '' };
  }
}

const sayAloud = 'Do this in a channel, where the others see it: it is told there. Nothing was done.';
const ownGlass = 'You broke this glass, so another approver reviews it. Nothing was done.';

/** Whether this was said to the bot alone. */
function isAlone({ channel }: Origin): boolean {
  return channel.startsWith('D');
}
