import type { KnownBlock } from '@slack/types';
import type { Request } from '../../core/request.js';
import { context } from './dress.js';
import { clip, code } from './text.js';
import { when } from './time.js';
import { traceWords } from './trace.js';
import { person } from './words.js';

/** Who asked for what, and when: the last line of each card of a request. */
export function origin(request: Request): KnownBlock {
  return context(
    `Asked by ${person(request.origin.user)} ${when(request.askedAt)} · ${code(clip(request.asked, 200))} · request ${code(request.id)}${traceWords(request.trace)}`,
  );
}

/** The diagnostic that a request is about; '' where that is none. */
export function diagnosticOf(request: Request): string {
  return request.wish.job === 'diagnose' ? request.wish.diagnostic : (request.verdicts[0]?.diagnostic ?? '');
}
