import type { KnownBlock, SectionBlock } from '@slack/types';
import type { Message } from '../../core/message.js';
import { worstOf, type Offer, type Request } from '../../core/request.js';
import { redact } from '../../core/redact.js';
import type { Finding, Verdict } from '../../core/verdict.js';
import { explain } from '../explain.js';
import { button, context, message, section } from './dress.js';
import {
  causeOf,
  evidenceText,
  findingText,
  findingsInOrder,
  firstLines,
  headline,
  title,
  worstFirst,
} from './findings.js';
import { informationLines, isMatrix, matrixBlocks, matrixText } from './pair-matrix.js';
import { diagnosticOf, origin } from './request-origin.js';
import { runningCard } from './request-running.js';
import { nothingKept, stoppedHead } from './request-stopped.js';
import { verdictDataTable } from './rich.js';
import { secondReadLines } from './second-read.js';
import { clip, code, codeBlock, escapeText, oneLine, plural } from './text.js';
import { tally, verdictTable } from './verdict-table.js';
import { marks, sentence, targetNoun } from './words.js';

/** Names for people that the request itself does not hold. */
export interface Names {
  /** Title of a fix by its id; the id is shown where there is none. */
  readonly fixes?: Readonly<Record<string, string>>;
}

/** Parts of the table over many targets: with the buttons below it three of 2,850 characters fit a message. */
const tablesAtMost = 3;

/** Buttons of suggested fixes on one card; the others stand in the thread beside their target. */
const offersAtMost = 5;

/** The one card of a request, redrawn after each move: queued, reading 3 of 5, the answer, how far it came, or why there is none. */
export function requestCard(request: Request, names: Names = {}): Message {
  switch (request.phase) {
    case 'queued':
    case 'reading':
      return runningCard(request);
    case 'waiting':
    case 'done':
      if (request.wish.job !== 'diagnose') return concluded(request);
      return request.verdicts.length === 1 ? oneTarget(request, names) : manyTargets(request, names);
    case 'stopped':
      return request.verdicts.length === 0 ? nothingKept(request) : manyTargets(request, names);
    case 'failed':
      return failed(request);
  }
}

/** What came of asking for a change: the plan's own card, or the reason why there is none. */
function concluded(request: Request): Message {
  const { conclusion } = request;
  if (conclusion === undefined) {
    const line = `▷ ${code(clip(request.asked, 200))}: the plan is proposed. Nothing runs before approval.`;
    return message({ text: line, first: [section(line)], last: [origin(request)] });
  }
  const head =
    conclusion.kind === 'refused' ? '○ *No plan: a safety check refused*' : `${marks.ok} *Nothing to do*`;
  const why = `${sentence(clip(escapeText(redact(oneLine(conclusion.text))), 1_500))} Nothing was changed.`;
  return message({
    text: `${head}\n${escapeText(clip(request.asked, 200))}: ${why}`,
    first: [section(`${head}\n${why}`)],
    last: [origin(request)],
  });
}

function failed(request: Request): Message {
  const why =
    request.error === null
      ? `It ended without an answer. Nothing was changed. Log reference: ${code(request.id)}`
      : explain(request.error, request.id);
  const head = `${marks.crit} *${code(clip(request.asked, 200))} could not be answered*`;
  return message({
    text: `${escapeText(clip(request.asked, 200))} could not be answered. ${why}`,
    first: [section(head), section(why)],
    last: [origin(request)],
  });
}

function oneTarget(request: Request, names: Names): Message {
  const [verdict] = request.verdicts;
  if (verdict === undefined) return failed(request);
  const findings = findingsInOrder(verdict);
  const offers = offerRows(request.offers, request, names);
  const waiting = secondReadLines(request);
  const end = reassurance(request.offers.length);
  const informed = informationLines(verdict).slice(0, 3);
  return message({
    text: [
      headline(verdict),
      ...matrixText(verdict),
      ...spoken(findings.slice(1)),
      ...informed,
      ...waiting,
      end,
    ].join('\n'),
    first: [
      section(firstLines(verdict)),
      ...matrixBlocks(verdict),
      ...informed.map((line) => context(line)),
      ...waiting.map((line) => section(line)),
      ...evidenceOf(verdict, findings[0]),
      ...offers,
    ],
    asRoomAllows: findings
      .slice(1)
      .map((finding) => section(findingText(finding, causeOf(finding, verdict)))),
    leftOut: (n) => context(`… and ${plural(n, 'more finding')} in the thread.`),
    last: [context(end), origin(request)],
  });
}

