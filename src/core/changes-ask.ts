/** What a person asks to see of the changes: which targets, in which state, of which fix, by whom, since when. */
export interface ChangesAsk {
  /** Selectors as commands take them; none means all. */
  readonly targets: readonly string[];
  readonly state: StateWord | null;
  /** A fix id. */
  readonly fix: string | null;
  /** `me`, a Slack user id, `cli:<name>`, or the name that the policy gives a person. */
  readonly by: string | null;
  readonly sinceHours: number | null;
}

/** The words that `--state` takes: `open` and `ended` stand for several states, the others for one each. */
export const stateWords = [
  'open',
  'ended',
  'proposed',
  'approved',
  'running',
  'waiting',
  'verifying',
  'verified',
  'failed',
  'unknown',
  'rejected',
  'expired',
  'stale',
  'rolling-back',
  'rolled-back',
  'rollback-failed',
] as const;
export type StateWord = (typeof stateWords)[number];

/** Everything. */
export const allChanges: ChangesAsk = { targets: [], state: null, fix: null, by: null, sinceHours: null };
