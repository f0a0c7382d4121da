import type { Level } from '../core/verdict.js';
import type { Edition } from './edition.js';

/**
 * An edition as a monitoring system takes it: `crit` from 7 days on and past the end, `warn` from 30 days on or where
 * something else needs attention, `unknown` where something could not be looked at. What somebody acknowledged or snoozed
 * does not count.
 */
export function verdictOf({ counts, lines, notChecked, checked }: Edition): Level {
  if (counts.expired + counts['1d'] + counts['7d'] > 0) return 'crit';
  const unread = lines.some((line) => line.kind === 'trouble' && line.trouble === 'unreadable');
  if (notChecked.length > 0 || unread || checked.certificates === 0) return 'unknown';
  const near = counts['14d'] + counts['30d'] + counts['not-yet-valid'] > 0;
  return near || lines.some((line) => line.kind !== 'certificate') ? 'warn' : 'ok';
}