function evidenceOf(verdict: Verdict, finding: Finding | undefined): readonly KnownBlock[] {
  const evidence = finding?.evidence.find((one) => !isMatrix(verdict, one));
  return evidence === undefined || evidence.excerpt.trim() === '' ? [] : [section(evidenceText(evidence))];
}

function manyTargets(request: Request, names: Names): Message {
  const { verdicts } = request;
  if (verdicts.length === 0) return failed(request);
  const counts = tally(verdicts, targetNoun(diagnosticOf(request)));
  const isStopped = request.phase === 'stopped';
  const head = isStopped ? stoppedHead(request) : `${marks[worstOf(request)]} *${counts}*`;
  const spokenHead = isStopped ? head : `${counts}.`;
  const notOk = worstFirst(verdicts).filter((verdict) => verdict.verdict !== 'ok');
  const end = reassurance(request.offers.length);
  const waiting = secondReadLines(request);
  const spokenFirst = notOk.slice(0, 12).map(headline);
  const parts = verdictTable(verdicts, { chars: 2_400, parts: tablesAtMost });
  const tables = parts.map((part) => section(codeBlock(part, 2_850)));
  const suggestions = offerRows(inOrderOf(notOk, request.offers), request, names);
  const rich = verdictDataTable(verdicts, counts);
  return message({
    text: [spokenHead, ...spokenFirst, ...andMore(notOk.length - 12), ...waiting, end].join('\n'),
    first: [section(head), ...waiting.map((line) => section(line)), ...tables.slice(0, 1)],
    asRoomAllows: [...tables.slice(1), ...suggestions],
    rich: {
      first: [
        section(head),
        ...waiting.map((line) => section(line)),
        rich.block,
        ...(rich.leftOut > 0 ? [context(`… and ${plural(rich.leftOut, 'more row')} in the thread.`)] : []),
      ],
      asRoomAllows: suggestions,
    },
    leftOut: (n) => context(`… and ${plural(n, 'more part')} (rows or suggested fixes) in the thread.`),
    last: [context(`${end} Details and output of each are in the thread.`), origin(request)],
  });
}

function andMore(n: number): readonly string[] {
  return n > 0 ? [`… and ${n} more in the thread.`] : [];
}

function inOrderOf(verdicts: readonly Verdict[], offers: readonly Offer[]): readonly Offer[] {
  const place = new Map(verdicts.map((verdict, i) => [verdict.target, i]));
  return [...offers].sort(
    (a, b) => (place.get(a.target) ?? Infinity) - (place.get(b.target) ?? Infinity) || 0,
  );
}

function offerRows(offers: readonly Offer[], request: Request, names: Names): readonly KnownBlock[] {
  const rows: KnownBlock[] = offers
    .slice(0, offersAtMost)
    .map((offer) => offerRow(offer, names, request.verdicts.length > 1));
  const rest = offers.length - rows.length;
  return rest <= 0
    ? rows
    : [
        ...rows,
        context(`… and ${plural(rest, 'more suggested fix', 'more suggested fixes')} in the thread.`),
      ];
}

/** One suggested fix and its button. The button only proposes; approval is asked for later. */
export function offerRow(offer: Offer, names: Names, withTarget: boolean): SectionBlock {
  const target = escapeText(clip(offer.target, 60));
  const known = names.fixes?.[offer.fix];
  const what = known === undefined ? code(offer.fix) : `${escapeText(clip(known, 120))} (${code(offer.fix)})`;
  const label = `Propose ${offer.fix} on ${offer.target}`;
  const words = withTarget ? `Suggested for *${target}*: ${what}` : `Suggested: ${what}`;
  return section(words, button('offer', withTarget ? label : `Propose ${offer.fix}`, offer.id, { label }));
}

function spoken(findings: readonly Finding[]): readonly string[] {
  return findings.slice(0, 10).map((finding) => `${marks[finding.severity]} ${title(finding, 200)}`);
}

function reassurance(offers: number): string {
  const read = 'This only read: nothing was changed.';
  return offers === 0
    ? read
    : `${read} A suggested fix first shows its exact commands, and runs only after approval.`;
}
