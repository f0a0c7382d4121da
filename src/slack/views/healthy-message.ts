import type { Attachment, Message } from '../../core/message.js';
import type { Verdict } from '../../core/verdict.js';
import { message, section } from './dress.js';
import { worstFirst } from './findings.js';
import { clip, escapeText, oneLine, plural, someOf, visible } from './text.js';
import { utc } from './time.js';
import { marks, subjectOf, targetNoun } from './words.js';

/** Names in the message itself; all of them are in the file. */
const namesAtMost = 60;

/**
 * The thread's one message for all healthy targets of a large request, by what their verdicts rest on; where they are
 * too many to be read there, a file has every name.
 */
export function healthyMessage(verdicts: readonly Verdict[]): {
  message: Message;
  attachment: Attachment | null;
} {
  const healthy = worstFirst(verdicts.filter((verdict) => verdict.verdict === 'ok'));
  const diagnostic = healthy[0]?.diagnostic ?? '';
  const noun = targetNoun(diagnostic);
  const groups = new Map<string, string[]>();
  for (const { note = '', target } of healthy) groups.set(note, [...(groups.get(note) ?? []), target]);
  const lines = [...groups].map(([note, names]) => {
    const how = note === '' ? '' : `, ${escapeText(clip(oneLine(note), 120))}`;
    const shown = names.map((name) => escapeText(clip(name, 40)));
    return `${marks.ok} *${plural(names.length, noun)}* healthy${how}: ${someOf(shown, namesAtMost)}`;
  });
  const calm = `Nothing wrong with ${escapeText(subjectOf(diagnostic))}.`;
  const isLong = [...groups.values()].some((names) => names.length > namesAtMost);
  return {
    message: message({
      text: [...lines, calm].join('\n'),
      first: [...lines, calm].map((line) => section(line)),
    }),
    attachment: isLong ? file(healthy, noun) : null,
  };
}

function file(healthy: readonly Verdict[], noun: string): Attachment {
  const rows = healthy.map(({ target, note, startedAt }) =>
    [visible(oneLine(target)), utc(startedAt), visible(note ?? 'both sides were read')].join('  '),
  );
  return {
    filename: 'healthy.txt',
    title: `${plural(healthy.length, noun)} healthy`,
    content: `${rows.join('\n')}\n`,
  };
}
