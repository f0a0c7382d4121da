import type { Command } from '../../commands/command.js';
import type { Asker } from '../core/request.js';

/** How far one command reaches for one person: for help, forms and typeahead. Nothing of it is written down. */
export interface Reach {
  /** Whether there is anything that this person may do with it. */
  readonly isOpen: boolean;
  /** Whether a word, a fix or a target, may be used by this person in it. */
  readonly offers: (word: string) => boolean;
}

export type ReachOf = (who: Asker, command: Command) => Promise<Reach>;
