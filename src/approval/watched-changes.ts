import type { Observe } from '../core/observe.js';
import { can, type Change } from './states.js';
import type { ChangeStore } from './store.js';

/** The same store, with each new change and each move noticed. */
export function watchedChanges(changes: ChangeStore, observe: Observe): ChangeStore {
  const isNew = ({ plan, state }: Change): void => {
    observe({ kind: 'change-moved', fix: plan.fix, from: null, to: state });
  };
  return {
    ...changes,
    create: async (change) => {
      const isCreated = await changes.create(change);
      if (isCreated) isNew(change);
      return isCreated;
    },
    propose: async (change, before) => {
      const answer = await changes.propose(change, before);
      if (answer === 'created') isNew(change);
      return answer;
    },
    move: async (id, move, by, patch) => {
      const moved = await changes.move(id, move, by, patch);
      if (moved.kind !== 'moved') return moved;
      const { plan, state, history } = moved.change;
      const before = history.at(-2);
      const from = before === undefined ? 'proposed' : can[before.move].to;
      observe({ kind: 'change-moved', fix: plan.fix, from, to: state });
      return moved;
    },
  };
}
