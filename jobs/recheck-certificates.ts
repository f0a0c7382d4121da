import type { Edition, Line } from '../src/digest/edition.js';
import { targetsOfLine } from '../src/digest/marked.js';
import { recheck } from '../src/digest/recheck.js';
import { clustersOf, type DigestTools } from './expiry-digest.js';
import { redrawLine } from './show-digest.js';

/** One certificate may be on hundreds of nodes: so many are read again at a click. */
const nodesAtMost = 50;

/** Reads the nodes of one line again, and says under the line what they hold now. It only reads. */
export async function recheckCertificates(
  lineId: string,
  tools: DigestTools,
  signal: AbortSignal,
): Promise<void> {
  const ref = await tools.digest.line(lineId);
  const edition = ref === null ? null : await tools.digest.edition(ref.edition);
  const line = edition?.lines.find(({ id }) => id === lineId);
  if (edition === null || line === undefined) return;
  const asked = (await tools.digest.rechecks(edition.id)).get(lineId);
  const { says, isDone } = await readAgain(line, tools, signal);
  const at = new Date(tools.clock()).toISOString();
  await tools.digest.putRecheck(edition.id, lineId, { by: asked?.by ?? 'worker', at, says, isDone });
  await redrawLine(edition, lineId, tools);
}

async function readAgain(line: Edition['lines'][number], tools: DigestTools, signal: AbortSignal) {
  const { nodes, more } = nodesOf(line, tools);
  if (nodes.length === 0) return { says: 'its node is not in the inventory any more', isDone: false };
  const readings = await tools.readNodes(nodes, signal);
  const found = recheck(line, readings, clustersOf(nodes, tools.inventory));
  return more === 0 ? found : { says: `${found.says} ${more} more nodes were not read.`, isDone: false };
}

function nodesOf(line: Line, { inventory }: DigestTools) {
  const all = targetsOfLine(line).flatMap((name) => inventory.nodes.get(name) ?? []);
  return { nodes: all.slice(0, nodesAtMost), more: Math.max(0, all.length - nodesAtMost) };
}
