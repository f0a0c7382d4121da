/**
 * What people do to a digest's lines, as the bot carries it out: authorised, written to the audit trail, kept by
 * compare-and-set, and drawn anew where the line stands. Part of the entries: it is handed its edges.
 */
import { redrawLine } from '../../jobs/show-digest.js';
import type { Audit } from '../audit/audit.js';
import { askerOf, type Asker, type Origin, type Request, type Wish } from '../core/request.js';
import type { Edition, Line } from '../digest/edition.js';
import { hushEnd, type Hush } from '../digest/hush.js';
import { itemsOfLine, targetsOfLine, versionOfLine } from '../digest/marked.js';
import type { Marks } from '../digest/marks-store.js';
import type { DigestStore } from '../digest/store.js';
import type { Inventory } from '../inventory/inventory.js';
import type { Outbox } from '../outbox/outbox.js';
import type { Action, ActionObject, Decision } from '../policy/authorise.js';
import { targetFacts } from '../policy/target-facts.js';
import type { Enqueue } from '../queue/queues.js';
import { bandOf } from '../runbooks/certificates/bands.js';
import type { Band } from '../digest/bands.js';
import { refused } from './decisions.js';
import type { DigestAction, OpenedLine, Said, SlackDigestDesk } from '../slack/digest-tools.js';
import type { Answered } from '../slack/tools.js';
import { saidMeanwhile } from '../slack/views/digest-modal.js';

/** The desk that knows the policy and takes requests. */
interface Asking {
  mayI(who: Asker, action: Action, about: string, object: ActionObject): Promise<Decision>;
  mayAsk(who: Asker, wish: Wish, about: string): Promise<Decision>;
  submit(wish: Wish, asked: string, origin: Origin): Promise<Request>;
}

export interface DigestDeskTools {
  readonly desk: Asking;
  readonly digest: DigestStore;
  readonly outbox: Outbox;
  readonly audit: Audit;
  readonly queue: Enqueue;
  readonly inventory: Inventory;
  readonly clock: () => number;
  readonly newId: () => string;
}

interface Found {
  readonly edition: Edition;
  readonly line: Line;
}

export class DigestDesk implements SlackDigestDesk {
  constructor(private readonly tools: DigestDeskTools) {}

  now(): number {
    return this.tools.clock();
  }

  async open(lineId: string, who: Asker, action: DigestAction): Promise<OpenedLine | Answered | null> {
    const found = await this.find(lineId);
    if (found === null) return null;
    const may = await this.mayOn(found.line, who, action === 'cert-details' ? 'diagnose' : 'tend');
    if (!may.allowed) return refused(may.sentence);
    const { edition, line } = found;
    const assigned = (await this.marksOf(line))?.owner ?? null;
    const now = assigned === null ? line : { ...line, owner: assigned };
    return { kind: 'line', line: now, at: edition.at, hush: await this.hushOf(line), owners: this.owners() };
  }

  async say(lineId: string, who: Asker, said: Said, seen: string): Promise<Answered | null> {
    const found = await this.find(lineId);
    if (found === null) return null;
    const may = await this.mayOn(found.line, who, 'tend');
    if (!may.allowed) return refused(may.sentence);
    await this.audit(
      who.user,
      found,
      said.act,
      said.act === 'assign' ? said.owner : (said.until ?? 'band change'),
    );
    const items = itemsOfLine(found.line);
    if (said.act === 'assign') await this.tools.digest.assign(items, said.owner);
    else {
      const other = await this.hush(found.line, hushOf(said, who.user, this.now(), found.line), seen);
      if (other !== null) {
        // The trail must not end with an act of which nothing was kept.
        const detail = { action: said.act, rule: 'said-meanwhile' };
        await this.tools.audit.append({ code: 'request.refused', actor: who.user, object: lineId, detail });
        return refused(saidMeanwhile(other));
      }
    }
    await redrawLine(found.edition, lineId, this.tools);
    return { kind: 'done', sentence: '' };
  }

  async recheck(lineId: string, who: Asker): Promise<Answered | null> {
    const found = await this.find(lineId);
    if (found === null) return null;
    const may = await this.mayOn(found.line, who, 'diagnose');
    if (!may.allowed) return refused(may.sentence);
    const targets = targetsOfLine(found.line);
    if (targets.length === 0) return refused('There is nothing to read for this line. Nothing was done.');
    await this.audit(who.user, found, 'recheck', targets.slice(0, 20).join(' '));
    const at = new Date(this.now()).toISOString();
    const { digest, queue, newId } = this.tools;
    await digest.putRecheck(found.edition.id, lineId, { by: who.user, at, says: null, isDone: false });
    const data = { v: 1, id: lineId, notAfter: this.now() + 10 * 60_000 } as const;
    await queue.add('read', 'recheck-certificates', data, { jobId: `recheck-${lineId}-${newId()}` });
    await redrawLine(found.edition, lineId, this.tools);
    return { kind: 'done', sentence: '' };
  }

