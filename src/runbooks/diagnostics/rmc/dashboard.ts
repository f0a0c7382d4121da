import { levels, type Finding } from '../../../core/verdict.js';
import { isConnected } from './follow-up.js';
import { statusOf, type Sight } from './sight.js';

/**
 * What the dashboard of Power Virtual Server shows for the LPAR: Warning while RMC to the management system is not
 * connected, else OK; null where the node's side does not tell. Source: IBM Power Virtual Server, "RSCT package levels
 * for imported AIX images".
 */
export function serviceHealth(sight: Sight): 'OK' | 'Warning' | null {
  const status = statusOf(sight, 'ctrmc');
  if (isConnected(sight)) return 'OK';
  const isDown = status === 'inoperative' || status === 'absent';
  return isDown || (status === 'active' && sight.link.state !== 'unread') ? 'Warning' : null;
}

/** The findings of an LPAR on Power Virtual Server with a word on what its dashboard shows; others stay as they are. */
export function withServiceHealth(sight: Sight, findings: readonly Finding[]): readonly Finding[] {
  if (sight.target.platform !== 'powervs') return findings;
  const health = serviceHealth(sight);
  const words =
    health === null
      ? 'What the dashboard of Power Virtual Server shows for it cannot be told from here.'
      : `The dashboard of Power Virtual Server shows health ${health} for it.`;
  const main = mainOf(findings);
  if (main === null || main.severity === 'ok') return [...findings, note(sight, words)];
  return findings.map((one) =>
    one === main
      ? { ...one, observed: `${one.observed.trimEnd().replace(/(?<![.!?])$/, '.')} ${words}` }
      : one,
  );
}

/** The first of the worst roots: the one that a card's headline is made of. */
function mainOf(findings: readonly Finding[]): Finding | null {
  const roots = findings.filter((one) => one.follows === undefined);
  return roots.reduce<Finding | null>(
    (main, one) =>
      main === null || levels.indexOf(one.severity) > levels.indexOf(main.severity) ? one : main,
    null,
  );
}

function note(sight: Sight, words: string): Finding {
  return {
    id: 'rmc.service-health',
    severity: 'ok',
    title: `RMC of ${sight.target.name} is connected. ${words}`,
    expected: 'health OK',
    observed: words,
    evidence: [],
    fixes: [],
  };
}
