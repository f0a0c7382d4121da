import type { KnownBlock } from '@slack/types';
import type { Evidence } from '../../core/fact.js';
import { matrixLegend, matrixLines, matrixSentence } from '../../core/pair-matrix.js';
import type { Finding, Verdict } from '../../core/verdict.js';
import { context, section } from './dress.js';
import { title } from './findings.js';
import { codeBlock, escapeText } from './text.js';

/** Who reached whom, for one look; nothing where the verdict has no pairs. */
export function matrixBlocks({ matrix }: Verdict): readonly KnownBlock[] {
  if (matrix === undefined) return [];
  return [section(codeBlock(matrixLines(matrix).join('\n'), 2_850)), context(matrixLegend)];
}

/** The same as a sentence, for screen readers and notifications. */
export function matrixText({ matrix }: Verdict): readonly string[] {
  return matrix === undefined ? [] : [escapeText(matrixSentence(matrix))];
}

/** Is this the matrix once more, as the evidence of a finding? It is shown above. */
export function isMatrix({ matrix }: Verdict, { excerpt }: Evidence): boolean {
  return matrix !== undefined && excerpt === matrixLines(matrix).join('\n');
}

/** What is worth knowing and wrong with nothing, one line each. */
export function informationLines(verdict: Verdict): readonly string[] {
  return informationOf(verdict).map((finding) => `For information: ${title(finding, 240)}`);
}

/** Findings for information alone. Other diagnostics keep theirs to the JSON. */
export function informationOf({ matrix, findings }: Verdict): readonly Finding[] {
  return matrix === undefined ? [] : findings.filter(({ severity }) => severity === 'ok');
}
