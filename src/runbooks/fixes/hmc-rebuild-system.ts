import type { Plan, Proposal } from '../../core/plan.js';
import { hmcChange } from '../../core/remote-command.js';
import type { ManagedSystem } from '../../core/target.js';
import { fix, type Asked } from '../definition.js';
import { curedBy } from '../diagnostics/rmc/cures.js';
import { rmcHmcFacts, rmcNodeFacts, type RmcCollected } from '../diagnostics/rmc/facts.js';
import { rmcFollowUp } from '../diagnostics/rmc/follow-up.js';
import { gateFacts, readGates, systemGates } from './rmc/gates.js';
import { groundOf, notCured, refusalByRoots, type Ground } from './rmc/ground.js';
import { hmcCaptures, lockOfSystem, machineBasis, noHmc } from './rmc/hmc-side.js';
import { refusalByWords } from './rmc/words.js';

const id = 'hmc-rebuild-system';
const source = 'RSCT 3.2, "Checking the status of the RMC connections on the HMC"; HMC commands, chsysstate';
const gates = gateFacts(systemGates);

const interrupts =
  'Nothing on any LPAR. The HMC reads the whole managed system again, which takes minutes; what the console does with that system meanwhile should be idle.';

/** Lets the HMC read a managed system again, where its own two views of an LPAR disagree. */
export const hmcRebuildSystem = fix({
  id,
  title: 'Let the HMC read the managed system again',
  risk: 'medium',
  summary: 'Rebuilds the HMC’s view of the managed system (chsysstate -o rebuild); the LPARs run on.',
  interrupts,
  cures: curedBy(id),
  node: rmcNodeFacts,
  hmc: (system) => ({ ...rmcHmcFacts(system), ...gates.hmc(system) }),
  nodeFollowUp: rmcFollowUp,
  plan: propose,
});

function propose(collected: RmcCollected, asked: Asked): Proposal {
  const { name, system } = collected.target;
  const wrongWords = refusalByWords(id, name, asked);
  if (wrongWords !== null) return wrongWords;
  if (system === null) return noHmc(name, source);
  const ground = groundOf(collected, asked);
  if (ground.roots.length === 0)
    return { kind: 'nothing-to-do', reason: `The HMC’s views of ${name} agree, and RMC is up.` };
  const refusal =
    refusalByRoots(ground) ??
    readGates(systemGates, collected) ??
    notCured(ground, id, 'Reading the managed system again');
  return refusal ?? { kind: 'plan', plan: planFor(ground, system) };
}

function planFor({ sight, roots }: Ground, system: ManagedSystem): Plan {
  const { name } = sight.target;
  const command = hmcChange(
    'idempotent',
    'chsysstate',
    ['-m', system.hmcName, '-o', 'rebuild', '-r', 'sys'],
    source,
    { timeoutMs: 300_000 },
  );
  return {
    version: 1,
    fix: id,
    title: `Let ${system.hmc.name} read ${system.hmcName} again, for ${name}`,
    risk: 'medium',
    target: name,
    basis: [
      machineBasis(sight),
      ...roots.map((root) => root.title),
      'no LPAR of the managed system is being moved',
    ],
    interrupts,
    captures: hmcCaptures(system),
    steps: [
      {
        kind: 'hmc',
        id: 'rebuild',
        title: `Read ${system.hmcName} again`,
        effect: 'idempotent',
        hmc: system.hmc.name,
        command,
        timeoutMs: 320_000,
        gates: systemGates,
      },
    ],
    verify: { kind: 'rmc-active', reads: 2 },
    rollback: {
      kind: 'none',
      reason: 'The HMC only reads again what the managed system says: there is no earlier view to put back.',
    },
    locks: [lockOfSystem(system)],
  };
}
