import type { Evidence } from '../../core/fact.js';
import { redact } from '../../core/redact.js';
import { levels } from '../../core/verdict.js';
import type { Finding, Verdict } from '../../core/verdict.js';
import { visible, clip, code, codeBlock, escapeText, headTail, isLong, oneLine } from './text.js';
import { levelWords, marks, subjectOf } from './words.js';

/** Worst first, then by finding so that equal ones stand together, then by name; numbers in names count as numbers. */
export function worstFirst(verdicts: readonly Verdict[]): readonly Verdict[] {
  return verdicts
    .map((verdict) => ({
      ...{ verdict, level: levels.indexOf(verdict.verdict), finding: mainFinding(verdict)?.id ?? '' },
    }))
    .sort(
      (a, b) =>
        b.level - a.level || compare(a.finding, b.finding) || compare(a.verdict.target, b.verdict.target),
    )
    .map(({ verdict }) => verdict);
}

/** Root causes first and among them the worst first: what is true because of another finding comes after all of those. */
export function findingsInOrder(verdict: Verdict): readonly Finding[] {
  const ids = new Set(verdict.findings.map((finding) => finding.id));
  const isRoot = (finding: Finding): boolean => finding.follows === undefined || !ids.has(finding.follows);
  return verdict.findings
    .filter((finding) => finding.severity !== 'ok')
    .sort(
      (a, b) =>
        Number(isRoot(b)) - Number(isRoot(a)) || levels.indexOf(b.severity) - levels.indexOf(a.severity),
    );
}

/** The finding that the headline is made of; null for a healthy target. */
export function mainFinding(verdict: Verdict): Finding | null {
  return findingsInOrder(verdict)[0] ?? null;
}

/** The one line that decides on a phone: `lpar2: critical — RMC is down`. Ready mrkdwn. */
export function headline(verdict: Verdict): string {
  const name = escapeText(clip(verdict.target, 60));
  const mark = marks[verdict.verdict];
  const main = mainFinding(verdict);
  if (main === null) return `${mark} *${name}* ${plainly(verdict)}`;
  return `${mark} *${name}: ${levelWords[verdict.verdict]}* — ${title(main, 240)}`;
}

/** The headline with what was expected and what was found: the first lines of any answer about one target. */
export function firstLines(verdict: Verdict): string {
  const main = mainFinding(verdict);
  if (main !== null) return [headline(verdict), ...expectation(main), ...restsOn(verdict)].join('\n');
  const calm =
    verdict.verdict === 'ok' ? ` Nothing wrong with ${escapeText(subjectOf(verdict.diagnostic))}.` : '';
  return `${headline(verdict)}${calm}`;
}

/** One finding with what was expected and what was found. Ready mrkdwn. */
export function findingText(finding: Finding, cause: string | null = null): string {
  const because = cause === null ? '' : ` — because ${escapeText(clip(oneLine(cause), 120))}`;
  const head = `${marks[finding.severity]} *${title(finding, 240)}* (${levelWords[finding.severity]})${because}`;
  return [head, ...expectation(finding)].join('\n');
}

/** A finding that is wrong with nothing, and what was found. Ready mrkdwn. */
export function informationText(finding: Finding): string {
  return [`For information: *${title(finding, 240)}*`, `Found: ${fact(finding.observed)}`].join('\n');
}

function expectation(finding: Finding): readonly string[] {
  const lines: string[] = [];
  if (finding.expected !== '') lines.push(`Expected: ${fact(finding.expected)}`);
  if (finding.observed !== '') lines.push(`Found: ${fact(finding.observed)}`);
  return lines;
}

/** The title of the finding that this one follows, if that is reported too. */
export function causeOf(finding: Finding, verdict: Verdict): string | null {
  return verdict.findings.find((other) => other.id === finding.follows && other !== finding)?.title ?? null;
}

/** A finding's title, redacted, escaped, on one line. */
export function title(finding: Finding, max: number): string {
  return clip(escapeText(redact(oneLine(finding.title))), max);
}

const excerptLines = { head: 5, tail: 3, width: 120 };

/** Where the evidence comes from, and its first and last lines as a preformatted block. */
export function evidenceText(evidence: Evidence, ends = excerptLines): string {
  const from = `${code(bothEnds(evidence.command, 200))} on ${escapeText(clip(evidence.target, 60))}`;
  return `${from}\n${codeBlock(headTail(redact(evidence.excerpt), ends), 1_400)}`;
}

/** A long command keeps its program and its last words, which say what of. */
function bothEnds(text: string, max: number): string {
  const line = visible(oneLine(text));
  if (line.length <= max) return line;
  const half = Math.floor(max / 2) - 2;
  const characters = Array.from(line);
  return `${characters.slice(0, half).join('')} … ${characters.slice(-half).join('')}`;
}

/** Whether the excerpt that is shown hides something of the evidence. */
export function isCut(evidence: Evidence): boolean {
  return isLong(evidence.excerpt, excerptLines) || evidence.excerpt.length > 1_200;
}

/** The evidence of some findings, each command's output once. */
export function distinctEvidence(findings: readonly Finding[]): readonly Evidence[] {
  const seen = new Map<string, Evidence>();
  for (const evidence of findings.flatMap((finding) => finding.evidence)) {
    const key = JSON.stringify([evidence.target, evidence.command, evidence.excerpt]);
    if (!seen.has(key)) seen.set(key, evidence);
  }
  return [...seen.values()];
}

function fact(text: string): string {
  return clip(escapeText(redact(oneLine(text))), 400);
}

// A level without a finding: said all the same, since nothing said would read as healthy.
function plainly({ verdict, note }: Verdict): string {
  if (verdict !== 'ok') return `is ${levelWords[verdict]}: no finding says why.`;
  return note === undefined ? 'is healthy.' : `is healthy, ${escapeText(clip(oneLine(note), 120))}.`;
}

/** What the verdict does not rest on, as a line of its own. */
function restsOn({ note }: Verdict): readonly string[] {
  if (note === undefined) return [];
  const words = escapeText(clip(oneLine(note), 120));
  return [`${words.charAt(0).toUpperCase()}${words.slice(1)}.`];
}

// Made once: `localeCompare` with options makes one at each call, which was a tenth of a sweep's work.
const { compare } = new Intl.Collator('en', { numeric: true });
