/** Buttons on the Home tab and in a change's details: the answer is drawn where they stand. */
import { attempt } from './attempt.js';
import { pressed } from './buttons.js';
import { linked } from './changes-click.js';
import type { EntryTools } from './entries.js';
import { publishHome } from './home-entry.js';
import type { ClickPayload } from './payloads.js';
import { say, sentences } from './sentences.js';
import type { Reply } from './tools.js';
import { changeModal, placeOfModal } from './views/change-details.js';

/** Carries out a click on such a button. Never rejects. */
export async function viewClick(read: ClickPayload, entry: EntryTools): Promise<Reply> {
  return read.surface === 'home' ? homeClick(read, entry) : modalClick(read, entry);
}

/**
 * The Home tab is in no channel: the policy is asked as if the button had been pressed on the card of what its id stands
 * for, and which channel that is, is read from our own store.
 */
async function homeClick(read: ClickPayload, entry: EntryTools): Promise<Reply> {
  const { user, key } = read.arrival;
  const reply =
    read.action === 'home-refresh' || read.action === 'open-card' ? done : await fromItsPlace(read, entry);
  if (reply.kind === 'repeated') return reply;
  const notice = reply.kind === 'private' ? reply.message.text : null;
  // Not waited for: the acknowledgement is not to be late.
  void publishHome(user, notice, { entry, reference: key });
  return done;
}

const done: Reply = { kind: 'done' };

async function fromItsPlace(read: ClickPayload, entry: EntryTools): Promise<Reply> {
  const { arrival, value } = read;
  const place = { log: entry.log, reference: arrival.key };
  const found = await attempt('home', place, () => entry.tools.home.channelOf(value));
  if (found.kind !== 'done') return say(sentences.notDecided);
  if (found.value === null) return say(sentences.gone);
  return pressed({ ...read, arrival: { ...arrival, channel: found.value } }, entry);
}

/** Only a change's details have buttons of their own. */
async function modalClick(read: ClickPayload, entry: EntryTools): Promise<Reply> {
  const channel = placeOfModal(read.metadata);
  if (channel === null || read.action !== 'change-file') return done;
  const arrival = { ...read.arrival, channel };
  const reply = await pressed({ ...read, arrival }, entry);
  if (reply.kind !== 'private') return reply;
  const who = { user: arrival.user, channel };
  await attempt('draw details', { log: entry.log, reference: arrival.key }, async () => {
    const details = await entry.tools.changes.details(read.value, who);
    if (details?.kind !== 'details') return;
    await entry.updateForm(
      read.viewId,
      changeModal(await linked(details, entry), channel, reply.message.text),
    );
  });
  return done;
}
