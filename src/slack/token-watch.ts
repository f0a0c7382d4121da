import { probeSlack, type SlackProblem } from './probe.js';
import type { SlackLog } from './tools.js';

/** How Slack takes the bot token: `refused` is for a person to mend, `absent` (Slack did not answer) passes by itself. */
export interface TokenState {
  readonly kind: 'untried' | 'good' | SlackProblem['kind'];
  /** What a person must mend; null when all is well. */
  readonly sentence: string | null;
}

/** Tries the bot token now and then, and whenever somebody doubts it. */
export interface TokenWatch {
  state(): TokenState;
  /** Tries it at once: a call of ours was just refused. */
  doubt(): void;
  /** Tries it once, and from then on again and again until `stop`. */
  start(): Promise<void>;
  stop(): void;
}

export interface TokenWatchOptions {
  readonly apiUrl: string;
  readonly botToken: string;
  readonly log: SlackLog;
  /** Milliseconds between two tries; 30 s unless said otherwise. */
  readonly probeMs?: number;
}

/** While something is wrong it is tried more often: whoever has mended a token wants to see that it worked. */
const hastyMs = 5_000;

/** A watch over one bot token. It writes a line to the log whenever the answer becomes another one. */
export function watchToken({ apiUrl, botToken, log, probeMs = 30_000 }: TokenWatchOptions): TokenWatch {
  let state: TokenState = { kind: 'untried', sentence: null };
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> | null = null;
  let isStopped = false;

  const probe = async (): Promise<void> => {
    const problems = await probeSlack({ apiUrl, botToken, appToken: null });
    const before = state;
    state = stateOf(problems);
    if (!isStopped && (before.kind !== state.kind || before.sentence !== state.sentence))
      tell(before, state, log);
  };
  const again = (): Promise<void> => {
    clearTimeout(timer);
    underWay ??= probe().finally(() => {
      underWay = null;
      if (isStopped) return;
      const waitMs = state.kind === 'good' ? probeMs : Math.min(probeMs, hastyMs);
      timer = setTimeout(() => void again(), waitMs).unref();
    });
    return underWay;
  };
  return {
    state: () => state,
    doubt: () => {
      if (state.kind !== 'refused' && !isStopped) void again();
    },
    start: again,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

function stateOf(problems: readonly SlackProblem[]): TokenState {
  const kinds = ['refused', 'absent', 'scopes'] as const;
  const kind = kinds.find((one) => problems.some((problem) => problem.kind === one));
  if (kind === undefined) return { kind: 'good', sentence: null };
  return { kind, sentence: problems.map(({ sentence }) => sentence).join(' ') };
}

function tell(before: TokenState, { kind, sentence }: TokenState, log: SlackLog): void {
  if (kind === 'refused') log.warn({ problem: sentence }, 'Slack does not take the bot token');
  else if (kind === 'absent') log.warn({ problem: sentence }, 'Slack does not answer');
  else if (kind === 'scopes') log.warn({ problem: sentence }, 'the bot may do too little');
  else if (before.kind !== 'untried') log.info({}, 'Slack takes the bot token again');
}
