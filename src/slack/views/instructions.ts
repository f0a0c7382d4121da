import { redact } from '../../core/redact.js';
import { code, oneLine } from './text.js';
import { prose } from './words.js';

/**
 * Instructions for a person as mrkdwn, counted from 1, one line each. What stands between backticks is to be
 * typed exactly: shown as code, which wraps and can be copied, where a block would run out of a narrow window.
 */
export function instructionLines(instructions: readonly string[]): string {
  return instructions.map((line, index) => `${index + 1}. ${withCode(redact(oneLine(line)))}`).join('\n');
}

function withCode(line: string): string {
  const parts = line.split('`');
  // An odd one at the end opens nothing.
  const isOpen = parts.length % 2 === 0;
  return parts
    .map((part, index) => {
      const isCode = index % 2 === 1 && part !== '' && !(isOpen && index === parts.length - 1);
      if (isCode) return code(part);
      return prose(isOpen && index === parts.length - 1 ? `\`${part}` : part);
    })
    .join('');
}
