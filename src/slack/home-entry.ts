/** Draws the Home tab: when it is opened, after each click of its reader, and when a change that is on it has moved. */
import { attempt } from './attempt.js';
import type { EntryTools } from './entries.js';
import { homeTrouble, homeView } from './views/home.js';

interface Drawing {
  readonly entry: Pick<EntryTools, 'tools' | 'log' | 'publish'>;
  readonly reference: string;
}

/** Publishes a person's Home tab; `notice` is ready mrkdwn on what came of a click. Never rejects. */
export async function publishHome(
  user: string,
  notice: string | null,
  { entry, reference }: Drawing,
): Promise<void> {
  const place = { log: entry.log, reference };
  const read = await attempt('home', place, () => entry.tools.home.home(user));
  const view = read.kind === 'done' ? homeView(read.value, notice) : homeTrouble(notice);
  await attempt('publish home', place, () => entry.publish(user, view));
}

/** The same where this person has a Home tab before their eyes, as far as can be known. Never rejects. */
export async function refreshHome(user: string, drawing: Drawing): Promise<void> {
  const place = { log: drawing.entry.log, reference: drawing.reference };
  const looking = await attempt('home', place, () => drawing.entry.tools.home.isLooking(user));
  if (looking.kind === 'done' && looking.value) await publishHome(user, null, drawing);
}
