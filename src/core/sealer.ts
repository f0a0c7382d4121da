/** Closes documents on their way into Redis, and opens them on their way out. */
export interface Sealer {
  /** `name` is the record's key in Redis: a document that was put under another key does not open. */
  seal(name: string, text: string): string;
  /** What was written before there was a key comes back as it is. Throws UsageError for one of a key that is not ours. */
  open(name: string, text: string): string;
  /** Whether a stored document was closed as `seal` would close it now. */
  isCurrent(text: string): boolean;
}

/** Documents as they are. */
export const unsealed: Sealer = {
  seal: (_name, text) => text,
  open: (_name, text) => text,
  isCurrent: () => true,
};

/** How a store keeps documents: closed by whom, and for how many days at most. */
export interface Keeping {
  readonly sealer: Sealer;
  readonly days: number;
}

/** Documents as they are, for as long as a store keeps them by itself. */
export const plainKeeping: Keeping = { sealer: unsealed, days: Number.MAX_SAFE_INTEGER };
