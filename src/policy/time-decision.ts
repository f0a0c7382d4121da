/** Whether a change of certain targets may begin now. Pure: the caller reads the freeze, the glass and the clock. */
import type { Closed, Freeze, LetThrough, MayStart } from '../core/may-start.js';
import { localTime, weekdayOf, weekdays } from '../digest/calendar.js';
import type { TargetFacts } from './authorise.js';
import { means } from './grants.js';
import type { WindowRule } from './time-rules.js';
import { nextOpening } from './time-windows.js';

/** The part of a policy that knows the time. */
export interface PolicyTime {
  readonly windows: readonly WindowRule[];
}

/** A glass that somebody broke. `until` is ISO 8601 UTC; `covers` are the names of nodes and clusters that it opens. */
export interface BrokenGlass extends LetThrough {
  readonly until: string;
  readonly covers: readonly string[];
}

/** What a change touches: the target of its plan, and everything that windows may name, each by itself. */
export interface Touched {
  readonly target: string;
  readonly all: readonly TargetFacts[];
}

/** Both are off. */
const open: MayStart = { kind: 'open', glass: null };

/** Longer than this nobody waits for two windows to meet. */
const aheadMs = 28 * 24 * 3_600_000;

/**
 * Whether a change may begin at `nowMs`. A freeze holds for all; then every target that windows name must be in one of
 * them, any of its own. Broken glass opens both for what it covers, and says so.
 */
export function mayStart(
  { windows }: PolicyTime,
  freeze: Freeze | null,
  glass: readonly BrokenGlass[],
  touched: Touched,
  nowMs: number,
): MayStart {
  const closed = freeze === null ? outsideWindows(windows, touched, nowMs) : frozen(freeze);
  if (closed === null) return open;
  const broken = glass.find(
    ({ covers, until }) => covers.includes(touched.target) && nowMs < Date.parse(until),
  );
  if (broken === undefined) return closed;
  const { glass: id, by, reason } = broken;
  return { kind: 'open', glass: { glass: id, by, reason } };
}

function frozen(freeze: Freeze): Closed {
  const { by, at, reason } = freeze;
  const who = /^[UW][A-Z0-9]+$/.test(by) ? `<@${by}>` : by;
  const sentence = `All changes are frozen by ${who} since ${minuteOf(Date.parse(at))} UTC: ${reason}`;
  return { kind: 'closed', rule: 'freeze', sentence, opensAt: null, freeze };
}

function outsideWindows(
  windows: readonly WindowRule[],
  { all }: Touched,
  nowMs: number,
): (Closed & { rule: 'window' }) | null {
  const groups = all.map((target) => windowsOf(windows, target)).filter((own) => own.length > 0);
  const shut = groups.filter((own) => earliest(own, nowMs) !== nowMs).flat();
  if (shut.length === 0) return null;
  const opensMs = meeting(groups, nowMs);
  const opensAt = opensMs === null ? null : new Date(opensMs).toISOString();
  return { kind: 'closed', rule: 'window', sentence: windowSentence(shut, opensMs), opensAt };
}

function windowsOf(windows: readonly WindowRule[], target: TargetFacts): readonly WindowRule[] {
  return windows.filter(({ targets }) => targets.some((word) => word === 'all' || means(word, target)));
}

/** The first moment at which every target is in one of its windows; null when they do not meet within four weeks. */
function meeting(groups: readonly (readonly WindowRule[])[], nowMs: number): number | null {
  let at = nowMs;
  while (at - nowMs < aheadMs) {
    const next = groups.map((own) => earliest(own, at));
    const known = next.filter((moment) => moment !== null);
    if (known.length < next.length) return null;
    const latest = Math.max(at, ...known);
    if (latest === at) return at;
    at = latest;
  }
  return null;
}

function earliest(windows: readonly WindowRule[], fromMs: number): number | null {
  const openings = windows.map((one) => nextOpening(one, fromMs)).filter((moment) => moment !== null);
  return openings.length === 0 ? null : Math.min(...openings);
}

function windowSentence(shut: readonly WindowRule[], opensMs: number | null): string {
  const names = [...new Set(shut.flatMap(({ targets }) => targets))].map(spoken);
  const shown = names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  const list = shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}` : shown[0];
  const times = [...new Set(shut.map(hours))];
  const when = times.length > 3 ? '' : ` (${times.join('; ')})`;
  const [zone = 'UTC'] = shut.map((one) => one.zone);
  const isOne = names.length === 1;
  const what = `The ${isOne ? 'window' : 'windows'} of ${list ?? ''}${when}`;
  if (opensMs === null)
    return `${what} ${isOne ? 'does not open within two weeks' : 'are not open together within four weeks'}.`;
  return `${what} ${isOne ? 'opens' : 'open'} at ${minuteOf(opensMs, zone)}.`;
}

/** `tag env=prod` for `tag:env=prod`. */
function spoken(word: string): string {
  return word.replace(/^(?<kind>tag|system|hmc|cluster|node):/, '$<kind> ');
}

/** `sat, sun 22:00–04:00 Europe/Berlin` */
function hours({ days, from, to, zone }: WindowRule): string {
  const on =
    days.length === weekdays.length ? 'daily' : weekdays.filter((day) => days.includes(day)).join(', ');
  return `${on} ${from}–${to} ${zone}`;
}

/** `Sat 2026-11-21 22:00 Europe/Berlin`; without a zone it is that of UTC, and not said. */
function minuteOf(ms: number, zone?: string): string {
  const { date, time } = localTime(ms, zone ?? 'UTC');
  if (zone === undefined) return `${date} ${time}`;
  const day = weekdayOf(date);
  return `${day.charAt(0).toUpperCase()}${day.slice(1)} ${date} ${time} ${zone}`;
}
