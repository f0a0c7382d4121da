import type { Attachment, Message } from '../../core/message.js';
import { redact } from '../../core/redact.js';
import type { Steps } from '../../core/steps.js';
import type { Verdict } from '../../core/verdict.js';
import { message, section } from './dress.js';
import { distinctEvidence, findingsInOrder, worstFirst } from './findings.js';
import { clip, escapeText, headTail, oneLine, plural, someOf, visible } from './text.js';
import { utc } from './time.js';
import { levelCounts } from './verdict-table.js';
import { levelWords, marks, targetNoun } from './words.js';

/** Names in the message itself; all of them are in the file. */
const namesAtMost = 60;

/** Of the output of each command, in the file. */
const excerpt = { head: 12, tail: 6, width: 200 };
/** Behind so many characters the file has what was found of each target, and no output any more. */
const outputsAtMost = 2_000_000;

/**
 * The thread's one message for those that are not healthy and too many for a message each: how many, their names worst
 * first, and a file with what was found on each. A step for each target.
 */
export function* crowdSteps(
  verdicts: readonly Verdict[],
): Steps<{ message: Message; attachment: Attachment | null }> {
  const ordered = worstFirst(verdicts);
  const [worst] = ordered;
  if (worst === undefined) {
    const none = 'The others were read again: those that are still not healthy have a message of their own.';
    return { message: message({ text: none, first: [section(none)] }), attachment: null };
  }
  const many = plural(ordered.length, `more ${targetNoun(worst.diagnostic)}`);
  const names = ordered.map(({ target }) => escapeText(clip(target, 40)));
  const lines = [
    `${marks[worst.verdict]} *${many} ${ordered.length === 1 ? 'is' : 'are'} not healthy:* ${levelCounts(ordered)}.`,
    someOf(names, namesAtMost),
    'What was found on each is in the file below. Asked for by name, each has a message with its output and its fixes.',
  ];
  return {
    message: message({ text: lines.join('\n'), first: lines.map((line) => section(line)) }),
    attachment: yield* fileSteps(ordered),
  };
}

function* fileSteps(ordered: readonly Verdict[]): Steps<Attachment> {
  const parts: string[] = [];
  let length = 0;
  for (const verdict of ordered) {
    const lines = [...foundOn(verdict), ...(length < outputsAtMost ? outputsOf(verdict) : [])];
    parts.push(lines.join('\n'));
    length += parts.at(-1)?.length ?? 0;
    yield;
  }
  const noun = targetNoun(ordered[0]?.diagnostic ?? '');
  return {
    filename: 'not-healthy.txt',
    title: `${plural(ordered.length, noun)} not healthy`,
    content: `${parts.join('\n\n')}\n`,
  };
}

function foundOn(verdict: Verdict): readonly string[] {
  const { target, verdict: level, startedAt } = verdict;
  const found = findingsInOrder(verdict).flatMap(({ severity, id, title, expected, observed }) => [
    `  ${levelWords[severity]} ${id}: ${own(title)}`,
    ...(expected === '' ? [] : [`    expected: ${own(expected)}`]),
    ...(observed === '' ? [] : [`    found: ${own(observed)}`]),
  ]);
  return [`${own(target)}: ${levelWords[level]}, read ${utc(startedAt)}`, ...found];
}

function outputsOf(verdict: Verdict): readonly string[] {
  const evidence = distinctEvidence(findingsInOrder(verdict)).filter((one) => one.excerpt.trim() !== '');
  return evidence.map((one) => {
    const lines = visible(headTail(redact(one.excerpt), excerpt))
      .trimEnd()
      .split('\n');
    return [`    # ${own(one.command)} on ${own(one.target)}`, ...lines.map((line) => `    ${line}`)].join(
      '\n',
    );
  });
}

function own(text: string): string {
  return visible(oneLine(redact(text)));
}
