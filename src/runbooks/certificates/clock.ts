import { utcDate } from '../../aix/date.js';
import type { NodeCertificates } from '../../core/certificate.js';
import { renderCommand } from '../../core/remote-command.js';
import type { NodeTarget } from '../../core/target.js';
import type { Finding } from '../../core/verdict.js';

/** The node's clock in UTC: what is far from ours takes valid certificates for expired ones, and the other way round. */
export const nodeClock = utcDate;

/** So far a node's clock may be from ours; milliseconds. */
const toleranceMs = 60_000;

/** What is amiss with a node's clock. Days are counted from ours, so that a wrong one changes no other finding. */
export function clockFindings(
  target: NodeTarget,
  { clockSkewMs, stores }: NodeCertificates,
): readonly Finding[] {
  // Nothing was declared, so nobody logged in.
  if (clockSkewMs === null && stores.length === 0) return [];
  const command = renderCommand(nodeClock.command);
  const shared = { expected: 'a clock within 60 s of ours', fixes: [] };
  const evidence = (excerpt: string) => [{ target: target.name, command, excerpt }];
  if (clockSkewMs === null) {
    return [
      {
        id: 'fact.unreadable',
        severity: 'unknown',
        title: `The clock of ${target.name} was not read, so it may take certificates for valid or expired that are the other.`,
        observed: 'no date that is understood',
        evidence: evidence(''),
        ...shared,
      },
    ];
  }
  if (Math.abs(clockSkewMs) <= toleranceMs) return [];
  const observed = `${inWords(Math.abs(clockSkewMs))} ${clockSkewMs > 0 ? 'ahead of' : 'behind'} ours`;
  return [
    {
      id: 'node.clock-skew',
      severity: 'warn',
      title: `The clock of ${target.name} is ${observed}: it judges certificates by another time than they are judged by here.`,
      observed,
      evidence: evidence(observed),
      ...shared,
    },
  ];
}

function inWords(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 2 * 3_600) return `${Math.round(seconds / 60)} min`;
  return seconds < 2 * 86_400 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
