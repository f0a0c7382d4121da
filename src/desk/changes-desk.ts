/**
 * What people see of changes and do to their locks, as the bot carries it out: authorised, and read from Redis alone.
 * Part of the entries: it is handed its edges.
 */
import { showChange } from '../../jobs/show.js';
import type { Audit } from '../audit/audit.js';
import { openStates, type ChangeQuery } from '../approval/change-index.js';
import type { Locks } from '../approval/locks.js';
import type { PageStore } from '../approval/page-store.js';
import { endStates, type Change, type ChangeState } from '../approval/states.js';
import type { ChangeStore } from '../approval/store.js';
import type { ChangesAsk } from '../core/changes-ask.js';
import { UsageError } from '../core/errors.js';
import type { Freeze } from '../core/may-start.js';
import type { Asker } from '../core/request.js';
import { chooseNodes } from '../inventory/choose.js';
import type { Inventory } from '../inventory/inventory.js';
import type { Outbox } from '../outbox/outbox.js';
import { accountsOf } from '../policy/people.js';
import type { Policy } from '../policy/schema.js';
import type { SlackChangesDesk } from '../slack/changes-tools.js';
import type { Answered } from '../slack/tools.js';
import type { ChangeDetails } from '../slack/views/change-details.js';
import type { ChangesPage, LockLine, LocksShown } from '../slack/views/changes-list.js';
import { recordFile } from '../slack/views/change-record.js';
import { aboutOf } from './asking.js';
import { refused } from './decisions.js';
import { releaseByForce } from './lock-release.js';
import type { MayI } from './permission.js';

export interface ChangesDeskTools {
  readonly mayI: MayI;
  readonly policy: Policy;
  readonly inventory: Inventory;
  readonly changes: ChangeStore;
  readonly locks: Locks;
  readonly pages: PageStore;
  readonly outbox: Outbox;
  readonly audit: Audit;
  /** null where changes are not frozen. */
  readonly freeze: () => Promise<Freeze | null>;
  readonly approversHint: string;
  readonly clock: () => number;
  readonly newId: () => string;
}

const pageSize = 10;
const trailAtMost = 25;
/** Of so many changes that hold locks it is read what they are. */
const mostHolders = 60;

export class ChangesDesk implements SlackChangesDesk {
  constructor(private readonly tools: ChangesDeskTools) {}

  async list(ask: ChangesAsk, asked: string, who: Asker): Promise<ChangesPage | Answered> {
    const may = await this.tools.mayI(who, 'see-changes', asked, { ahead: true });
    if (!may.allowed) return refused(may.sentence);
    // Kept as the person who asked: another who turns the page does not become "me".
    const named = ask.by === null ? null : this.personOf(ask.by, who.user);
    if (ask.by !== null && named === null) return refused(unknownPerson(ask.by));
    return this.pageOf({ ...ask, by: named }, asked, 0, who);
  }

  async page(pageId: string, who: Asker): Promise<ChangesPage | Answered | null> {
    const kept = await this.tools.pages.get(pageId);
    if (kept === null) return null;
    const may = await this.tools.mayI(who, 'see-changes', kept.asked, { ahead: true });
    return may.allowed ? this.pageOf(kept.ask, kept.asked, kept.from, who) : refused(may.sentence);
  }

  async details(changeId: string, who: Asker): Promise<ChangeDetails | Answered | null> {
    const change = await this.tools.changes.get(changeId);
    if (change === null) return null;
    const may = await this.tools.mayI(who, 'see-changes', changeId, aboutOf(change, this.tools.inventory));
    if (!may.allowed) return refused(may.sentence);
    const trail = await this.tools.audit.history(changeId, trailAtMost);
    const posted = await this.tools.outbox.get(change.cardKey);
    const card =
      posted?.ts === null || posted === null
        ? null
        : { channel: posted.postedIn ?? posted.channel, ts: posted.ts };
    return { kind: 'details', change, trail, card, permalink: null };
  }

  async file(changeId: string, who: Asker): Promise<Answered | null> {
    const change = await this.tools.changes.get(changeId);
    if (change === null) return null;
    const may = await this.tools.mayI(who, 'see-changes', changeId, aboutOf(change, this.tools.inventory));
    if (!may.allowed) return refused(may.sentence);
    const { channel, cardKey, version } = change;
    const letter = { channel, thread: { key: cardKey }, priority: 'detail' as const, user: who.user };
    const isForgotten = (await this.tools.outbox.get(cardKey)) === null;
    // A file needs a thread, or the channel would be told of what one person asked for.
    if (isForgotten) await showChange(change, this.tools);
    // The same record is posted once, however often it is asked for.
    const key = `${cardKey}:record:${version}`;
    await this.tools.outbox.putOnce({ ...letter, key }, { kind: 'file', file: recordFile(change) });
    const again = isForgotten ? ' The card is posted anew, because the old one is not known any more.' : '';
    return { kind: 'done', sentence: `The whole record is a file in the thread of its card.${again}` };
  }

