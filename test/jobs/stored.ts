import type { Change } from '../../src/approval/states.js';
import type { ChangeStore } from '../../src/approval/store.js';
import type { Request } from '../../src/core/request.js';
import type { Outbox } from '../../src/outbox/outbox.js';
import type { RequestStore } from '../../src/requests/store.js';

/** A request as it is kept now. */
export async function requestIn(
  { requests }: { readonly requests: Pick<RequestStore, 'get'> },
  id: string,
): Promise<Request> {
  const request = await requests.get(id);
  if (request === null) throw new Error(`request ${id} is gone`);
  return request;
}

/** A change as it is kept now. */
export async function changeIn(
  { changes }: { readonly changes: Pick<ChangeStore, 'get'> },
  id: string,
): Promise<Change> {
  const change = await changes.get(id);
  if (change === null) throw new Error(`change ${id} is gone`);
  return change;
}

/** What the message of a key says to a screen reader; '' where there is none. */
export async function textIn(
  { outbox }: { readonly outbox: Pick<Outbox, 'get'> },
  key: string,
): Promise<string> {
  const entry = await outbox.get(key);
  return entry?.content.kind === 'message' ? entry.content.message.text : '';
}
