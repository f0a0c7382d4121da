import type { Request } from '../src/core/request.js';
import { examine } from '../src/run/examine.js';
import { findDiagnostic } from '../src/runbooks/index.js';
import { conclude, knownFleet } from './diagnose.js';
import { sorted } from './drawing.js';
import type { Tools } from './tools.js';

/** The second read of a diagnosis: only the targets whose first verdict needed it, judged with what was read before. */
export async function readAgain(requestId: string, tools: Tools, signal: AbortSignal): Promise<void> {
  const request = await tools.requests.get(requestId);
  if (request?.phase !== 'waiting' || request.wish.job !== 'diagnose') return;
  const names = request.secondRead?.targets ?? [];
  const targets = names.flatMap((name) => tools.inventory.nodes.get(name) ?? []);
  const earlier = await tools.requests.earlier(requestId);
  const surveyed = await examine(
    findDiagnostic(request.wish.diagnostic),
    targets,
    { ...tools, parser: tools.certificates },
    {
      nodesAtOnce: tools.nodesAtOnce,
      signal,
      fleet: await knownFleet(tools),
      rsctLevels: tools.rsctLevels,
      earlier: new Map(earlier.map((one) => [one.target.name, one])),
    },
  );
  await tools.fleet.put(surveyed.learned);
  const now = new Map(surveyed.verdicts.map((verdict) => [verdict.target, verdict]));
  const verdicts = sorted(request.verdicts.map((verdict) => now.get(verdict.target) ?? verdict));
  const done: Request = { ...request, phase: 'done', verdicts };
  await conclude(
    done,
    verdicts.filter((verdict) => names.includes(verdict.target)),
    tools,
  );
}
