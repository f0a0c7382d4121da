/** The other end of `more-workers.ts`: how a further worker process hangs on the one that started it. */

/** A process that another one of ours has started beside itself. */
export interface Tie {
  /** Fires once the parent lets go, or is gone: then this process stops in order. */
  onCut(act: () => void): void;
  /** Tells the parent that this process takes jobs. */
  tellStarted(): void;
}

/** The tie to the parent; its end of the channel is all that is needed, so that a killed parent leaves nobody behind. */
export function tieToParent(): Tie {
  return {
    onCut: (act) => {
      process.once('disconnect', act);
      // Listening alone must not keep a process alive whose start has failed.
      process.channel?.unref();
      if (!process.connected) setImmediate(act);
    },
    tellStarted: () => {
      // The parent may go in this very moment: then there is nobody to be told.
      if (process.connected) process.send?.('started', () => undefined);
    },
  };
}
