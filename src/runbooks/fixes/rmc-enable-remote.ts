import type { Plan, Proposal } from '../../core/plan.js';
import { rmcHmcFacts, rmcNodeFacts, type RmcCollected } from '../diagnostics/rmc/facts.js';
import { rmcFollowUp } from '../diagnostics/rmc/follow-up.js';
import { statusOf, type Sight } from '../diagnostics/rmc/sight.js';
import { fix, type Asked } from '../definition.js';
import { curedBy } from '../diagnostics/rmc/cures.js';
import { readGates, smallGates } from './rmc/gates.js';
import { groundOf, identityBasis, locksOf, refusalByRoots, rmcCaptures } from './rmc/ground.js';
import { disableRemoteClients, enableRemoteClients } from './rmc/rmcctrl.js';
import { refusalByWords } from './rmc/words.js';

const id = 'rmc-enable-remote';

const interrupts =
  'Nothing is stopped. The LPAR accepts connections on TCP 657 again; if they were switched off on purpose, reject this.';

/** Lets the HMC connect to RMC on the LPAR again. */
export const rmcEnableRemote = fix({
  id,
  title: 'Enable remote clients of RMC',
  risk: 'low',
  summary: 'Opens TCP 657 on the LPAR for its HMC (rmcctrl -p).',
  interrupts,
  cures: curedBy(id),
  node: rmcNodeFacts,
  hmc: rmcHmcFacts,
  nodeFollowUp: rmcFollowUp,
  plan: propose,
});

function propose(collected: RmcCollected, asked: Asked): Proposal {
  const wrongWords = refusalByWords(id, collected.target.name, asked);
  if (wrongWords !== null) return wrongWords;
  const ground = groundOf(collected, asked);
  const { sight } = ground;
  const { name } = sight.target;
  if (statusOf(sight, 'ctrmc') === 'active' && sight.port?.tcpListening === true)
    return {
      kind: 'nothing-to-do',
      reason: `TCP 657 is already listening on ${name}: remote clients are enabled.`,
    };
  const refusal = refusalByRoots(ground) ?? stopped(sight) ?? readGates(smallGates, collected);
  return refusal ?? { kind: 'plan', plan: planFor(sight) };
}

function stopped(sight: Sight): Extract<Proposal, { kind: 'refused' }> | null {
  const status = statusOf(sight, 'ctrmc');
  if (status === 'active') return null;
  const reason = `ctrmc on ${sight.target.name} is ${status ?? 'not read'}: use rmc-restart, which starts it and enables remote clients.`;
  return { kind: 'refused', gate: 'ctrmc', reason, source: 'RSCT 3.2 rmcctrl man page' };
}

function planFor(sight: Sight): Plan {
  const { name } = sight.target;
  return {
    version: 1,
    fix: id,
    title: `Enable remote clients of RMC on ${name}`,
    risk: 'low',
    target: name,
    basis: [identityBasis(sight), 'ctrmc is active', 'TCP 657 is not listening'],
    interrupts,
    captures: rmcCaptures,
    steps: [
      {
        id: 'enable-remote',
        title: 'Enable remote client connections',
        effect: 'idempotent',
        commands: [{ command: enableRemoteClients, always: false }],
        timeoutMs: 30_000,
        gates: smallGates,
      },
    ],
    verify: { kind: 'rmc-active', reads: 2 },
    rollback: {
      kind: 'steps',
      steps: [
        {
          id: 'disable-remote',
          title: 'Disable remote client connections, as found',
          effect: 'idempotent',
          commands: [{ command: disableRemoteClients, always: false }],
          timeoutMs: 30_000,
        },
      ],
      verify: { kind: 'as-found', expected: [{ kind: 'tcp-657', listening: false }] },
      note: 'TCP 657 was not listening before, so rolling back closes it again. The HMC then cannot connect.',
    },
    locks: locksOf(sight),
  };
}
