import type { Change, JournalEntry } from '../../approval/states.js';
import type { Attachment } from '../../core/message.js';
import { isForCluster } from '../../core/plan-places.js';
import { redact } from '../../core/redact.js';
import { captureText } from './change-thread.js';
import { fileWord, planLines } from './plan-text.js';
import { visible } from './text.js';
import { utc } from './time.js';

/**
 * What IBM's support asks for about RMC. Source: IBM technote T1020611; RSCT 3.2, "Diagnosing problems"; for the HMC
 * the IBM Power Systems HMC commands, pedbg.
 */
const ibmAsksFor = [
  'On the LPAR, as root:  /usr/sbin/snap -gtkc   (on a VIOS, as padmin: snap)',
  'On the LPAR, as root:  /opt/rsct/bin/ctsnap -x runrpttr   (the archive is put into /tmp/ctsupt)',
  'On an HMC of yours, as hscpe:  pedbg -c -q 4   (on Power Virtual Server there is none)',
  'The time on both clocks (date) when the data was gathered.',
];

/** The same about a cluster. Source: AIX 7.2 commands, snap (-e gathers what belongs to PowerHA). */
const ibmAsksForOfClusters = [
  'On one node, as root:  /usr/sbin/snap -e   (gathers PowerHA’s data from all nodes; where clcomd does not reach them, run it on each)',
  'The time on every node (date) when the data was gathered.',
];

/** Everything that is known of a change, as one file to attach to a support case. */
export function supportFile(change: Change): Attachment {
  const { plan } = change;
  const lines = [
    `Support case: ${plan.title}`,
    '',
    plan.ifItFails ?? '',
    '',
    'What IBM asks for',
    ...(isForCluster(plan) ? ibmAsksForOfClusters : ibmAsksFor).map((line) => `  ${line}`),
    '',
    'What happened (UTC)',
    ...happenedLines(change).map((line) => `  ${line}`),
    '',
    'How it ended',
    `  ${change.state}: ${change.note}`,
    '',
    'What was saved first',
    '',
    ...capturesText(change),
    'What the steps printed',
    '',
    ...outputsText(change),
    'The plan',
    '',
    ...planLines(plan, change.digest),
  ];
  return {
    filename: `${fileWord(change.id)}-support-case.txt`,
    title: `Support case for ${visible(plan.target)}`,
    content: `${visible(redact(lines.join('\n')))}\n`,
  };
}

/** Everything that was saved before the first step. */
export function capturesText(change: Change): readonly string[] {
  return change.journal.flatMap((entry) => (entry.kind === 'capture' ? [captureText(change, entry)] : []));
}

/** What every step printed, whole. */
export function outputsText(change: Change): readonly string[] {
  return change.journal.flatMap(outputLines);
}

/** Every move and every entry of the journal but outputs, one line each, oldest first. */
export function happenedLines(change: Change): readonly string[] {
  const moves = change.history.map(({ at, move, by, note }) => ({
    at,
    text: `${move} by ${by}${note === '' ? '' : `: ${note}`}`,
  }));
  const entries = change.journal.flatMap((entry) => {
    const text = entryWords(entry);
    return text === null ? [] : [{ at: entry.at, text }];
  });
  return [...moves, ...entries]
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .map(({ at, text }) => `${utc(at)}  ${text.replace(/\s+/g, ' ')}`);
}

/** null for what stands elsewhere in the file. */
function entryWords(entry: JournalEntry): string | null {
  switch (entry.kind) {
    case 'capture':
      return null;
    case 'intent':
      return `step ${entry.step} begins`;
    case 'withdrawn':
      return `step ${entry.step} had not begun: ${entry.reason}`;
    case 'continued':
      return `step ${entry.step} is said to be done by ${entry.by}`;
    case 'look':
      return `step ${entry.step} ${entry.agreed ? 'is so' : 'is not so yet'}: ${entry.note}`;
    case 'read':
      return `check ${entry.agreed ? 'agrees' : 'disagrees'}: ${entry.note}`;
    case 'result':
      return `step ${entry.step} ${resultWords(entry.outcome)}`;
  }
}

function resultWords(outcome: Extract<JournalEntry, { kind: 'result' }>['outcome']): string {
  if (outcome.kind === 'exited') return `ended with exit status ${outcome.exitCode}`;
  return outcome.kind === 'done' ? `is done: ${outcome.note}` : `has an unknown outcome: ${outcome.reason}`;
}

function outputLines(entry: JournalEntry): readonly string[] {
  if (entry.kind !== 'result' || entry.outcome.kind !== 'exited') return [];
  const { stdout, stderr, exitCode } = entry.outcome;
  const part = (name: string, text: string): readonly string[] =>
    text.trim() === '' ? [] : [`(${name})`, text.trimEnd()];
  return [
    `# ${entry.step} — ${utc(entry.at)}, exit status ${exitCode}`,
    ...part('output', stdout),
    ...part('error output', stderr),
    '',
  ];
}
