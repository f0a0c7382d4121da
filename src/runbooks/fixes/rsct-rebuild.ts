import { freeSpace, type FileSystem } from '../../aix/df.js';
import { rsctData, type DiskUse } from '../../aix/du.js';
import type { OdmObject } from '../../aix/odmget.js';
import type { Reading } from '../../core/fact.js';
import type { Proposal } from '../../core/plan.js';
import { fix, type Asked } from '../definition.js';
import { curedBy } from '../diagnostics/rmc/cures.js';
import { rmcHmcFacts, rmcNodeFacts, type RmcCollected } from '../diagnostics/rmc/facts.js';
import { rmcFollowUp } from '../diagnostics/rmc/follow-up.js';
import { valueOf } from '../diagnostics/rmc/sight.js';
import { gateFacts, readGates, rebuildGates, type Refusal } from './rmc/gates.js';
import { groundOf, refusalByRoots, type Ground } from './rmc/ground.js';
import { areSound, nodeIdsOf, type NodeIds } from './rmc/rebuild-ids.js';
import { needFor, type Need } from './rmc/rebuild-need.js';
import { interrupts, rebuildPlan } from './rmc/rebuild-plan.js';
import { readRebuild, rebuildWords, type Rebuild } from './rmc/rebuild-words.js';
import { refusalByWords } from './rmc/words.js';

const id = 'rsct-rebuild';
const gates = gateFacts(rebuildGates);
const ownFacts = { rsctData, space: freeSpace('/var/adm') };

/** Removes all RSCT data of a node and configures RSCT anew, with a new, a given or the same node ID. */
export const rsctRebuild = fix({
  id,
  title: 'Rebuild RSCT (recfgct)',
  risk: 'high',
  summary: 'Makes RSCT new on the LPAR, with a new, a given or the same node ID; every gate must be clear.',
  interrupts,
  cures: curedBy(id),
  node: { ...rmcNodeFacts, ...gates.node, ...ownFacts },
  hmc: (system) => ({ ...rmcHmcFacts(system), ...gates.hmc(system) }),
  takes: rebuildWords,
  nodeFollowUp: rmcFollowUp,
  plan: propose,
});

function propose(collected: RmcCollected, asked: Asked): Proposal {
  const { name } = collected.target;
  const wrongWords = refusalByWords(id, name, asked, rebuildWords);
  const words = readRebuild(asked.words);
  if (wrongWords !== null || 'message' in words)
    return wrongWords ?? refused('words', 'The words make no sense.');
  const ground = groundOf(collected, asked);
  const byRoots = refusalByRoots(ground, ['rsct.node-id-duplicate', 'rsct.node-id-mismatch']);
  const byGates = readGates(rebuildGates, collected);
  // Where the node answers, the gates come first: what they protect matters more than what else is wrong.
  const shut = collected.node.ok ? (byGates ?? byRoots) : (byRoots ?? byGates);
  if (shut !== null) return shut;
  const ids = nodeIdsOf(collected);
  if (typeof ids === 'string') return refused('node-id', ids);
  const need = needFor({ name, words, ids, fleet: asked.fleet });
  if (need.kind !== 'needed') return need;
  return noRoom(collected) ?? unexplained(ground, words, ids) ?? planned(collected, ground, ids, need);
}

function planned(collected: RmcCollected, ground: Ground, ids: NodeIds, need: Need): Proposal {
  const { asked, twins, because } = need;
  const typed = rebuildWords.read(wordsOf(asked));
  const words = typed.kind === 'understood' ? typed.words : [];
  const cluster0 = asked.deleteCluster0 ? (valueOf(own(collected).cluster0) ?? []) : [];
  const plan = rebuildPlan({ sight: ground.sight, words, asked, ids, twins, cluster0, because });
  return { kind: 'plan', plan };
}

function wordsOf({ mode, nodeId, deleteCluster0, reason }: Rebuild): readonly string[] {
  return [
    ...(mode === 'new' ? ['-n'] : mode === 'keep' ? ['-s'] : mode === 'set' ? ['-i', nodeId ?? ''] : []),
    ...(deleteCluster0 ? ['--delete-cluster0'] : []),
    ...(reason === null ? [] : ['--reason', reason]),
  ];
}

/** Findings of another kind are no reason to rebuild, unless a person who was told so says why. */
function unexplained({ roots, sight }: Ground, words: Rebuild, ids: NodeIds): Refusal | null {
  if (words.reason !== null || !areSound(ids)) return null;
  const other = roots.find((root) => !curedBy(id).includes(root.id) && root.severity === 'crit');
  if (other === undefined || roots.some((root) => curedBy(id).includes(root.id))) return null;
  return refused(
    'not-cured',
    `A rebuild does not cure what was found on ${sight.target.name}: ${other.title}`,
  );
}

/** A fifth more than what is there, and 64 MiB that stay free: a full /var is a fault of its own. */
function noRoom(collected: RmcCollected): Refusal | null {
  const { target } = collected;
  const data = valueOf(own(collected).rsctData);
  if (data?.path !== '/var/ct')
    return refused(
      'free-space',
      `How much /var/ct on ${target.name} holds was not read, so nobody can say whether a copy fits.`,
    );
  // With sudo the run directory is in the home folder, whose place is not known here: there tar itself fails in time.
  if (target.endpoint.become !== null) return null;
  const [space, other] = valueOf(own(collected).space) ?? [];
  if (space === undefined || other !== undefined)
    return refused('free-space', `How much is free in /var/adm on ${target.name} was not read.`);
  const neededKb = Math.ceil(data.usedKb * 1.2) + 65_536;
  if (space.availableKb >= neededKb) return null;
  return refused(
    'free-space',
    `A copy of /var/ct on ${target.name} needs ${mib(neededKb)} MiB in /var/adm, and ${mib(space.availableKb)} MiB are free.`,
  );
}

function mib(kb: number): number {
  return Math.ceil(kb / 1024);
}

interface OwnReadings {
  readonly rsctData?: Reading<DiskUse>;
  readonly space?: Reading<readonly FileSystem[]>;
  readonly cluster0?: Reading<readonly OdmObject[]>;
}

function own({ node }: RmcCollected): OwnReadings {
  return node.ok ? (node.facts as OwnReadings) : {};
}

function refused(gate: string, reason: string): Refusal {
  return { kind: 'refused', gate, reason, source: 'RSCT 3.2 recfgct man page; IBM technote T1020611' };
}
