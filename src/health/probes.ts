/** The answers of `/livez` and `/readyz`. Pure. */
import type { Answer } from './door.js';
import { readinessJson, readinessText, type Readiness } from './readiness.js';

const text = 'text/plain; charset=utf-8';

/** 200 unless there is something that only a restart would cure; it never depends on Slack or Redis. */
export function livez(problem: string | null): Answer {
  return problem === null
    ? { status: 200, type: text, body: 'alive\n' }
    : { status: 503, type: text, body: `not alive: ${problem}\n` };
}

/** 200 when ready, else 503; JSON, or text for who prefers that. */
export function readyz(now: Readiness, accept: string): Answer {
  const status = now.ready ? 200 : 503;
  const wantsText = accept.includes('text/plain') && !accept.includes('json');
  return wantsText
    ? { status, type: text, body: readinessText(now) }
    : { status, type: 'application/json', body: readinessJson(now) };
}
