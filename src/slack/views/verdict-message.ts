import type { Attachment, Message } from '../../core/message.js';
import type { Offer } from '../../core/request.js';
import type { Evidence } from '../../core/fact.js';
import { matrixLegend, matrixLines } from '../../core/pair-matrix.js';
import { redact } from '../../core/redact.js';
import type { Finding, Verdict } from '../../core/verdict.js';
import { context, message, section } from './dress.js';
import {
  causeOf,
  distinctEvidence,
  evidenceText,
  findingText,
  findingsInOrder,
  firstLines,
  informationText,
  isCut,
} from './findings.js';
import { informationLines, informationOf, isMatrix, matrixBlocks, matrixText } from './pair-matrix.js';
import { fileWord } from './plan-text.js';
import { offerRow } from './request-card.js';
import type { Names } from './request-card.js';
import { clip, plural, visible } from './text.js';
import { duration, utc, when } from './time.js';

/** The thread's message about one target: every finding with its evidence; output too long for it becomes a file. */
export function verdictMessage(
  verdict: Verdict,
  offers: readonly Offer[],
  names: Names = {},
): { message: Message; attachment: Attachment | null } {
  const findings = findingsInOrder(verdict);
  const informed = informationOf(verdict);
  const evidence = distinctEvidence([...findings, ...informed]).filter(
    (one) => one.excerpt.trim() !== '' && !isMatrix(verdict, one),
  );
  const texts = findings.slice(1).map((finding) => findingText(finding, causeOf(finding, verdict)));
  const head = firstLines(verdict);
  const matrix = matrixBlocks(verdict);
  const drawn = message({
    text: [head, ...matrixText(verdict), ...texts, ...informationLines(verdict)].join('\n'),
    first: [section(head), ...matrix],
    asRoomAllows: [
      ...texts.map((text) => section(text)),
      ...informed.map((finding) => section(informationText(finding))),
      ...offers.slice(0, 10).map((offer) => offerRow(offer, names, false)),
      ...evidence.map((one) => section(evidenceText(one))),
    ],
    leftOut: (n) =>
      context(`… and ${plural(n, 'more part')} for which there is no room here: see the file below.`),
    last: [
      context(`Read ${when(verdict.startedAt)}, took ${duration(verdict.durationMs)}. Nothing was changed.`),
    ],
  });
  const parts = texts.length + informed.length + evidence.length + Math.min(offers.length, 10);
  const isOver = drawn.blocks.length - 2 - matrix.length < parts;
  return {
    message: drawn,
    attachment:
      isOver || evidence.some(isCut) ? rawFile(verdict, [...findings, ...informed], evidence) : null,
  };
}

/** Findings and the whole of what was read, as text. */
function rawFile(verdict: Verdict, findings: readonly Finding[], evidence: readonly Evidence[]): Attachment {
  const name = visible(clip(verdict.target, 60));
  const found = findings.map(
    (finding) =>
      `${finding.severity} ${finding.id}: ${visible(redact(finding.title))}\n  expected: ${visible(redact(finding.expected))}\n  found: ${visible(redact(finding.observed))}`,
  );
  const read = evidence.map(
    (one) => `# ${visible(one.command)} on ${visible(one.target)}\n${visible(redact(one.excerpt)).trimEnd()}`,
  );
  return {
    filename: `${fileWord(verdict.target)}-${fileWord(verdict.diagnostic)}.txt`,
    title: `${name}: what was read`,
    content: `${name}, ${verdict.diagnostic}, ${utc(verdict.startedAt)}: ${verdict.verdict}\n\n${[...drawnPairs(verdict), ...found, '', ...read].join('\n\n')}\n`,
  };
}

function drawnPairs({ matrix }: Verdict): readonly string[] {
  return matrix === undefined ? [] : [[...matrixLines(matrix), matrixLegend].join('\n')];
}
