import type { Home } from './views/home.js';

/** What the Home tab shows each person, and where the things live that its buttons stand for. */
export interface SlackHomeDesk {
  /** Everything on the Home tab of a person, as that person may see it; notes that it is being looked at. */
  home(user: string): Promise<Home>;
  /** The same, and nothing is noted. */
  look(user: string): Promise<Home>;
  /** Whether this person has had a Home tab drawn within the last day. */
  isLooking(user: string): Promise<boolean>;
  /** Who has had one drawn lately, the latest first. */
  lookers(): Promise<readonly string[]>;
  /** The channel of a change or of a digest's line; null where the id is not known any more. */
  channelOf(id: string): Promise<string | null>;
}
