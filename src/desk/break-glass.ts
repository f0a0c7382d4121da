/** How the glass is broken for one target, once it is known that this person may. It never stands in for an approval. */
import type { Glass, GlassWish } from '../approval/calm.js';
import { didYouMean } from '../core/did-you-mean.js';
import type { Asker, Origin } from '../core/request.js';
import { weekdays } from '../digest/calendar.js';
import type { Inventory } from '../inventory/inventory.js';
import { means } from '../policy/grants.js';
import { glassHint } from '../policy/hint.js';
import { accountsOf } from '../policy/people.js';
import { targetFacts } from '../policy/target-facts.js';
import { nextOpening } from '../policy/time-windows.js';
import type { CodeWanted } from '../slack/time-tools.js';
import { utc } from '../slack/views/time.js';
import { glassMessage } from '../slack/views/time-messages.js';
import { stepUpSentence } from './demands.js';
import { refused, startChange, type Answered } from './decisions.js';
import { keptReason, tell, underWay } from './freeze.js';
import type { TimeDeskTools } from './time-desk.js';

/** Fewer characters say nothing to who reviews it the next morning. */
const leastReason = 10;

/** One node or cluster, with everything that is opened with it. */
interface Named {
  readonly target: string;
  readonly covers: readonly string[];
}

/** Opens windows and freezes for one target and its cluster; wakes what waits there and tells the channel aloud. */
export async function breakGlass(
  word: string | null,
  reason: string,
  origin: Origin,
  tools: TimeDeskTools,
): Promise<Answered | CodeWanted> {
  const named = namedBy(word, tools.inventory);
  if (typeof named === 'string') return refused(`${named} Nothing was opened.`);
  const targets = targetFacts(tools.inventory, named.covers);
  const about = `break-glass ${named.target}`;
  const may = await tools.mayI(origin, 'break-glass', about, { targets });
  if (!may.allowed)
    return refused(`${may.sentence} Nothing was opened. Who may: ${glassHint(tools.policy)}.`);
  if (keptReason(reason).length < leastReason)
    return refused(
      `Say in at least ${leastReason} characters why it cannot wait: others review it the next morning. Nothing was opened.`,
    );
  const active = await openGlass(named.target, tools);
  if (active !== undefined)
    return refused(
      `The glass of ${named.target} is broken already, by <@${active.by}> until ${utc(active.until)}.`,
    );
  const unproven = await withoutCode(named.target, keptReason(reason), origin, tools);
  if (unproven !== null) return unproven;
  const glass = newGlass(named, keptReason(reason), origin, tools);
  const { target, until, reason: why, covers } = glass;
  const detail = { target, until, reason: why, covers: covers.join(' '), channel: origin.channel };
  await tools.audit.append({ code: 'glass.broken', actor: origin.user, object: glass.glass, detail });
  await tools.calm.keepGlass(glass);
  const waiting = (await underWay(tools)).approved.filter(({ plan }) => covers.includes(plan.target));
  for (const { id } of waiting) await startChange(id, tools);
  await tell(`glass:${glass.glass}`, glassMessage(glass, waiting), origin, tools);
  return { kind: 'done', sentence: '' };
}

/**
 * Breaks the glass for who has given the code that was asked for. A right code is remembered for an hour: with it the same
 * is asked once more, from the beginning.
 */
export async function breakWithCode(
  { target, reason, origin }: GlassWish,
  code: string,
  who: Asker,
  tools: TimeDeskTools,
): Promise<Answered> {
  const account = accountOf(who.user, tools);
  if (who.user !== origin.user || tools.stepUp === null || account === undefined)
    return refused('Only who wants to break the glass gives the code for it. Nothing was opened.');
  const answer = await tools.stepUp.offer(account, code);
  const about = { actor: who.user, object: `break-glass ${target}` };
  if (answer !== 'ok') {
    await tools.audit.append({ code: 'step-up.refused', ...about, detail: { rule: answer } });
    return refused(stepUpSentence(answer, who.user));
  }
  await tools.audit.append({ code: 'step-up.given', ...about, detail: {} });
  const answered = await breakGlass(target, reason, origin, tools);
  return answered.kind === 'code'
    ? refused('The code was not kept. Nothing was opened. Type it again.')
    : answered;
}

