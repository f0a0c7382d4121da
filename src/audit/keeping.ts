/** What the clock does for the trail: it reads what is new, makes checkpoints of it, and trims what is old enough. */
import type { KeyObject } from 'node:crypto';
import type { Audit } from './audit.js';
import { lineOf, type AuditRecord } from './chain.js';
import { checkpointOf, type Checkpoint } from './checkpoint.js';
import { pageSize, type Trail } from './trail.js';
import { recordIn, TrailCheck, type Tampering } from './verify.js';

export interface KeepingOptions {
  readonly audit: Audit;
  readonly trail: Trail;
  /** What checkpoints are signed with; null where there is no key. */
  readonly key: KeyObject | null;
  /** Milliseconds; null keeps everything for ever. */
  readonly keepMs: number | null;
  readonly clock: () => number;
  readonly newId: () => string;
  /** Somebody wrote to the trail by hand: nothing more is signed or trimmed. */
  readonly onTampered: (found: readonly Tampering[]) => void;
}

/** A checkpoint is made after so many records, or after so long with any. */
const checkpointEvery = 100;
const checkpointWithinMs = 3_600_000;
/** Trimming goes by whole days: a record of it every few seconds would itself fill the trail. */
const dayMs = 24 * 3_600_000;
const claimMs = 60_000;

/** Looks after the trail once; of several workers one does it. */
export async function keepTrail(options: KeepingOptions): Promise<void> {
  const { trail, newId } = options;
  const token = newId();
  if (!(await trail.claim('keeping', token, claimMs))) return;
  try {
    await addCheckpoint(options);
    await trim(options, token);
  } finally {
    await trail.letGo('keeping', token);
  }
}

/** Only what was read and found whole since the last checkpoint is put under a new one. */
async function addCheckpoint({ trail, key, clock, onTampered }: KeepingOptions): Promise<void> {
  const last = (await trail.lastCheckpoint()) ?? (await trail.anchor());
  const { first, next } = await trail.bounds();
  const fresh = next - 1 - (last?.sequence ?? -1);
  const isDue =
    last === null || fresh >= checkpointEvery || clock() - Date.parse(last.at) >= checkpointWithinMs;
  if (fresh === 0 || (fresh > 0 && !isDue)) return;
  // Fewer records than at the last checkpoint: reading the end of them tells what is missing.
  const from = Math.max(first, Math.min(last?.sequence ?? 0, next - 1));
  const isPart = from > 0 && last?.kind !== 'anchor';
  const check = new TrailCheck({ keys: [], checkpoints: last === null ? [] : [last], isPart });
  const end = await readTo(trail, from, next, (line) => check.take(line));
  const { found } = check.end();
  if (found.length > 0 || end === null) {
    onTampered(found);
    return;
  }
  const { sequence, hash } = end;
  const at = new Date(clock()).toISOString();
  await trail.addCheckpoint(checkpointOf({ kind: 'checkpoint', sequence, hash, at }, key));
}

/** Hands over every line from one sequence up to another, and returns the last record of them. */
async function readTo(
  trail: Trail,
  from: number,
  to: number,
  take: (line: string) => void,
): Promise<AuditRecord | null> {
  let end: AuditRecord | null = null;
  for (let at = from; at < to; at += pageSize) {
    const lines = await trail.lines(at, Math.min(pageSize, to - at));
    lines.forEach(take);
    end = recordIn(lines.at(-1) ?? '') ?? end;
  }
  return end;
}

async function trim(options: KeepingOptions, token: string): Promise<void> {
  const { audit, trail, keepMs, clock, onTampered } = options;
  if (keepMs === null) return;
  const { first, next } = await trail.bounds();
  const oldest = recordIn((await trail.lines(first, 1))[0] ?? '');
  if (oldest === null || clock() - Date.parse(oldest.at) < keepMs + dayMs) return;
  const before = new Date(clock() - keepMs).toISOString();
  const { to, found } = await oldPrefix(trail, { first, next, before });
  // What was tampered with is evidence: it stays.
  if (found.length > 0) {
    onTampered(found);
    return;
  }
  if (to < first) return;
  const detail = { from: first, to, before };
  await audit.append({ code: 'audit.trimmed', actor: 'worker', object: 'audit', detail });
  await trimTo(options, { first, to, token });
}

interface Prefix {
  readonly first: number;
  readonly next: number;
  readonly before: string;
}

/** The last of the records, from the first one on, that are old enough; the newest of all is never among them. */
async function oldPrefix(
  trail: Trail,
  { first, next, before }: Prefix,
): Promise<{ readonly to: number; readonly found: readonly Tampering[] }> {
  const checkpoints: Checkpoint[] = [];
  const anchor = await trail.anchor();
  if (anchor !== null) checkpoints.push(anchor);
  for await (const checkpoint of trail.checkpoints()) checkpoints.push(checkpoint);
  // Checkpoints of what is not read here would seem to be cut off.
  const check = (to: number): TrailCheck =>
    new TrailCheck({ keys: [], checkpoints: checkpoints.filter(({ sequence }) => sequence <= to) });
  const to = await lastOlder(trail, { first, next, before });
  const reading = check(to);
  await readTo(trail, first, to + 1, (line) => reading.take(line));
  return { to, found: reading.end().found };
}

async function lastOlder(trail: Trail, { first, next, before }: Prefix): Promise<number> {
  for (let at = first; at < next - 1; at += pageSize) {
    const lines = await trail.lines(at, Math.min(pageSize, next - 1 - at));
    const young = lines.findIndex((line) => {
      const record = recordIn(line);
      // What cannot be read is found below.
      return record !== null && record.at >= before;
    });
    if (young >= 0) return at + young - 1;
  }
  return next - 2;
}

async function trimTo(
  { trail, key, clock }: KeepingOptions,
  { first, to, token }: { readonly first: number; readonly to: number; readonly token: string },
): Promise<void> {
  for (let at = first; at <= to; at += pageSize) {
    await trail.claim('keeping', token, claimMs);
    const lines = await trail.lines(at, Math.min(pageSize, to + 1 - at));
    const records = lines.flatMap((line) => recordIn(line) ?? []);
    const last = records.at(-1);
    // Somebody has written to it since it was read: the rest stays.
    if (last === undefined || records.some((record, n) => lineOf(record) !== lines[n])) return;
    const { sequence, hash } = last;
    const anchor = checkpointOf({ kind: 'anchor', sequence, hash, at: new Date(clock()).toISOString() }, key);
    if (!(await trail.trim(records, anchor))) return;
  }
}
