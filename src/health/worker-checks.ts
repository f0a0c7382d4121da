/** What only a worker needs: queues that are taken, keys to log in with, and somewhere to log in. */
import type { Look } from './board.js';
import type { Finding } from './readiness.js';

const ok: Finding = { state: 'ok', sentence: '' };

export interface QueuesView<Name extends string> {
  readonly names: readonly Name[];
  /** Queues of which this process takes no jobs although it should. */
  readonly idle: () => readonly string[];
  /** Whether somebody has paused a queue for all processes. */
  readonly isPaused: (name: Name) => Promise<boolean>;
}

/** Whether this process takes jobs. */
export function lookAtQueues<Name extends string>({ names, idle, isPaused }: QueuesView<Name>): Look {
  return async () => {
    const idling = idle();
    if (idling.length > 0)
      return failing(
        `This process takes no jobs from queue ${listed(idling)} although it should. Restart it.`,
      );
    const paused: string[] = [];
    for (const name of names) if (await isPaused(name)) paused.push(name);
    if (paused.length === 0) return ok;
    const are = paused.length === 1 ? 'is' : 'are';
    return failing(
      `Queue ${listed(paused)} ${are} paused: jobs are taken in and none is done. Resume where that was done.`,
    );
  };
}

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

/** Whether nodes and HMCs can be logged in to with the keys that the inventory names. */
export function lookAtKeys(
  keys: () => { readonly total: number; readonly problems: readonly string[] },
): Look {
  return () => {
    const { total, problems } = keys();
    const [first, ...others] = problems;
    if (first === undefined) return ok;
    const more = others.length === 0 ? '' : ` And ${others.length} more: type aixops check.`;
    const all = problems.length >= total ? ' No other key is left: nothing can be logged in to.' : '';
    return { state: problems.length >= total ? 'failing' : 'warn', sentence: `${first}${more}${all}` };
  };
}

/** Whether there is anything to look after. */
export function lookAtInventory(targets: number): Look {
  return () =>
    targets > 0
      ? ok
      : failing(
          'The inventory names no node and no HMC: there is nothing to look after. Write inventory.yaml, and restart.',
        );
}

/** Whether the further worker processes that this one has started take jobs: it still does so itself. */
export function lookAtMoreWorkers(missing: () => string | null): Look {
  return () => {
    const sentence = missing();
    return sentence === null ? ok : { state: 'warn', sentence };
  };
}

function failing(sentence: string): Finding {
  return { state: 'failing', sentence };
}
