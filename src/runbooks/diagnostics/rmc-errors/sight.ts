import { localDate, type ClockFace } from '../../../aix/date.js';
import type { ErrorEntry } from '../../../aix/errpt.js';
import { allSubsystems } from '../../../aix/lssrc.js';
import { processes } from '../../../aix/ps-ef.js';
import type { FactSet, Reading } from '../../../core/fact.js';
import type { Finding } from '../../../core/verdict.js';
import type { Collected } from '../../definition.js';

/** The clock tells since when to ask; the SRC what runs now; the processes whether anything writes the error log. */
export const errorsFacts = { date: localDate, subsystems: allSubsystems, processes };
export type ErrorsCollected = Collected<typeof errorsFacts, FactSet>;

/** The node's clock; null where it was not read. */
export function dateIn({ node }: ErrorsCollected): ClockFace | null {
  return node.ok && node.facts.date.kind === 'value' ? node.facts.date.value : null;
}

/** The follow-up's fact is asked by this name above, with the type that is read here. */
export function logIn({ followUp }: ErrorsCollected): Reading<readonly ErrorEntry[]> | null {
  if (followUp?.ok !== true) return null;
  return (
    (followUp.facts as Readonly<Record<string, Reading<readonly ErrorEntry[]> | undefined>>)['errors'] ?? null
  );
}

/** The entries of the error log; null where they were not read. */
export function entriesIn(collected: ErrorsCollected): readonly ErrorEntry[] | null {
  const log = logIn(collected);
  return log?.kind === 'value' ? log.value : null;
}

/** What was not read, as findings: nothing is healthy over it. */
export function unreadIn(collected: ErrorsCollected): readonly Finding[] {
  if (!collected.node.ok) return [];
  const { date, subsystems, processes: running } = collected.node.facts;
  const first = [date, subsystems, running].flatMap((reading) => unread(reading));
  return date.kind === 'value' && entriesIn(collected) === null ? [...first, ...logUnread(collected)] : first;
}

function unread(reading: Reading<unknown>): readonly Finding[] {
  if (reading.kind === 'value') return [];
  const { command, target } = reading.evidence;
  return [
    {
      id: 'fact.unreadable',
      severity: 'unknown',
      title: `${command} on ${target} was not read.`,
      expected: 'an answer that is understood',
      observed: reading.kind === 'unread' ? reading.error.message : reading.failure.message,
      evidence: [reading.evidence],
      fixes: [],
    },
  ];
}

/** The second round trip was not made, or brought nothing. */
function logUnread(collected: ErrorsCollected): readonly Finding[] {
  const log = logIn(collected);
  if (log !== null) return unread(log);
  const { name } = collected.target;
  const error = collected.followUp?.ok === false ? collected.followUp.error.message : 'it was not asked';
  return [
    {
      id: 'fact.unreadable',
      severity: 'unknown',
      title: `The error log on ${name} was not read.`,
      expected: 'an answer of errpt',
      observed: error,
      evidence: [{ target: name, command: 'errpt', excerpt: error }],
      fixes: [],
    },
  ];
}
