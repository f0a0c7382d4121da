/**
 * How a remote command ended. The first cause wins: a command that was stopped by its time limit is `timed-out`
 * even though a signal then ended it.
 *
 * - `exited`: it ended by itself; `exitCode` is a number.
 * - `killed`: a signal that was not ours ended it; `signal` names it where the server told.
 * - `timed-out`: the limit on the node (or ours, for the HMC) stopped it.
 * - `lost`: the connection went away; the command may have run, and may still be running.
 * - `too-long`: it printed more than `maxBytes`; what was kept is the head.
 */
export type Ended = 'exited' | 'killed' | 'timed-out' | 'lost' | 'too-long';

/** What came back from one remote command. Times are milliseconds, texts are decoded tolerantly. */
export interface Outcome {
  readonly ended: Ended;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}
