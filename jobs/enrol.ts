import { enrolmentApprovals } from '../src/approval/enrolment.js';
import type { Candidate, Enrolment, EnrolmentNote, StoredPins } from '../src/approval/enrolment.js';
import { digestOf } from '../src/core/canonical.js';
import { errorInfo } from '../src/core/errors.js';
import { keysInWords, type PinnedKey } from '../src/core/host-key.js';
import type { Request } from '../src/core/request.js';
import { chooseHosts, type Host } from '../src/inventory/choose.js';
import type { FilePins } from '../src/ssh/pins.js';
import { compareKeys } from './enrol-compare.js';
import { cardKeyOf, showFailure, showRequest } from './show.js';
import { showEnrolment } from './show-enrolment.js';
import type { Tools } from './tools.js';

/** A card with more hosts is compared by nobody. */
const hostsPerCard = 20;

/** Fetches host keys without logging in, and shows them for approval beside what is pinned now. Nothing is pinned by it. */
export async function enrol(requestId: string, tools: Tools, signal?: AbortSignal): Promise<void> {
  const request = await tools.requests.get(requestId);
  if (request === null || request.phase === 'done' || request.wish.job !== 'enrol') return;
  try {
    await showKeys(request, request.wish.targets, tools);
  } catch (error) {
    await showFailure(request, error, tools, signal);
    throw error;
  }
}

/** A host with what is pinned for it. */
interface Known extends Host {
  readonly file: FilePins;
  readonly stored: StoredPins | null;
}

type Seen =
  | { readonly kind: 'first' | 'changed'; readonly candidate: Candidate }
  | { readonly kind: 'note'; readonly note: EnrolmentNote };

async function showKeys(request: Request, selectors: readonly string[], tools: Tools): Promise<void> {
  const wanted = await toLookAt(selectors, tools);
  const page = wanted.slice(0, hostsPerCard);
  await showRequest({ ...request, phase: 'reading', total: page.length }, tools);
  const seen = await Promise.all(page.map((host) => look(host, tools)));
  const first = seen.flatMap((one) => (one.kind === 'first' ? [one.candidate] : []));
  const notes = seen.flatMap((one) => (one.kind === 'note' ? [one.note] : []));
  const changed = seen.flatMap((one) => (one.kind === 'changed' ? [one.candidate] : []));
  const remaining = wanted.length - page.length;
  const [only] = changed;
  // Where one changed key is all there is to tell, its card is the answer.
  const isAlone = only !== undefined && changed.length === 1 && first.length + notes.length + remaining === 0;
  if (!isAlone) await offer(request, { kind: 'first', candidates: first, notes, remaining }, tools);
  for (const candidate of changed)
    await offer(
      request,
      { kind: 'changed', candidates: [candidate], notes: [], remaining: 0, isAlone },
      tools,
    );
  await tools.requests.put({ ...request, phase: 'done', total: page.length, done: page.length });
}

/** Who was named alone is looked at in any case; of a group, those of whom no key is pinned. */
async function toLookAt(selectors: readonly string[], tools: Tools): Promise<readonly Known[]> {
  const hosts = chooseHosts(tools.inventory, selectors);
  const files = await tools.filePins(hosts.map(({ endpoint }) => endpoint));
  const known = hosts.map(async ({ kind, endpoint, isAlone }) => ({
    ...{ kind, endpoint, isAlone },
    file: files.get(endpoint) ?? { pinned: [], revoked: [], authorityLines: [] },
    stored: await tools.hostKeys.pins(endpoint.host, endpoint.port),
  }));
  const all = await Promise.all(known);
  return all.filter(({ isAlone, file, stored }) => isAlone || (file.pinned.length === 0 && stored === null));
}

async function look(host: Known, tools: Tools): Promise<Seen> {
  const { endpoint, file, stored, kind } = host;
  const target = endpoint.name;
  let keys: readonly PinnedKey[];
  try {
    keys = await tools.fetchHostKeys(endpoint);
  } catch (error) {
    return { kind: 'note', note: { target, kind: 'not-fetched', words: errorInfo(error).message } };
  }
  const compared = compareKeys(endpoint, keys, file, stored);
  if (compared.kind === 'pinned' || compared.kind === 'refused')
    return { kind: 'note', note: { target, kind: compared.kind, words: compared.words } };
  const candidate: Candidate = {
    ...{ target, host: endpoint.host, port: endpoint.port, kind },
    through: endpoint.jump?.name ?? null,
    keys: keys.map(({ type, fingerprint, key }) => ({ type, fingerprint, key })),
    inFile: file.pinned,
    replaces: stored,
  };
  return { kind: compared.kind, candidate };
}

type Offered = Pick<Enrolment, 'kind' | 'candidates' | 'notes' | 'remaining'> & {
  readonly isAlone?: boolean;
};

/** Writes a card down, then shows it. A job that runs a second time finds it there, perhaps decided. */
async function offer(request: Request, offered: Offered, tools: Tools): Promise<void> {
  const enrolment = newEnrolment(request, offered, tools);
  const { id, candidates, kind } = enrolment;
  const known = await tools.hostKeys.get(id);
  if (known !== null) return showEnrolment(known, tools);
  for (const { target, host, port, keys } of candidates) {
    const detail = { enrolment: id, kind, address: `${host}:${port}`, keys: keysInWords(keys) };
    await tools.audit.append({ code: 'host-key.shown', actor: enrolment.requester, object: target, detail });
  }
  await tools.hostKeys.create(enrolment);
  await showEnrolment(enrolment, tools);
}

function newEnrolment(request: Request, offered: Offered, tools: Tools): Enrolment {
  const { kind, candidates, notes, remaining, isAlone = false } = offered;
  const now = tools.clock();
  const { user, channel, teamId, threadTs } = request.origin;
  const isOwnCard = kind === 'changed' && !isAlone;
  const own = digestOf([request.id, candidates[0]?.target ?? '']).slice(0, 12);
  const id = isOwnCard ? `e-${request.id}-${own}` : `e-${request.id}`;
  return {
    ...{ id, version: 1, kind, candidates, notes, remaining },
    state: candidates.length === 0 ? 'nothing-to-pin' : 'shown',
    asked: request.asked,
    requester: user,
    approvals: [],
    approvalsNeeded: enrolmentApprovals(kind),
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(now + tools.approvalExpiryMs).toISOString(),
    ...{ channel, teamId, threadTs },
    cardKey: isOwnCard ? `enrolment:${id}` : cardKeyOf(request),
    ended: null,
  };
}

/** Closes cards on which nobody decided in time. */
export async function expireEnrolments(tools: Tools): Promise<void> {
  const at = new Date(tools.clock()).toISOString();
  for (const enrolment of await tools.hostKeys.open()) {
    if (tools.clock() <= Date.parse(enrolment.expiresAt)) continue;
    const detail = { decision: 'expire', enrolment: enrolment.id };
    await tools.audit.append({ code: 'host-key.decided', actor: 'worker', object: enrolment.id, detail });
    const note = 'Nobody decided in time. Nothing was pinned.';
    const ended = await tools.hostKeys.end(enrolment.id, 'expire', { user: 'worker', at, note });
    if (ended.kind === 'changed') await showEnrolment(ended.enrolment, tools);
  }
}
