/** Every button, wherever it stands: which family it belongs to, and what is answered to who pressed it. */
import { openDemand } from './approval-form.js';
import { changesClick, isChangesAction } from './changes-click.js';
import { buttonActions, click, type ButtonAction } from './click.js';
import { openCloseForm } from './close-form.js';
import { digestClick } from './digest-form.js';
import { digestActions, type DigestAction } from './digest-tools.js';
import { enrolClick, isEnrolAction } from './enrol-click.js';
import type { EntryTools } from './entries.js';
import type { ClickPayload } from './payloads.js';
import { isRolloutAction, rolloutClick } from './rollout-click.js';
import { openCodeForm } from './glass-code.js';
import { reviewClick } from './review-click.js';
import { say, sentences } from './sentences.js';
import { glassCodeAction, reviewAction } from './time-tools.js';
import type { Reply } from './tools.js';

/** Carries out a click; the reply is for one person. Never rejects. */
export async function pressed(read: ClickPayload, entry: EntryTools): Promise<Reply> {
  const { action, arrival, value } = read;
  // A link is followed by Slack itself, and reported all the same.
  if (action === 'open-card') return { kind: 'done' };
  if (action === 'close') return openCloseForm(read, entry);
  if (isDigestAction(action)) return digestClick(read, action, entry);
  if (isEnrolAction(action)) return enrolClick(read, action, entry);
  if (isRolloutAction(action)) return asked(await rolloutClick(read, action, entry), read, entry);
  if (isChangesAction(action)) return changesClick(read, action, entry);
  if (action === glassCodeAction) return openCodeForm(read, entry);
  if (action === reviewAction) return reviewClick(read, entry);
  if (!isButton(action)) return say(sentences.gone);
  return asked(await click(arrival, { action, id: value }, entry.tools, entry.log), read, entry);
}

/** Where something must be said first, a form opens. */
async function asked(reply: Reply, read: ClickPayload, entry: EntryTools): Promise<Reply> {
  return reply.kind === 'ask' ? openDemand(reply, { ...read, threadTs: read.inThread }, entry) : reply;
}

function isDigestAction(action: string): action is DigestAction {
  return (digestActions as readonly string[]).includes(action);
}

function isButton(action: string): action is ButtonAction {
  return (buttonActions as readonly string[]).includes(action);
}
