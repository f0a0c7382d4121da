/** What a change keeps of the outputs of nodes and HMCs, and how it is without them. Pure. */
import { endStates, type Change, type JournalEntry } from './states.js';

/** Epoch milliseconds of the end of a change that still has outputs; null for one that is open or has none. */
export function outputsSince(change: Change): number | null {
  const end = change.history.at(-1)?.at;
  if (end === undefined || !endStates.includes(change.state)) return null;
  return change.journal.some((entry) => sizeOf(entry) > 0) ? Date.parse(end) : null;
}

/** An ended change without outputs, and since when (ISO 8601 UTC); one that is open stays as it is. */
export function withoutOutputs(change: Change, at: string): Partial<Change> {
  if (outputsSince(change) === null) return {};
  return { journal: change.journal.map(emptied), outputsRemovedAt: at };
}

function sizeOf(entry: JournalEntry): number {
  if (entry.kind === 'capture') return entry.output.length;
  if (entry.kind !== 'result' || entry.outcome.kind !== 'exited') return 0;
  return entry.outcome.stdout.length + entry.outcome.stderr.length;
}

function emptied(entry: JournalEntry): JournalEntry {
  if (entry.kind === 'capture') return { ...entry, output: '' };
  if (entry.kind !== 'result' || entry.outcome.kind !== 'exited') return entry;
  return { ...entry, outcome: { ...entry.outcome, stdout: '', stderr: '' } };
}
