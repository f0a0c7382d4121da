import { isIpv4, isIpv6 } from '../../aix/layouts/addresses.js';
import type { FactSet, Reading } from '../../core/fact.js';
import type { Plan, Proposal } from '../../core/plan.js';
import { hmcChange } from '../../core/remote-command.js';
import type { ManagedSystem } from '../../core/target.js';
import { diagrmc, type Diagnosis } from '../../hmc/diagrmc.js';
import { hmcLevel, type HmcVersion } from '../../hmc/lshmc.js';
import { fix, type Asked } from '../definition.js';
import { curedBy } from '../diagnostics/rmc/cures.js';
import { rmcHmcFacts, rmcNodeFacts, type RmcCollected } from '../diagnostics/rmc/facts.js';
import { rmcFollowUp } from '../diagnostics/rmc/follow-up.js';
import { look, valueOf, type Sight } from '../diagnostics/rmc/sight.js';
import { gateFacts, readGates, type GateName, type Refusal } from './rmc/gates.js';
import { groundOf, identityBasis, locksOf, notCured, refusalByRoots } from './rmc/ground.js';
import { hmcCaptures, lockOfSystem, noHmc } from './rmc/hmc-side.js';
import { refusalByWords } from './rmc/words.js';

const id = 'hmc-autocorrect';
const source = 'IBM Power Systems HMC commands, diagrmc; IBM technote T1020611';
const gateNames: readonly GateName[] = ['G10', 'G8-system'];
const gates = gateFacts(gateNames);

const interrupts =
  'The HMC changes its own settings for RMC: firewall, subsystem, stale entries. Which of them, its man page does not say in advance; the dry run below says what it found. RMC of other LPARs on this HMC may be interrupted.';

/** Lets the HMC put right what its own diagnosis of an LPAR's RMC connection finds, after showing that diagnosis. */
export const hmcAutocorrect = fix({
  id,
  title: 'Let the HMC correct the RMC connection',
  risk: 'medium',
  summary: 'Runs the HMC’s own repair (diagrmc --autocorrect) after showing its dry run; HMC V8 or later.',
  interrupts,
  cures: curedBy(id),
  node: { ...rmcNodeFacts, ...gates.node },
  hmc: (system) => ({ ...rmcHmcFacts(system), ...gates.hmc(system), hmcLevel }),
  // The address and the id of the LPAR are known only after the first look.
  followUp: (collected) => dryRunOf(collected),
  nodeFollowUp: rmcFollowUp,
  plan: propose,
});

interface Lpar {
  readonly system: ManagedSystem;
  readonly address: string;
  readonly lparId: number;
}

/** Which LPAR the HMC is asked about, by the address that it has for it. */
function lparOf(sight: Sight): Lpar | null {
  const { system } = sight.target;
  if (system === null || sight.identity.kind !== 'confirmed') return null;
  const listed = sight.dlpar.kind === 'found' ? sight.dlpar.row.ipAddress : null;
  const configured = sight.partition.kind === 'found' ? sight.partition.row['rmc_ipaddr'] : null;
  const address = (listed ?? configured ?? '').replace(/%\w+$/, '');
  if (!isIpv4(address) && !isIpv6(address)) return null;
  return { system, address, lparId: sight.identity.lparId };
}

function dryRunOf(collected: RmcCollected): FactSet | null {
  const lpar = lparOf(look(collected));
  return lpar === null ? null : { dryRun: diagrmc(lpar.system.hmcName, lpar.address, lpar.lparId) };
}

function propose(collected: RmcCollected, asked: Asked): Proposal {
  const { name, system } = collected.target;
  const wrongWords = refusalByWords(id, name, asked);
  if (wrongWords !== null) return wrongWords;
  if (system === null) return noHmc(name, source);
  const ground = groundOf(collected, asked);
  if (ground.roots.length === 0)
    return { kind: 'nothing-to-do', reason: `RMC on ${name} is up on both sides.` };
  const refusal =
    refusalByRoots(ground) ??
    readGates(gateNames, collected) ??
    tooOld(collected) ??
    notCured(ground, id, 'The HMC’s repair');
  if (refusal !== null) return refusal;
  const lpar = lparOf(ground.sight);
  const dryRun = diagnosisOf(collected);
  if (lpar === null || dryRun === null) return noDryRun(collected);
  if (dryRun.connected.includes(lpar.address))
    return {
      kind: 'nothing-to-do',
      reason: `${system.hmc.name} says that ${lpar.address} has an RMC connection (${name}).`,
    };
  return { kind: 'plan', plan: planFor(ground.sight, lpar, dryRun) };
}

