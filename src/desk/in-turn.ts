/** Of many who decide on one thing at the same moment, one after the other does: the rest then sees what was decided. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Change } from '../approval/states.js';
import type { ChangeStore } from '../approval/store.js';
import type { Audit } from '../audit/audit.js';
import { humanOf } from '../policy/people.js';
import {
  carryOut,
  refused,
  tooLate,
  unknownChange,
  type Answered,
  type Choice,
  type DecisionTools,
} from './decisions.js';

/** As long as one turn takes at most; whoever dies in it holds up nobody for longer. */
const turnMs = 2_000;
const lookEveryMs = 20;
/** Slack waits three seconds in all. What is done without a turn is still made by compare-and-set. */
const patienceMs = 1_500;

/** What somebody decides, once it is known that they may. */
interface Decided {
  readonly choice: Choice;
  readonly user: string;
  /** Of a rejection. */
  readonly reason: string | null;
}

/** Writes a decision down and makes it, unless somebody else was quicker: then it says who, and when. */
export async function decideInTurn(
  change: Change,
  decided: Decided,
  tools: DecisionTools & { readonly audit: Audit },
): Promise<Answered> {
  const { id, digest, plan } = change;
  const { choice, user, reason } = decided;
  const passed = async (): Promise<Answered | null> => {
    const sentence = whyNot(await tools.changes.get(id), decided, tools);
    return sentence === null ? null : refused(sentence);
  };
  return inTurn(id, tools, passed, async () => {
    const about = { digest, target: plan.target, fix: plan.fix };
    const detail = { decision: choice, ...about, ...(reason !== null && { reason }) };
    await tools.audit.append({ code: 'change.decided', actor: user, object: id, detail });
    const now = (await tools.changes.get(id)) ?? change;
    return carryOut(now, choice, { user, reason: reason ?? '' }, tools);
  });
}

function whyNot(
  now: Change | null,
  { choice, user }: Decided,
  { policy, clock }: DecisionTools,
): string | null {
  if (now === null) return unknownChange;
  const late = tooLate(now, choice, clock());
  if (late !== null || choice !== 'approve') return late;
  const human = humanOf(policy, user);
  return now.approvals.some((one) => humanOf(policy, one.user) === human)
    ? 'You have approved this change already.'
    : null;
}

interface TurnTools {
  readonly changes: Pick<ChangeStore, 'takeLease' | 'dropLease'>;
  readonly newId: () => string;
}

/** Does `act` in turn. `passed` is asked while waiting: what it answers, other than null, ends the waiting with that. */
async function inTurn<T>(
  id: string,
  tools: TurnTools,
  passed: () => Promise<T | null>,
  act: () => Promise<T>,
): Promise<T> {
  const { changes, newId } = tools;
  const turn = `decide:${id}`;
  const token = newId();
  for (let waited = 0; waited < patienceMs; waited += lookEveryMs) {
    if (await changes.takeLease(turn, token, turnMs)) break;
    const meanwhile = await passed();
    if (meanwhile !== null) return meanwhile;
    await sleep(lookEveryMs);
  }
  try {
    return (await passed()) ?? (await act());
  } finally {
    await changes.dropLease(turn, token);
  }
}