  async diagnoseClcomd(lineId: string, origin: Origin): Promise<Answered | null> {
    const found = await this.find(lineId);
    if (found === null) return null;
    const cluster = clusterOf(found.line);
    const targets = cluster === null ? targetsOfLine(found.line) : [`cluster:${cluster}`];
    const wish = { job: 'diagnose', diagnostic: 'clcomd', targets } as const;
    const may = await this.tools.desk.mayAsk(askerOf(origin), wish, lineId);
    if (!may.allowed) return refused(may.sentence);
    if (cluster === null) return refused('This certificate belongs to no cluster. Nothing was done.');
    await this.tools.desk.submit(wish, `/clcomd-status ${cluster}`, origin);
    const sentence = `Reading clcomd of cluster ${cluster}; this changes nothing. An expired certificate is no proof that communication fails.`;
    return { kind: 'done', sentence };
  }

  /** Asks the policy about the nodes that a line is of. */
  private async mayOn(line: Line, who: Asker, action: Action): Promise<Decision> {
    const targets = targetFacts(this.tools.inventory, targetsOfLine(line));
    return this.tools.desk.mayI(who, action, line.id, { name: 'certificates', targets });
  }

  private async find(lineId: string): Promise<Found | null> {
    const ref = await this.tools.digest.line(lineId);
    const edition = ref === null ? null : await this.tools.digest.edition(ref.edition);
    const line = edition?.lines.find(({ id }) => id === lineId);
    return edition === null || line === undefined ? null : { edition, line };
  }

  /** What somebody said of a line and still holds. */
  private async hushOf(line: Line): Promise<Hush | null> {
    return this.stillHolds(line, await this.kept(line));
  }

  private stillHolds(line: Line, hush: Hush | null): Hush | null {
    if (hush === null) return null;
    const now = { band: bandNow(line, this.now()), version: versionOfLine(line) };
    return hushEnd(hush, now, this.now()) === null ? hush : null;
  }

  private async kept(line: Line): Promise<Hush | null> {
    return (await this.marksOf(line))?.hush ?? null;
  }

  private async marksOf(line: Line): Promise<Marks | null> {
    const [first = ''] = itemsOfLine(line);
    return (await this.tools.digest.marks([first])).get(first) ?? null;
  }

  /** Keeps what is said; or the other's, who was quicker, and nothing is written. */
  private async hush(line: Line, hush: Hush, seen: string): Promise<Hush | null> {
    // Read once: what is judged here is what must still be kept when the new one is written.
    const before = await this.kept(line);
    const active = this.stillHolds(line, before);
    if (active !== null && active.at !== seen) return active;
    const done = await this.tools.digest.hush(itemsOfLine(line), hush, before);
    return done.ok ? null : done.now;
  }

  private owners(): readonly string[] {
    const named = [...this.tools.inventory.nodes.values()].flatMap(({ owner, certificates = [] }) => [
      owner,
      ...certificates.map((rule) => rule.owner),
    ]);
    return [...new Set(named.filter((owner) => owner !== null))].sort();
  }

  private async audit(user: string, { edition, line }: Found, act: string, what: string): Promise<void> {
    const detail = { act, what, edition: edition.id, item: itemsOfLine(line)[0] ?? '' };
    await this.tools.audit.append({ code: 'digest.marked', actor: user, object: line.id, detail });
  }
}

function hushOf(said: Exclude<Said, { act: 'assign' }>, user: string, nowMs: number, line: Line): Hush {
  const [kind, reason] =
    said.act === 'acknowledge' ? (['acknowledged', said.reason] as const) : (['snoozed', ''] as const);
  const at = new Date(nowMs).toISOString();
  return {
    kind,
    by: user,
    at,
    until: said.until,
    reason,
    band: bandNow(line, nowMs),
    version: versionOfLine(line),
  };
}

function bandNow(line: Line, nowMs: number): Band {
  return line.kind === 'certificate' ? bandOf(line, nowMs) : 'later';
}

function clusterOf(line: Line): string | null {
  if (line.kind === 'certificate')
    return line.places.find(({ cluster }) => cluster !== null)?.cluster ?? null;
  return line.cluster;
}
