import type { Request } from '../src/core/request.js';
import { editionSteps } from '../src/digest/build.js';
import { inSlices } from '../src/loop/slices.js';
import { clustersOf, saidOf, type DigestTools } from './expiry-digest.js';
import { postEdition } from './show-digest.js';
import { showFailure, showRequest } from './show.js';
import type { Tools } from './tools.js';

type CertExpiryTools = DigestTools & Pick<Tools, 'requests'>;

/** Posts the digest that somebody asked for, in place of the request's card; no day counts as posted by it. */
export async function certExpiry(
  requestId: string,
  tools: CertExpiryTools,
  signal: AbortSignal,
): Promise<void> {
  const request = await tools.requests.get(requestId);
  if (request === null || request.phase === 'done' || request.wish.job !== 'cert-expiry') return;
  try {
    await answer(request, request.wish, tools, signal);
  } catch (error) {
    await showFailure(request, error, tools, signal);
    throw error;
  }
}

async function answer(
  request: Request,
  wish: Extract<Request['wish'], { job: 'cert-expiry' }>,
  tools: CertExpiryTools,
  signal: AbortSignal,
): Promise<void> {
  const nodes = tools.chooseNodes(wish.targets);
  const reading: Request = { ...request, phase: 'reading', total: nodes.length, done: 0 };
  await showRequest(reading, tools);
  // Done twice after its worker was killed, the first edition stays: its buttons may have been pressed.
  const kept = await tools.digest.edition(request.id);
  if (kept === null) {
    const readings = await tools.readNodes(nodes, signal);
    const nowMs = tools.clock();
    const { channel, user, threadTs } = request.origin;
    const steps = editionSteps({
      id: request.id,
      channel,
      date: new Date(nowMs).toISOString().slice(0, 10),
      zone: 'UTC',
      isLate: false,
      isWeekly: true,
      asked: { by: user, withinDays: wish.withinDays, threadTs },
      nowMs,
      readings,
      clusters: clustersOf(nodes, tools.inventory),
      memory: null,
      ...saidOf(await tools.digest.allMarks()),
    });
    const { edition } = await inSlices(steps);
    await tools.digest.keepAsked(edition);
  }
  const edition = await tools.digest.edition(request.id);
  if (edition === null) throw new Error(`the edition ${request.id} was kept and is gone`);
  // The request first, without its card: the digest takes the card's place.
  await tools.requests.put({ ...reading, phase: 'done', done: nodes.length });
  await postEdition(edition, tools.drawYear, tools);
}
