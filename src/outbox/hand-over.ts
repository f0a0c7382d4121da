import type { Message } from '../core/message.js';
import { PostError, type Poster } from '../core/poster.js';
import type { Entry } from './entry.js';
import type { Place } from './next.js';

/** Where a new message is; null for what is changed in place, or is no message. */
export type Posted = { readonly ts: string; readonly channel: string } | null;

/** Gives Slack one entry; where it is now, for a message that was not there before. */
export async function handOver(entry: Entry, place: Place, poster: Poster): Promise<Posted> {
  const { content } = entry;
  if (content.kind === 'message' && entry.ts !== null && entry.postedIn !== null) {
    await poster.update(entry.postedIn, entry.ts, content.message);
    return null;
  }
  if (content.kind === 'message') {
    const message = entry.unsure ? sentAgain(content.message) : content.message;
    return inChannelOrDirect(entry, place, ({ channel, threadTs }) =>
      poster.post(channel, threadTs, message),
    );
  }
  if (content.kind === 'file')
    await inChannelOrDirect(entry, place, ({ channel, threadTs }) =>
      poster.upload(channel, threadTs, content.file),
    );
  else await poster.whisper(place.channel, entry.user, place.threadTs, content.message);
  return null;
}

const notLetIn = ['channel_not_found', 'not_in_channel', 'is_archived', 'restricted_action'];

/** A command may come from a channel that the bot is not in: then its answer goes to the person directly. */
async function inChannelOrDirect<T>(
  entry: Entry,
  place: Place,
  act: (place: Place) => Promise<T>,
): Promise<T> {
  try {
    return await act(place);
  } catch (error) {
    if (!(error instanceof PostError) || !notLetIn.includes(error.code)) throw error;
    return act({ channel: entry.user, threadTs: null });
  }
}

/** Slack has no way to ask whether a message arrived: a second try says that it may be one. */
function sentAgain(message: Message): Message {
  const note = 'Sent again, because Slack did not confirm the first try.';
  return {
    text: `${message.text}\n${note}`,
    blocks: [...message.blocks.slice(0, 49), { type: 'context', elements: [{ type: 'mrkdwn', text: note }] }],
  };
}
