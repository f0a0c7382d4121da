import type { Expectation, Plan, Proposal, Rollback, Step, StepCommand } from '../../core/plan.js';
import { rmcHmcFacts, rmcNodeFacts, type RmcCollected } from '../diagnostics/rmc/facts.js';
import { rmcFollowUp } from '../diagnostics/rmc/follow-up.js';
import { statusOf, type Sight } from '../diagnostics/rmc/sight.js';
import { fix, type Asked } from '../definition.js';
import { curedBy } from '../diagnostics/rmc/cures.js';
import { gateFacts, readGates, restartGates } from './rmc/gates.js';
import { groundOf, identityBasis, locksOf, notCured, refusalByRoots, rmcCaptures } from './rmc/ground.js';
import { addAndStartRmc, disableRemoteClients, enableRemoteClients, stopRmc } from './rmc/rmcctrl.js';
import { stoppedByRmcctrl } from './rmc/stopped.js';
import { refusalByWords } from './rmc/words.js';

const interrupts =
  'RMC, all its resource managers, event monitoring (ERRM) and the link to the HMC, and DLPAR with it, for seconds to minutes. ' +
  'Workload on the LPAR is not touched. The configuration of RSCT is kept.';

const id = 'rmc-restart';

const gates = gateFacts(restartGates);

/** Restarts RMC and keeps its configuration; it cannot leave RMC stopped, for the whole of it is one detached script. */
export const rmcRestart = fix({
  id,
  title: 'Restart RMC, keeping its configuration',
  risk: 'medium',
  summary: 'Stops RMC with its resource managers, starts it again and opens TCP 657 (rmcctrl -z, -A, -p).',
  interrupts,
  cures: curedBy(id),
  node: { ...rmcNodeFacts, ...gates.node },
  hmc: (system) => ({ ...rmcHmcFacts(system), ...gates.hmc(system) }),
  nodeFollowUp: rmcFollowUp,
  plan: propose,
});

function propose(collected: RmcCollected, asked: Asked): Proposal {
  const wrongWords = refusalByWords(id, collected.target.name, asked);
  if (wrongWords !== null) return wrongWords;
  const ground = groundOf(collected, asked);
  const { sight, roots } = ground;
  if (roots.length === 0) {
    const seen =
      collected.hmc === null ? 'on the node; the HMC’s side is IBM’s and was not seen' : 'on both sides';
    return {
      kind: 'nothing-to-do',
      reason: `RMC on ${sight.target.name} is up ${seen}: a restart would only interrupt it.`,
    };
  }
  const refusal =
    refusalByRoots(ground) ?? readGates(restartGates, collected) ?? notCured(ground, id, 'A restart');
  return refusal ?? { kind: 'plan', plan: planFor(sight) };
}

function planFor(sight: Sight): Plan {
  const { name } = sight.target;
  const isActive = statusOf(sight, 'ctrmc') === 'active';
  const isListening = sight.port?.tcpListening === true;
  return {
    version: 1,
    fix: id,
    title: `Restart RMC on ${name}, keeping its configuration`,
    risk: 'medium',
    target: name,
    basis: [
      identityBasis(sight),
      `ctrmc is ${isActive ? 'active' : 'inoperative'}`,
      `IBM.DRM is ${statusOf(sight, 'IBM.DRM') ?? 'not read'}`,
      `TCP 657 is ${isListening ? '' : 'not '}listening`,
      isActive
        ? 'in no peer domain (lsrpdomain, rmcdomainstatus, IBM.MCP), in no cluster (lssrc)'
        : 'nothing of a peer domain or cluster runs (lssrc); a stopped ctrmc cannot be asked for more',
    ],
    interrupts,
    captures: rmcCaptures,
    steps: [restart(sight)],
    verify: { kind: 'rmc-active', reads: 2 },
    rollback: isActive ? backToActive(isListening) : backToStopped,
    locks: locksOf(sight),
  };
}

function restart(sight: Sight): Step {
  const commands: readonly StepCommand[] = [
    {
      command: stopRmc,
      always: false,
      // What rmcctrl -z exits with where RMC is stopped already is not documented; the start is what counts.
      mayFail: true,
      waitUntilStopped: { subsystems: stoppedByRmcctrl(sight), timeoutMs: 60_000 },
    },
    // Started again whatever became of the stop: RMC must never be left down.
    { command: addAndStartRmc, always: true },
    { command: enableRemoteClients, always: true },
  ];
  return {
    id: 'restart',
    title: 'Stop RMC, wait, start it, enable remote clients',
    effect: 'once',
    commands,
    timeoutMs: 240_000,
    gates: restartGates,
  };
}

const backToStopped: Rollback = {
  kind: 'steps',
  steps: [
    {
      id: 'stop-again',
      title: 'Stop RMC again, as found',
      effect: 'once',
      commands: [
        { command: stopRmc, always: false, waitUntilStopped: { subsystems: ['ctrmc'], timeoutMs: 60_000 } },
      ],
      timeoutMs: 150_000,
    },
  ],
  verify: {
    kind: 'as-found',
    expected: [
      { kind: 'subsystem', name: 'ctrmc', status: 'inoperative' },
      { kind: 'tcp-657', listening: false },
    ],
  },
  note: 'ctrmc was inoperative before, so rolling back stops it again. The HMC then has no connection to the LPAR.',
};

function backToActive(wasListening: boolean): Rollback {
  const close: StepCommand = { command: disableRemoteClients, always: true };
  const expected: readonly Expectation[] = [
    { kind: 'subsystem', name: 'ctrmc', status: 'active' },
    { kind: 'tcp-657', listening: wasListening },
  ];
  return {
    kind: 'steps',
    steps: [
      {
        id: 'start-again',
        title: wasListening
          ? 'Make sure that RMC runs, as found'
          : 'Make sure that RMC runs, and disable remote clients, as found',
        effect: 'idempotent',
        commands: [{ command: addAndStartRmc, always: false }, ...(wasListening ? [] : [close])],
        timeoutMs: 120_000,
      },
    ],
    verify: { kind: 'as-found', expected },
    note: wasListening
      ? 'RMC ran before, so rolling back only makes sure that it runs. The restart itself cannot be taken back.'
      : 'RMC ran before with remote clients disabled, so rolling back makes sure that it runs and closes TCP 657 again.',
  };
}
