import type { NodeTarget } from '../src/core/target.js';
import type { ShutGate } from '../src/run/applied.js';
import { collect } from '../src/run/collect.js';
import { gateFacts, readGates } from '../src/runbooks/fixes/rmc/gates.js';
import type { Tools } from './tools.js';

/** Reads what these gates ask, now, and says which is shut; what could not be read is shut. null when all are open. */
export async function gatesNow(
  names: readonly string[],
  node: NodeTarget,
  tools: Pick<Tools, 'ssh' | 'clock'>,
  signal: AbortSignal,
): Promise<ShutGate | null> {
  const questions = { kind: 'fix', ...gateFacts(names) } as const;
  const [collected] = await collect(questions, [node], tools, { nodesAtOnce: 1, signal });
  if (collected === undefined) throw new Error(`nothing was collected for ${node.name}`);
  return readGates(names, collected);
}