/** What is asked of who has not given a code within the hour, where the policy wants codes; null where nothing is. */
async function withoutCode(
  target: string,
  reason: string,
  origin: Origin,
  tools: TimeDeskTools,
): Promise<CodeWanted | Answered | null> {
  const { stepUp, calm, audit, newId } = tools;
  if (stepUp === null) return null;
  const { user } = origin;
  const account = accountOf(user, tools);
  if (account === undefined) {
    const detail = { rule: 'not-enrolled' };
    await audit.append({ code: 'step-up.refused', actor: user, object: `break-glass ${target}`, detail });
    return refused(
      `Breaking the glass asks for a code of your authenticator, and none is set up for you. Nothing was opened. Whoever runs aixops sets it up with: aixops step-up ${user}`,
    );
  }
  if (await stepUp.isFresh(account)) return null;
  const wish = newId();
  await calm.keepWish(wish, { target, reason, origin });
  return { kind: 'code', wish, target };
}

/** The account of this person that an authenticator is set up for. */
function accountOf(user: string, { policy, stepUp }: TimeDeskTools): string | undefined {
  return accountsOf(policy, user).find((account) => stepUp?.isEnrolled(account) === true);
}

async function openGlass(target: string, { calm, clock }: TimeDeskTools): Promise<Glass | undefined> {
  const now = clock();
  return (await calm.glasses()).find(
    ({ covers, until }) => covers.includes(target) && now < Date.parse(until),
  );
}

function newGlass({ target, covers }: Named, reason: string, origin: Origin, tools: TimeDeskTools): Glass {
  const now = tools.clock();
  const until = now + (tools.policy.breakGlass?.minutes ?? 15) * 60_000;
  const zone = zoneOf(origin.channel, target, tools);
  // Every day has nine o'clock, so that there is always one.
  const morning = { targets: [], zone, days: weekdays, from: '09:00', to: '09:01' };
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    glass: tools.newId(),
    by: origin.user,
    at: iso(now),
    until: iso(until),
    reason,
    target,
    covers,
    channel: origin.channel,
    teamId: origin.teamId,
    reviewAt: iso(nextOpening(morning, until) ?? until),
    zone,
  };
}

/** In whose morning it is reviewed: that of the channel's digest, of the target's window, or of UTC. */
function zoneOf(
  channel: string,
  target: string,
  { digestChannels, policy, inventory }: TimeDeskTools,
): string {
  const own = digestChannels.find((one) => one.channel === channel)?.zone;
  if (own !== undefined) return own;
  const facts = targetFacts(inventory, [target]);
  const fits = (words: readonly string[]): boolean =>
    words.some((word) => word === 'all' || facts.some((one) => means(word, one)));
  const { windows } = policy;
  return (
    windows.find(({ targets }) => fits(targets))?.zone ?? windows[0]?.zone ?? digestChannels[0]?.zone ?? 'UTC'
  );
}

/** A node with its cluster, or a cluster with its nodes; why it is none of them, in words. */
function namedBy(word: string | null, { nodes, clusters }: Inventory): Named | string {
  const example = '/changes break-glass <target> <reason>';
  const target = (word ?? '').trim().replace(/^(?:node|cluster):/, '');
  if (target === '') return `Say for which node or cluster: ${example}.`;
  const cluster = clusters.get(target) ?? clusters.get(nodes.get(target)?.cluster ?? '');
  if (cluster === undefined && !nodes.has(target)) {
    const meant = didYouMean(target, [...nodes.keys(), ...clusters.keys()]);
    return `Unknown node or cluster "${target.slice(0, 60)}".${meant === null ? '' : ` Did you mean ${meant}?`}`;
  }
  const members = cluster === undefined ? [] : [cluster.name, ...cluster.nodes.map((node) => node.name)];
  return { target, covers: [...new Set([target, ...members])] };
}