/** V7 has `lspartition -dlparreset` in its place, which drops the RMC of every LPAR: that is for a person. */
function tooOld({ target, hmc }: RmcCollected): Refusal | null {
  const facts = (hmc?.ok === true ? hmc.facts : {}) as Readonly<
    Record<string, Reading<HmcVersion> | undefined>
  >;
  const version = valueOf(facts['hmcLevel'])?.version ?? null;
  if (version !== null && /^\d+$/.test(version) && Number(version) >= 8) return null;
  const what = version === null ? 'was not read' : `is V${version}`;
  const reason = `The level of the HMC of ${target.name} ${what}: diagrmc needs V8.`;
  return { kind: 'refused', gate: 'hmc-level', reason, source };
}

function diagnosisOf({ hmcFollowUp }: RmcCollected): Diagnosis | null {
  if (hmcFollowUp?.ok !== true) return null;
  return valueOf((hmcFollowUp.facts as Readonly<Record<string, Reading<Diagnosis> | undefined>>)['dryRun']);
}

function noDryRun({ target, hmcFollowUp }: RmcCollected): Refusal {
  const reading =
    hmcFollowUp?.ok === true ? (hmcFollowUp.facts['dryRun'] as Reading<Diagnosis> | undefined) : undefined;
  const why =
    reading?.kind === 'unread'
      ? reading.error.message
      : reading?.kind === 'failure'
        ? reading.failure.message
        : hmcFollowUp?.ok === false
          ? hmcFollowUp.error.message
          : 'it could not be asked';
  const reason = `The dry run of diagrmc for ${target.name} was not read, and nobody should approve what it would have shown: ${why}`;
  return { kind: 'refused', gate: 'dry-run', reason, source };
}

function planFor(sight: Sight, lpar: Lpar, dryRun: Diagnosis): Plan {
  const { name } = sight.target;
  const { system } = lpar;
  const args = [
    '-m',
    system.hmcName,
    '--ip',
    lpar.address,
    '--id',
    String(lpar.lparId),
    '--autocorrect',
    '-v',
  ];
  const asked = diagrmc(system.hmcName, lpar.address, lpar.lparId);
  return {
    version: 1,
    fix: id,
    title: `Let ${system.hmc.name} correct the RMC connection of ${name}`,
    risk: 'medium',
    target: name,
    basis: [identityBasis(sight), 'the dry run of diagrmc says:', ...shown(dryRun)],
    interrupts,
    captures: [
      ...hmcCaptures(system),
      { id: 'dry-run', title: 'Dry run of diagrmc', command: asked.command },
    ],
    steps: [
      {
        kind: 'hmc',
        id: 'autocorrect',
        title: `Correct the RMC connection of ${name}`,
        effect: 'once',
        hmc: system.hmc.name,
        command: hmcChange('once', 'diagrmc', args, source, { timeoutMs: 300_000 }),
        timeoutMs: 320_000,
        gates: gateNames,
      },
    ],
    verify: { kind: 'rmc-active', reads: 2 },
    rollback: {
      kind: 'none',
      reason:
        'diagrmc keeps no record of what it changed, and has no way back. What the HMC said before is saved with the change.',
    },
    locks: [...locksOf(sight), lockOfSystem(system)].sort(),
  };
}

const mostLines = 40;

/** What the dry run printed, without the times in it: the same finding an hour later is the same plan. */
function shown({ lines }: Diagnosis): readonly string[] {
  const plain = lines.map((line) => line.replace(/\b\d{1,2}:\d{2}(?::\d{2})?\b/g, '…').slice(0, 200));
  const more = plain.length - mostLines;
  return more <= 0 ? plain : [...plain.slice(0, mostLines), `${more} more lines are in the capture`];
}
