import { findings, type KnownFinding } from '../src/runbooks/findings.js';
import { fixes } from '../src/runbooks/index.js';
import type { FixWords } from './command.js';

/** What help says of something that is no command. */
export interface Topic {
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly details: readonly string[];
}

/** The finding or the fix with this id, in any letter case; null when there is none. */
export function findTopic(id: string): Topic | null {
  const wanted = id.toLowerCase();
  const finding = findings.find((one) => one.id === wanted);
  if (finding !== undefined) return aboutFinding(finding);
  const fix = fixes.find((one) => one.id === wanted);
  return fix === undefined ? null : aboutFix(fix);
}

function aboutFinding({ id, severities, from, means, expected, evidence, byHand }: KnownFinding): Topic {
  const cures = fixes.filter((fix) => fix.cures.includes(id)).map((fix) => fix.id);
  return {
    id,
    summary: `A finding of ${from.join(', ')}: ${severities.join(' or ')}`,
    description: means,
    details: [
      `Expected: ${expected}`,
      `Shown as its proof: ${evidence}`,
      ...byHand.map((step) => `By hand: ${step}`),
      cures.length === 0 ? 'No fix is offered for it.' : `Fixes that may cure it: ${cures.join(', ')}`,
    ],
  };
}

function aboutFix({
  id,
  title,
  risk,
  summary,
  interrupts,
  cures,
  takes,
}: FixWords & { readonly interrupts: string }): Topic {
  return {
    id,
    summary: `A fix of ${risk} risk: ${title}`,
    description: summary,
    details: [
      `Interrupts: ${interrupts}`,
      ...(takes === undefined ? [] : [`Takes: ${takes.usage}`, ...takes.explains]),
      `May cure: ${cures.join(', ') || 'no finding by itself'}`,
    ],
  };
}
