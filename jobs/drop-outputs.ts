import type { Tools } from './tools.js';

/** Removes what nodes printed from changes that ended long enough ago: the plan, the decisions and the audit trail stay. */
export async function dropOutputs({ changes, clock, keepOutputsMs }: DropTools): Promise<void> {
  const at = new Date(clock()).toISOString();
  for (const id of await changes.withOutputs(clock() - keepOutputsMs)) await changes.dropOutputs(id, at);
}

type DropTools = Pick<Tools, 'changes' | 'clock' | 'keepOutputsMs'>;
