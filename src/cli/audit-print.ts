/** What `aixops audit verify` says. */
import { paint, plain } from './terminal.js';
import type { Verified } from './audit-verify.js';

/** The result as a person reads it: first whether it is whole, then what is wrong, then what that rests on. */
export function verificationText(verified: Verified): string {
  const colour = paint(process.stdout);
  const { records, first, last, found, tamperings, isWhole } = verified;
  const head = isWhole
    ? `${colour('green', 'whole')}  ${counted(records)}${records === 0 ? '' : `, ${String(first)} to ${String(last)}`}.`
    : `${colour('red', 'tampered with')}  ${tamperings === 1 ? '1 finding' : `${tamperings} findings`} in ${counted(records)}.`;
  const more = tamperings > found.length ? [`  … and ${tamperings - found.length} more.`] : [];
  const lines = [head, ...found.map(({ kind, sentence }) => `  ${kind}: ${plain(sentence)}`), ...more];
  return `${[...lines, ...grounds(verified)].join('\n')}\n`;
}

function counted(records: number): string {
  return records === 1 ? '1 record' : `${records.toLocaleString('en')} records`;
}

/** How far the answer can be trusted, said without being asked. */
function grounds(verified: Verified): readonly string[] {
  const { selection, hasKeys, signedUpTo, last, checkpoints, records } = verified;
  if (records === 0) return ['There are no records.'];
  if (selection !== null)
    return [
      'These are chosen records (--from, --to or --object): each is checked for itself. That none was left out shows only in a whole export.',
    ];
  if (!hasKeys) {
    const all = checkpoints.unsigned + checkpoints.foreign;
    return [
      all === 0
        ? 'There are no checkpoints: whoever can write to Redis could have written all of it anew, or cut off its end.'
        : 'Signatures were not checked, for want of a key (--public-key): whoever can write to Redis could have written all of it anew.',
    ];
  }
  if (signedUpTo === null) return [];
  const rest = (last ?? 0) - signedUpTo.sequence;
  const loose =
    rest <= 0
      ? ''
      : ` The ${rest === 1 ? 'record' : `${rest} records`} behind it ${rest === 1 ? 'rests' : 'rest'} on the chain alone; if some were cut off there, that cannot be told.`;
  return [`Signed up to record ${signedUpTo.sequence}, at ${signedUpTo.at}.${loose}`];
}
