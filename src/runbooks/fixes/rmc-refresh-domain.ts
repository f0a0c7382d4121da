import { fileAt, isExecutable, type ListedFile } from '../../aix/ls.js';
import type { Reading } from '../../core/fact.js';
import type { Plan, Proposal } from '../../core/plan.js';
import { nodeChange } from '../../core/remote-command.js';
import { fix, type Asked } from '../definition.js';
import { curedBy } from '../diagnostics/rmc/cures.js';
import { rmcHmcFacts, rmcNodeFacts, type RmcCollected } from '../diagnostics/rmc/facts.js';
import { rmcFollowUp } from '../diagnostics/rmc/follow-up.js';
import { statusOf, valueOf, type Sight } from '../diagnostics/rmc/sight.js';
import { readGates, smallGates, type Refusal } from './rmc/gates.js';
import { groundOf, identityBasis, locksOf, notCured, refusalByRoots, rmcCaptures } from './rmc/ground.js';
import { refusalByWords } from './rmc/words.js';

const id = 'rmc-refresh-domain';
const program = '/usr/sbin/rsct/bin/rmcrefreshMD';
const alternative = '/opt/rsct/bin/rmcrefreshMD';
const source = 'IBM Power Virtual Server, "RSCT package levels for imported AIX images"';

/** Makes RMC read its management domain again, without a stop. */
const refresh = nodeChange('idempotent', program, ['-s', 'ctrmc'], source, {
  alternatives: [alternative],
  timeoutMs: 60_000,
});

const interrupts = 'Nothing is stopped. RMC reads its management domain again.';

/** Lets RMC read its management domain again, where the program for it exists. */
export const rmcRefreshDomain = fix({
  id,
  title: 'Refresh the management domain of RMC',
  risk: 'low',
  summary:
    'Makes RMC read its management domain again (rmcrefreshMD), where the level of RSCT has that program.',
  interrupts,
  cures: curedBy(id),
  node: { ...rmcNodeFacts, refreshProgram: fileAt(program), refreshProgramOpt: fileAt(alternative) },
  hmc: rmcHmcFacts,
  nodeFollowUp: rmcFollowUp,
  plan: propose,
});

function propose(collected: RmcCollected, asked: Asked): Proposal {
  const ground = groundOf(collected, asked);
  const { sight, roots } = ground;
  const { name } = sight.target;
  const wrongWords = refusalByWords(id, name, asked);
  if (wrongWords !== null) return wrongWords;
  if (roots.length === 0)
    return { kind: 'nothing-to-do', reason: `RMC on ${name} is up: there is nothing to refresh.` };
  const refusal =
    refusalByRoots(ground) ??
    readGates(smallGates, collected) ??
    stopped(sight) ??
    notThere(collected) ??
    notCured(ground, id, 'A refresh');
  return refusal ?? { kind: 'plan', plan: planFor(sight) };
}

function stopped(sight: Sight): Refusal | null {
  const status = statusOf(sight, 'ctrmc');
  if (status === 'active') return null;
  const reason = `ctrmc on ${sight.target.name} is ${status ?? 'not read'}: what does not run cannot be refreshed. rmc-restart starts it.`;
  return { kind: 'refused', gate: 'ctrmc', reason, source };
}

/** The program is documented on one page only, and not of every level: it must be seen to be there. */
function notThere({ target, node }: RmcCollected): Refusal | null {
  const facts = (node.ok ? node.facts : {}) as Readonly<Record<string, Reading<ListedFile> | undefined>>;
  const found = ['refreshProgram', 'refreshProgramOpt'].map((fact) => valueOf(facts[fact]));
  if (found.some((file) => file !== null && isExecutable(file))) return null;
  const reason = `Neither ${program} nor ${alternative} is proven to be executable on ${target.name}.`;
  return { kind: 'refused', gate: 'program', reason, source };
}

function planFor(sight: Sight): Plan {
  const { name } = sight.target;
  return {
    version: 1,
    fix: id,
    title: `Refresh the management domain of RMC on ${name}`,
    risk: 'low',
    target: name,
    basis: [identityBasis(sight), 'ctrmc is active', 'rmcrefreshMD is there and executable'],
    interrupts,
    captures: rmcCaptures,
    steps: [
      {
        id: 'refresh',
        title: 'Read the management domain again',
        effect: 'idempotent',
        commands: [{ command: refresh, always: false }],
        timeoutMs: 90_000,
        gates: smallGates,
      },
    ],
    verify: { kind: 'rmc-active', reads: 2 },
    rollback: {
      kind: 'none',
      reason:
        'A refresh only reads again what is there: it changes no setting, so there is nothing to put back.',
    },
    locks: locksOf(sight),
  };
}
