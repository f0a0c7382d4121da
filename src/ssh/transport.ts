import type { Outcome } from '../core/outcome.js';
import type { ChangeCommand, ReadCommand } from '../core/remote-command.js';
import type { HmcTarget, NodeTarget, Target } from '../core/target.js';

/**
 * The way to remote systems. All three methods throw ConnectError when nothing was run at all; once a command was
 * handed over, whatever happens to it is told by its Outcome and not by an error.
 */
export interface Transport {
  /**
   * Runs reading commands and returns one outcome for each, in order. On a node they travel as one script in one
   * round trip; on an HMC each gets a channel of its own. Safe to retry.
   */
  read(target: Target, commands: readonly ReadCommand[], signal?: AbortSignal): Promise<readonly Outcome[]>;

  /**
   * Resolves, as soon as this process can keep up with one more read of a node, with how many it can begin at once. Whoever
   * has many nodes before him begins no more than that: others can then take the rest. Absent: as many as there are.
   */
  room?(signal?: AbortSignal): Promise<number>;

  /**
   * Hands a POSIX shell script to `/usr/bin/ksh` on a node, over stdin, as the login user, and returns its outcome.
   * Never retried here: the caller knows what the script does. `limitMs` is our own patience.
   */
  script(target: NodeTarget, script: string, limitMs: number): Promise<Outcome>;

  /**
   * Runs one changing command on an HMC, in a channel of its own. Never given twice: a ConnectError says that it was not
   * handed over, and every other ending is told by the Outcome. `limitMs` is our own patience; the HMC may go on after it.
   */
  change(hmc: HmcTarget, command: ChangeCommand, limitMs: number): Promise<Outcome>;

  /** With what the last login to a target was let in: a key's type and fingerprint, or `agent`; null before any. */
  identityOf(target: Target): string | null;

  /** Takes note that an answer which came this way was not understood; `command` is its reader's id. */
  notUnderstood(command: string): void;

  /** Closes every connection; commands under way end as `lost`. */
  close(): Promise<void>;
}