  async locks(who: Asker): Promise<LocksShown | Answered> {
    const may = await this.tools.mayI(who, 'see-changes', 'locks', { ahead: true });
    if (!may.allowed) return refused(may.sentence);
    return { kind: 'locks', locks: await this.lockLines(who), freeze: await this.tools.freeze() };
  }

  release(lock: string, reason: string, who: Asker): Promise<Answered> {
    return releaseByForce({ lock, reason, who }, this.tools);
  }

  /** Locks with their changes, as far as this person may see them. */
  async lockLines(who: Asker): Promise<readonly LockLine[]> {
    const held = await this.tools.locks.held();
    const holders = [...new Set(held.map(({ holder }) => holder))].slice(0, mostHolders);
    const read = await Promise.all(
      holders.map(async (holder): Promise<[string, Change | null]> => {
        const change = await this.tools.changes.get(holder);
        return [holder, change !== null && (await this.maySee(change, who)) ? change : null];
      }),
    );
    const known = new Map(read);
    return held.map(({ key, holder }) => ({ key, holder, change: known.get(holder) ?? null }));
  }

  /** Whether a change is shown to somebody, who may be in no channel; nobody is refused anything by looking at a list. */
  async maySee(change: Change, { user, channel }: Asker): Promise<boolean> {
    const who = { user, channel: channel ?? change.channel };
    return (await this.tools.mayI(who, 'see-changes', 'help', aboutOf(change, this.tools.inventory))).allowed;
  }

  private async pageOf(ask: ChangesAsk, asked: string, from: number, who: Asker): Promise<ChangesPage> {
    const query = this.queryOf(ask);
    const { changes, total } = await this.tools.changes.find(query, from, pageSize);
    const seen = await Promise.all(changes.map((change) => this.maySee(change, who)));
    const shown = changes.filter((_, n) => seen[n] === true);
    const turn = (to: number): Promise<string> => this.keepPage({ ask, asked, from: to });
    return {
      kind: 'page',
      asked,
      isFiltered: Object.keys(query).length > 0,
      changes: shown,
      hidden: changes.length - shown.length,
      total,
      from,
      newer: from === 0 ? null : await turn(Math.max(0, from - pageSize)),
      older: from + pageSize < total ? await turn(from + pageSize) : null,
      locks: await this.lockLines(who),
      freeze: await this.tools.freeze(),
    };
  }

  private async keepPage(page: Parameters<PageStore['put']>[1]): Promise<string> {
    const id = this.tools.newId();
    await this.tools.pages.put(id, page);
    return id;
  }

  private queryOf({ targets, state, fix, by, sinceHours }: ChangesAsk): ChangeQuery {
    return {
      ...(targets.length > 0 && { places: placesOf(targets, this.tools.inventory) }),
      ...(state !== null && { states: statesOf(state) }),
      ...(fix !== null && { fix }),
      ...(by !== null && { requesters: accountsOf(this.tools.policy, by) }),
      ...(sinceHours !== null && { since: this.tools.clock() - sinceHours * 3_600_000 }),
    };
  }

  /** The account that a word means: oneself, an id, or a name of the policy; null for anybody else. */
  private personOf(word: string, self: string): string | null {
    if (word.toLowerCase() === 'me') return self;
    if (/^[UW][A-Z0-9]{2,20}$/.test(word) || /^cli:\S+$/.test(word)) return word;
    const named = Object.entries(this.tools.policy.people).find(
      ([, { name }]) => name?.toLowerCase() === word.toLowerCase(),
    );
    return named?.[0] ?? null;
  }
}

function unknownPerson(word: string): string {
  return `Nobody called "${word}" is known here. Pick the person from the list that Slack offers after an @, or type me. Nothing was looked up.`;
}

function statesOf(word: NonNullable<ChangesAsk['state']>): readonly ChangeState[] {
  if (word === 'open') return openStates;
  return word === 'ended' ? endStates : [word];
}

/** What changes of these targets lock: the nodes, and the groups that are named themselves. */
function placesOf(selectors: readonly string[], inventory: Inventory): readonly string[] {
  const groups = selectors.filter((selector) => /^(?:cluster|system):/.test(selector));
  try {
    const nodes = chooseNodes(inventory, selectors);
    return [...new Set([...nodes.map(({ name }) => `node:${name}`), ...groups])];
  } catch (error) {
    if (error instanceof UsageError) return groups;
    throw error;
  }
}
