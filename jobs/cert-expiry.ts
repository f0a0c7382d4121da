import type { Request } from '../src/core/request.js';
import { editionSteps } from '../src/digest/build.js';
import type { NodeCertificates } from '../src/core/certificate.js';
import { declaresCertificates, type NodeTarget } from '../src/core/target.js';
import { inSlices } from '../src/loop/slices.js';
import { either } from '../src/run/examine.js';
import { unlessStopped } from '../src/run/survey.js';
import { counting } from './drawing.js';
import { clustersOf, saidOf, type DigestTools } from './expiry-digest.js';
import { postEdition } from './show-digest.js';
import { showRequest } from './show.js';
import { endReading, stoppably, type Ends } from './stopping.js';
import type { Tools } from './tools.js';

type CertExpiryTools = DigestTools & Pick<Tools, 'requests' | 'bus'>;
type CertExpiryWish = Extract<Request['wish'], { job: 'cert-expiry' }>;

const over: readonly Request['phase'][] = ['done', 'stopped'];

/**
 * Posts the digest that somebody asked for, in place of the request's card; no day counts as posted by it. Of one that is
 * stopped nothing is posted: a digest with nodes missing would read as if nothing expired there.
 */
export async function certExpiry(
  requestId: string,
  tools: CertExpiryTools,
  signal: AbortSignal,
): Promise<void> {
  const request = await tools.requests.get(requestId);
  if (request === null || over.includes(request.phase) || request.wish.job !== 'cert-expiry') return;
  const { wish } = request;
  await stoppably(request, tools, signal, (ends) => answer(request, wish, tools, ends));
}

async function answer(
  request: Request,
  wish: CertExpiryWish,
  tools: CertExpiryTools,
  ends: Ends,
): Promise<void> {
  const nodes = tools.chooseNodes(wish.targets);
  const total = nodes.filter(declaresCertificates).length;
  const reading: Request = { ...request, phase: 'reading', total, done: 0 };
  // Done twice after its worker was killed, the first edition stays: its buttons may have been pressed.
  if ((await tools.digest.edition(request.id)) === null) {
    const { readings, done } = await read(reading, nodes, tools, ends);
    const stopped = await endReading(request, ends, tools);
    if (stopped !== null) return showRequest({ ...reading, done, phase: 'stopped', stopped }, tools);
    await keep(request, wish, { nodes, readings }, tools);
  }
  const edition = await tools.digest.edition(request.id);
  if (edition === null) throw new Error(`the edition ${request.id} was kept and is gone`);
  // The digest takes the card's place. The request last: until then another worker does again what this one has not done.
  await postEdition(edition, tools.drawYear, tools);
  await tools.requests.put({ ...reading, phase: 'done', done: total });
}

/** Reads the nodes, and tells on the card how many; of a stop only how far it came is left. */
async function read(
  reading: Request,
  nodes: readonly NodeTarget[],
  tools: CertExpiryTools,
  { signal, stopping }: Ends,
): Promise<{ readonly readings: readonly NodeCertificates[]; readonly done: number }> {
  if (stopping.signal.aborted) return { readings: [], done: 0 };
  await showRequest(reading, tools);
  const card = counting(reading, tools);
  let done = 0;
  const onRead = (count: number): void => {
    done = count;
    // A card that could not be drawn is drawn by the next one, or by the end.
    card.tell(count).catch(() => undefined);
  };
  const reads = tools.readNodes(nodes, either(signal, stopping.signal), onRead);
  const readings = await unlessStopped(reads, stopping.signal, () => []).finally(() => card.end());
  return { readings, done };
}

/** Makes the edition of what was read, and keeps it under the request's id. */
async function keep(
  { id, origin: { channel, user, threadTs } }: Request,
  { withinDays }: CertExpiryWish,
  { nodes, readings }: { nodes: readonly NodeTarget[]; readings: readonly NodeCertificates[] },
  { clock, inventory, digest }: CertExpiryTools,
): Promise<void> {
  const nowMs = clock();
  const steps = editionSteps({
    id,
    channel,
    date: new Date(nowMs).toISOString().slice(0, 10),
    zone: 'UTC',
    isLate: false,
    isWeekly: true,
    asked: { by: user, withinDays, threadTs },
    nowMs,
    readings,
    clusters: clustersOf(nodes, inventory),
    memory: null,
    ...saidOf(await digest.allMarks()),
  });
  const { edition } = await inSlices(steps);
  await digest.keepAsked(edition);
}
