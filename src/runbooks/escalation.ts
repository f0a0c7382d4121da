import { clock } from '../aix/clock.js';
import type { FactSet, Reading } from '../core/fact.js';
import type { Attachment } from '../core/message.js';
import { redact } from '../core/redact.js';
import type { Finding, Verdict } from '../core/verdict.js';
import type { Collected, Diagnostic, Reached } from './definition.js';
import { rmc } from './diagnostics/rmc.js';

/**
 * What is read for a file that goes to support: all that the diagnostic reads, and the node's clock, because IBM asks for
 * the clocks when data of two systems is compared. Source: IBM technote T1020611.
 */
export const escalationQuestions: Diagnostic = {
  ...rmc,
  node: { ...rmc.node, clock },
};

/** What only a person gathers, with the rights of root and of hscpe. Source: IBM technote T1020611; RSCT 3.2, ctsnap. */
const forSupport = [
  'On the LPAR, as root:  /usr/sbin/snap -gtkc   (on a VIOS, as padmin: snap)',
  'On the LPAR, as root:  /opt/rsct/bin/ctsnap -x runrpttr   (the archive is put into /tmp/ctsupt)',
  'On an HMC of yours, as hscpe:  pedbg -c -q 4   (on Power Virtual Server there is none)',
  'The time on both clocks (date) when the data was gathered.',
] as const;

/** Everything that was read about a node and what was made of it, as one file to attach to a support case. */
export function escalationBundle(collected: Collected<FactSet, FactSet>, verdict: Verdict): Attachment {
  const { target, node, hmc, followUp } = collected;
  const lines = [
    `RMC on ${target.name}: ${verdict.verdict}`,
    `Read ${verdict.startedAt}, within ${String(verdict.durationMs)} ms`,
    `LPAR id ${String(target.lparId ?? 'not in the inventory')}, managed system ${target.system?.hmcName ?? 'none'}, platform ${target.platform}`,
    '',
    'Findings',
    ...(verdict.findings.length === 0 ? ['  none'] : verdict.findings.flatMap(findingLines)),
    '',
    'What IBM support asks for besides',
    ...forSupport.map((line) => `  ${line}`),
    ...sideLines(`Read on ${target.name}`, node, verdict),
    ...(hmc === null
      ? ['', 'No HMC of ours sees this LPAR.']
      : sideLines(`Read on ${target.system?.hmc.name ?? 'the HMC'}`, hmc, verdict)),
    ...(followUp == null ? [] : sideLines(`Read on ${target.name} after a first look`, followUp, verdict)),
  ];
  return evidenceFile(target.name, 'RMC', lines);
}

/** A file of foreign output: secrets of known shapes taken out, what controls a terminal made visible. */
export function evidenceFile(target: string, about: 'RMC' | 'clcomd', lines: readonly string[]): Attachment {
  return {
    filename: `${fileWord(target)}-${about.toLowerCase()}-evidence.txt`,
    title: `Evidence about ${about} on ${target}`,
    content: `${harmless(redact(lines.join('\n')))}\n`,
  };
}

function findingLines(finding: Finding): readonly string[] {
  const cause = finding.follows === undefined ? '' : ` (follows ${finding.follows})`;
  return [
    `  ${finding.severity.padEnd(7)} ${finding.id}${cause}: ${finding.title}`,
    `          expected: ${finding.expected}`,
    `          observed: ${finding.observed}`,
  ];
}

function sideLines(heading: string, side: Reached<FactSet>, verdict: Verdict): readonly string[] {
  if (!side.ok) return ['', heading, `  not reached: ${side.error.message}`];
  const readings = Object.entries(side.facts as Readonly<Record<string, Reading<unknown>>>);
  if (readings.length === 0)
    return ['', heading, `  nothing was asked for this verdict (${verdict.diagnostic})`];
  return ['', heading, ...readings.flatMap(([name, reading]) => readingLines(name, reading))];
}

/** One fact: its command, why it is not known, and what was printed. */
export function readingLines(name: string, reading: Reading<unknown>): readonly string[] {
  const { command, excerpt } = reading.evidence;
  const output = excerpt.trim() === '' ? '(printed nothing)' : excerpt.trimEnd();
  return [
    '',
    `  ${name}: ${command}`,
    ...stateLines(reading),
    ...output.split('\n').map((line) => `    ${line}`),
  ];
}

function stateLines(reading: Reading<unknown>): readonly string[] {
  if (reading.kind === 'value') return [];
  const why =
    reading.kind === 'failure'
      ? `its own failure: ${reading.failure.message}`
      : `not read: ${reading.error.message}`;
  return [`  ${why.replace(/\s+/g, ' ')}`];
}

/** Output of nodes is foreign: control characters, and what turns text around, are shown and not obeyed. */
function harmless(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function fileWord(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60) || 'node';
}
