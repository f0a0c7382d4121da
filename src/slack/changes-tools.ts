import type { ChangesAsk } from '../core/changes-ask.js';
import type { Asker } from '../core/request.js';
import type { ChangeDetails } from './views/change-details.js';
import type { ChangesPage, LocksShown } from './views/changes-list.js';
import type { Answered } from './tools.js';

/** The buttons of the list of changes and of a change's details: the `action_id`. */
export const changesActions = [
  'changes-newer',
  'changes-older',
  'changes-locks',
  'change-details',
  'change-file',
] as const;
export type ChangesAction = (typeof changesActions)[number];

/**
 * What people see of changes, and the one thing that they do to locks. Everything is authorised inside; each person sees
 * only changes of targets that this person may see. null means that what the id stands for is not known any more.
 */
export interface SlackChangesDesk {
  /** The first page. `asked` is the command as it was understood. */
  list(ask: ChangesAsk, asked: string, who: Asker): Promise<ChangesPage | Answered>;
  /** Another page, by the id that its button carries. */
  page(pageId: string, who: Asker): Promise<ChangesPage | Answered | null>;
  details(changeId: string, who: Asker): Promise<ChangeDetails | Answered | null>;
  /** Puts everything that is known of a change into the thread of its card, as a file. */
  file(changeId: string, who: Asker): Promise<Answered | null>;
  locks(who: Asker): Promise<LocksShown | Answered>;
  /** Takes a lock away by force; the reason is written to the audit trail first. */
  release(lock: string, reason: string, who: Asker): Promise<Answered>;
}
