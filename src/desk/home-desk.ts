/** What the Home tab shows each person, read from Redis alone. Part of the entries: it is handed its edges. */
import { editionId } from '../../jobs/expiry-digest.js';
import { awaitedPerson } from '../approval/journal.js';
import { openStates } from '../approval/change-index.js';
import type { Change, ChangeState } from '../approval/states.js';
import type { RolloutStore } from '../approval/rollout-store.js';
import type { ChangeStore } from '../approval/store.js';
import type { Freeze } from '../core/may-start.js';
import type { CertificateLine, Edition } from '../digest/edition.js';
import { targetsOfLine } from '../digest/marked.js';
import type { DigestStore } from '../digest/store.js';
import type { Inventory } from '../inventory/inventory.js';
import { humanOf } from '../policy/people.js';
import type { Policy } from '../policy/schema.js';
import { targetFacts } from '../policy/target-facts.js';
import type { Looking } from '../redis/looking.js';
import type { SlackHomeDesk } from '../slack/home-tools.js';
import type { Home } from '../slack/views/home.js';
import type { RolloutRow } from '../slack/views/home-rollouts.js';
import { aboutOf, aboutRollout } from './asking.js';
import type { ChangesDesk } from './changes-desk.js';
import type { MayI } from './permission.js';

export interface HomeDeskTools {
  readonly mayI: MayI;
  readonly policy: Policy;
  readonly inventory: Inventory;
  readonly changes: ChangeStore;
  readonly rollouts: Pick<RolloutStore, 'open'>;
  readonly digest: DigestStore;
  readonly digestChannels: readonly { readonly channel: string }[];
  readonly desk: Pick<ChangesDesk, 'maySee' | 'lockLines'>;
  readonly freeze: () => Promise<Freeze | null>;
  readonly looking: Looking;
  readonly clock: () => number;
}

/** Of each kind so many are looked at; more are counted, and `/changes` lists them. */
const mostRead = 60;
/** Bands of the digest that end within a month. */
const soon: readonly string[] = ['expired', '1d', '7d', '14d', '30d'];

export class HomeDesk implements SlackHomeDesk {
  constructor(private readonly tools: HomeDeskTools) {}

  async home(user: string): Promise<Home> {
    await this.tools.looking.note(user, this.tools.clock());
    return this.look(user);
  }

  async look(user: string): Promise<Home> {
    const { tools } = this;
    const at = new Date(tools.clock()).toISOString();
    const who = { user, channel: null };
    const may = await tools.mayI(who, 'see-changes', 'help', { ahead: true });
    const open = await this.openFor(user);
    const mayApprove = await Promise.all(open.map((change) => this.mayApprove(change, user)));
    const isMine = (change: Change): boolean => this.isSame(change.requester, user);
    const carried = open.filter(
      (change) => change.state === 'waiting' && awaitedPerson(change) !== undefined,
    );
    const isCarrier = (change: Change): boolean => this.isSame(change.carriedBy ?? change.requester, user);
    return {
      ...{ at, isAllowed: may.allowed || open.length > 0 },
      decide: open.filter((_, n) => mayApprove[n] === true),
      carry: carried.filter(isCarrier),
      asked: open.filter((change) => change.state === 'proposed' && isMine(change)),
      unknown: open.filter(({ state }) => state === 'unknown'),
      running: open.filter(
        (change) =>
          !['planned', 'proposed', 'unknown'].includes(change.state) &&
          !(carried.includes(change) && isCarrier(change)),
      ),
      rollouts: await this.rolloutsFor(user),
      isMore: open.length >= mostRead,
      expiring: may.allowed ? await this.expiring(user) : [],
      locks: may.allowed ? await tools.desk.lockLines(who) : [],
      freeze: await tools.freeze(),
    };
  }

  isLooking(user: string): Promise<boolean> {
    return this.tools.looking.has(user, this.tools.clock());
  }

  lookers(): Promise<readonly string[]> {
    return this.tools.looking.latest(this.tools.clock());
  }

  async channelOf(id: string): Promise<string | null> {
    const change = await this.tools.changes.get(id);
    if (change !== null) return change.channel;
    const ref = await this.tools.digest.line(id);
    const edition = ref === null ? null : await this.tools.digest.edition(ref.edition);
    return edition?.channel ?? null;
  }

  /** Open changes that this person may see, newest first. */
  private async openFor(user: string): Promise<readonly Change[]> {
    const states: readonly ChangeState[] = openStates.filter((state) => state !== 'planned');
    const { changes } = await this.tools.changes.find({ states }, 0, mostRead);
    const seen = await Promise.all(
      changes.map((change) => this.tools.desk.maySee(change, { user, channel: null })),
    );
    return changes.filter((_, n) => seen[n] === true);
  }

  /** Open roll-outs all of whose targets this person may see, newest first. */
  private async rolloutsFor(user: string): Promise<readonly RolloutRow[]> {
    const { rollouts, mayI, inventory, clock } = this.tools;
    const open = [...(await rollouts.open())].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    const rows = await Promise.all(
      open.slice(0, mostRead).map(async (rollout) => {
        const who = { user, channel: rollout.channel };
        const about = aboutRollout(rollout, inventory);
        if (!(await mayI(who, 'see-changes', 'help', about)).allowed) return [];
        const isOpen = rollout.state === 'proposed' && clock() <= Date.parse(rollout.expiresAt);
        const waitsForMe = isOpen && (await mayI(who, 'approve', 'help', about)).allowed;
        return [{ rollout, waitsForMe }];
      }),
    );
    return rows.flat();
  }

  private async mayApprove(change: Change, user: string): Promise<boolean> {
    if (change.state !== 'proposed' || this.tools.clock() > Date.parse(change.expiresAt)) return false;
    const who = { user, channel: change.channel };
    return (await this.tools.mayI(who, 'approve', 'help', aboutOf(change, this.tools.inventory))).allowed;
  }

  private isSame(one: string, other: string): boolean {
    return humanOf(this.tools.policy, one) === humanOf(this.tools.policy, other);
  }

  /** What the last editions list as ending within a month, as far as this person may read those nodes. */
  private async expiring(user: string): Promise<readonly CertificateLine[]> {
    const editions = await Promise.all(
      this.tools.digestChannels.map(({ channel }) => this.lastEdition(channel)),
    );
    const lines = editions.flatMap((edition) => (edition === null ? [] : linesOf(edition)));
    const seen = await Promise.all(
      lines.map(async ({ line, channel }) => {
        const targets = targetFacts(this.tools.inventory, targetsOfLine(line));
        return (
          await this.tools.mayI({ user, channel }, 'diagnose', 'help', { name: 'certificates', targets })
        ).allowed;
      }),
    );
    const shown = lines.filter((_, n) => seen[n] === true).map(({ line }) => line);
    // The same certificate may stand in the digests of several channels.
    const once = new Map(shown.map((line) => [line.fingerprint, line]));
    return [...once.values()].sort((a, b) => (a.notAfter < b.notAfter ? -1 : 1));
  }

  private async lastEdition(channel: string): Promise<Edition | null> {
    const date = await this.tools.digest.lastPosted(channel);
    return date === null ? null : this.tools.digest.edition(editionId(channel, date));
  }
}

function linesOf(edition: Edition): readonly { line: CertificateLine; channel: string }[] {
  return edition.lines.flatMap((line) =>
    line.kind === 'certificate' && soon.includes(line.band) ? [{ line, channel: edition.channel }] : [],
  );
}
