import type { Message } from '../../core/message.js';
import { redact } from '../../core/redact.js';
import { context, message, section } from './dress.js';
import { clip, code, escapeText } from './text.js';

/** A command that made no sense: `understood` is how the line was read, `hint` what to type. All plain text. */
export interface CommandError {
  readonly understood: string;
  readonly message: string;
  readonly hint: string;
}

/** Why a command was not taken, how it was read, and what to type in its place. */
export function commandErrorMessage(error: CommandError): Message {
  const why = clip(escapeText(clip(redact(error.message), 900)), 1_200);
  const read = `I understood: ${shortCode(redact(error.understood))}`;
  const type = `Type: ${shortCode(error.hint)}`;
  const safe = 'Nothing was run.';
  return message({
    text: [why, read, type, safe].join('\n'),
    first: [section(`${why}\n${read}\n${type}`), context(safe)],
  });
}

/** Escaping makes one character five: a line of nothing else is cut earlier, so that what follows is still shown. */
function shortCode(text: string): string {
  const line = code(clip(text, 600));
  return line.length <= 800 ? line : code(clip(text, 120));
}
