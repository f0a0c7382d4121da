import { redact } from './redact.js';

/**
 * The classes of failure. Each answers the operator's first question, "was anything touched?", by its class:
 * recognise errors by class, never by their text. Anything else that is thrown is our own bug.
 */
export type ErrorClass =
  | 'UsageError'
  | 'RefusedError'
  | 'StaleError'
  | 'ConnectError'
  | 'CommandError'
  | 'LostError'
  | 'ParseError';

abstract class AixopsError extends Error {
  abstract readonly class: ErrorClass;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The request makes no sense; nothing was touched; never retried. `hint` says what to type instead. */
export class UsageError extends AixopsError {
  readonly class = 'UsageError';
  readonly hint: string | null;

  constructor(message: string, hint: string | null = null) {
    super(message);
    this.hint = hint;
  }
}

/** This person may not, or not now; nothing was touched. `rule` is the stable code of the rule that refused. */
export class RefusedError extends AixopsError {
  readonly class = 'RefusedError';
  readonly rule: string;

  constructor(message: string, rule: string) {
    super(message);
    this.rule = rule;
  }
}

/** The node no longer fits the approved plan; nothing was touched; ask for a new plan. */
export class StaleError extends AixopsError {
  readonly class = 'StaleError';
}

/** Why no session came about. `host-key-*` are hard stops, the others may be tried again. */
export type ConnectReason =
  | 'unreachable'
  | 'refused'
  | 'timed-out'
  | 'host-key-unknown'
  | 'host-key-changed'
  | 'login-refused'
  | 'algorithms'
  | 'jump-failed';

/** The target was not reached or let nobody in; nothing was run. */
export class ConnectError extends AixopsError {
  readonly class = 'ConnectError';
  readonly target: string;
  readonly reason: ConnectReason;

  constructor(target: string, reason: ConnectReason, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.target = target;
    this.reason = reason;
  }
}

/** A remote command ran and ended badly; whether anything was touched depends on the step that it belonged to. */
export class CommandError extends AixopsError {
  readonly class = 'CommandError';
}

/** The link dropped or time ran out midway: the command may have run. Only reads are tried again. */
export class LostError extends AixopsError {
  readonly class = 'LostError';
}

/**
 * The answer was not understood. `line` is the offending line as printed, `lineNumber` counts from 1;
 * for output that ends too early, `line` is the last line that was there (or '' when there was none).
 */
export class ParseError extends AixopsError {
  readonly class = 'ParseError';
  readonly command: string;
  readonly line: string;
  readonly lineNumber: number;

  constructor(command: string, problem: string, line: string, lineNumber: number) {
    super(`${command}: ${problem} (line ${lineNumber}: ${JSON.stringify(line)})`);
    this.command = command;
    this.line = line;
    this.lineNumber = lineNumber;
  }
}

/** Redis did not say whether it has taken something: it may happen all the same. */
export class UnsureError extends Error {
  constructor(cause: unknown) {
    super('Redis did not answer, and may have taken it', { cause });
    this.name = 'UnsureError';
  }
}

export type KnownError =
  | UsageError
  | RefusedError
  | StaleError
  | ConnectError
  | CommandError
  | LostError
  | ParseError;

/** Tells our own errors from bugs. */
export function isKnownError(error: unknown): error is KnownError {
  return error instanceof AixopsError;
}

/** Endings of a connection to Redis, as ioredis and BullMQ name them; what has a code such as ECONNREFUSED tells it by that. */
const ofElsewhere = [
  'PostError',
  'LeaseLostError',
  'ReplyError',
  'MaxRetriesPerRequestError',
  'ClusterAllFailedError',
  'UnrecoverableError',
];

/** Whether an error is a bug of ours, and not the fault of a node, of Slack, of Redis or of what was asked: for the log's level. */
export function isBug(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isBug);
  if (isKnownError(error) || !(error instanceof Error)) return !isKnownError(error);
  if (ofElsewhere.includes(error.name) || isStoreAway(error)) return false;
  return !('code' in error && typeof error.code === 'string' && /^E[A-Z]{3,}$/.test(error.code));
}

/** A write was made and not confirmed by the replicas that it must be on: it counts or not. */
export class UnconfirmedError extends LostError {}

/**
 * Whether Redis was away or could not keep what it was given: the work itself did not go wrong, and is done later. Some of it
 * ioredis tells by the text alone.
 */
export function isStoreAway(error: unknown): boolean {
  if (error instanceof RefusedError) return error.rule === 'redis-replicas';
  if (error instanceof UnconfirmedError || error instanceof UnsureError) return true;
  if (isKnownError(error) || !(error instanceof Error)) return false;
  if (['MaxRetriesPerRequestError', 'ClusterAllFailedError'].includes(error.name)) return true;
  if (error.name === 'ReplyError')
    return /^(?:READONLY|LOADING|CLUSTERDOWN|MASTERDOWN|NOREPLICAS|TRYAGAIN|UNBLOCKED|MOVED|ASK)\b/.test(
      error.message,
    );
  return /^(?:Connection is closed\.|Command timed out|Stream isn't writeable|Connection in subscriber|Cluster isn't ready|None of startup nodes|Too many Cluster redirections)/.test(
    error.message,
  );
}

/** An error as a value: what travels through Redis, JSON and views. */
export interface ErrorInfo {
  readonly class: ErrorClass | 'Bug';
  readonly message: string;
  readonly reason?: string;
  readonly line?: string;
}

/** Turns anything thrown into its value, which is kept and shown: without secrets of known shapes. What is not ours becomes `Bug`. */
export function errorInfo(error: unknown): ErrorInfo {
  if (!isKnownError(error))
    return { class: 'Bug', message: redact(error instanceof Error ? error.message : String(error)) };
  const known: KnownError = error;
  const base: ErrorInfo = { class: known.class, message: redact(known.message) };
  if (known instanceof ConnectError) return { ...base, reason: known.reason };
  if (known instanceof RefusedError) return { ...base, reason: known.rule };
  if (known instanceof ParseError) return { ...base, line: redact(known.line) };
  return base;
}
