import type { Attachment, Message } from './message.js';

/** The way to Slack, as the outbox needs it. Every method throws PostError and nothing else. */
export interface Poster {
  post(channel: string, threadTs: string | null, message: Message): Promise<{ ts: string; channel: string }>;
  update(channel: string, ts: string, message: Message): Promise<void>;
  /** Seen by one user only; Slack does not promise delivery and such a message cannot be changed later. */
  whisper(channel: string, user: string, threadTs: string | null, message: Message): Promise<void>;
  upload(channel: string, threadTs: string | null, file: Attachment): Promise<void>;
}

/**
 * - `later`: Slack asked for patience or is away, and nothing was posted; `afterMs` says how long to wait.
 * - `unsure`: the answer did not come back, so it may have been posted.
 * - `never`: Slack will not take this message; `code` is its reason.
 */
export type PostProblem = 'later' | 'unsure' | 'never';

export class PostError extends Error {
  readonly problem: PostProblem;
  readonly code: string;
  readonly afterMs: number;

  constructor(problem: PostProblem, code: string, afterMs = 0) {
    super(`Slack: ${code}`);
    this.name = 'PostError';
    this.problem = problem;
    this.code = code;
    this.afterMs = afterMs;
  }
}
