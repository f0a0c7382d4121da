import type { KnownNode } from '../../../core/fleet.js';
import type { Proposal } from '../../../core/plan.js';
import { areSound, othersWith, twinsNow, type NodeIds } from './rebuild-ids.js';
import type { Rebuild } from './rebuild-words.js';

type NoPlan = Exclude<Proposal, { kind: 'plan' }>;

/** What is to be done and why, both settled. */
export interface Need {
  readonly kind: 'needed';
  readonly asked: Rebuild & { readonly mode: 'new' | 'set' | 'keep' };
  /** Names of the nodes with the same ID. */
  readonly twins: readonly string[];
  /** What proves the need, in words. */
  readonly because: readonly string[];
}

interface Question {
  readonly name: string;
  readonly words: Rebuild;
  readonly ids: NodeIds;
  readonly fleet: readonly KnownNode[];
}

/**
 * Whether a rebuild is needed: a proven duplicate (`-n`), a lost or contradictory ID with a known good value (`-i`, `-s`),
 * or a reason that a person gives and others approve. Which of two twins is the clone is never guessed.
 */
export function needFor(question: Question): Need | NoPlan {
  switch (question.words.mode) {
    case 'new':
      return forNew(question);
    case 'set':
      return forSet(question);
    case 'keep':
      return forKeep(question);
    case null:
      return withoutWords(question);
  }
}

/** A button carries no words: a proven clone gets a new ID, everything else is for a person to say. */
function withoutWords(question: Question): Need | NoPlan {
  const { name, ids, words } = question;
  if (areSound(ids)) return forNew({ ...question, words: { ...words, mode: 'new' } });
  const kept = ids.etc === null ? '' : ` -s keeps ${ids.etc} from /etc/ct_node_id;`;
  return refused(
    'words',
    `The node ID of ${name} is lost or contradictory (lsnodeid ${ids.said ?? 'none'}, /etc/ct_node_id ${ids.etc ?? 'none'}, /var/ct/cfg/ct_node_id ${ids.cfg ?? 'none'}), and only a person can say what is right.${kept} -i ID sets a known good one.`,
  );
}

function forNew({ name, words, ids, fleet }: Question): Need | NoPlan {
  const twins = twinsNow(name, ids.said, fleet);
  const others = ids.said === null ? [] : othersWith(ids.said, name, fleet);
  if (twins?.keep === name)
    return refused(
      'twin',
      `${name} keeps its node ID: ${twins.why}. The other one gets a new one: ${others.join(', ')}.`,
    );
  if (words.reason === null && (twins === null || others.length === 0))
    return refused(
      'not-proven',
      `That another node has the node ID of ${name} is not proven${fleet.length === 0 ? ', for no other node was read yet' : ''}. /rmc-status all reads them; --reason WORDS says why a new ID is needed all the same.`,
    );
  if (words.reason === null && twins?.keep === null)
    return refused(
      'twin',
      `${name} and ${others.join(', ')} have the same node ID, and which is the clone is not proven: ${twins.why}. --reason WORDS says why it is ${name}.`,
    );
  const proof = others.length === 0 ? [] : [`the same node ID is also on ${others.join(', ')}`];
  return needed({ ...words, mode: 'new' }, others, proof);
}

function forSet({ name, words, ids, fleet }: Question): Need | NoPlan {
  const wanted = (words.nodeId ?? '').padStart(16, '0');
  const taken = takenBy(wanted, name, fleet);
  if (taken !== null) return taken;
  if (areSound(ids) && ids.said === wanted)
    return {
      kind: 'nothing-to-do',
      reason: `${name} has the node ID ${wanted} in all three places already.`,
    };
  if (areSound(ids) && words.reason === null)
    return refused(
      'not-proven',
      `The node ID of ${name} is neither lost nor contradictory: --reason WORDS says why it is to be ${wanted}.`,
    );
  const others = ids.said === null ? [] : othersWith(ids.said, name, fleet);
  return needed({ ...words, mode: 'set' }, others, [
    ...(areSound(ids) ? [] : ['the node ID is lost or contradictory']),
    `no other node of the fleet has ${wanted}`,
  ]);
}

function forKeep({ name, words, ids, fleet }: Question): Need | NoPlan {
  if (ids.etc === null)
    return refused('node-id', `-s takes the node ID of ${name} from /etc/ct_node_id, and there is none.`);
  const taken = takenBy(ids.etc, name, fleet);
  if (taken !== null) return taken;
  if (areSound(ids) && words.reason === null)
    return refused(
      'not-proven',
      `The node ID of ${name} is neither lost nor contradictory: --reason WORDS says why all else is to be made new.`,
    );
  return needed(
    { ...words, mode: 'keep' },
    [],
    [
      ...(areSound(ids) ? [] : ['the node ID is lost or contradictory']),
      `/etc/ct_node_id has ${ids.etc}, and no other node of the fleet has it`,
    ],
  );
}

/** An ID that another node has makes the fault that a rebuild is to cure. Nobody known proves nothing. */
function takenBy(nodeId: string, name: string, fleet: readonly KnownNode[]): NoPlan | null {
  const others = othersWith(nodeId, name, fleet);
  if (others.length > 0)
    return refused(
      'node-id-in-use',
      `${nodeId} is the node ID of ${others.join(', ')}: ${name} must not have it as well.`,
    );
  if (fleet.length > 0) return null;
  return refused(
    'node-id-in-use',
    `Nobody can say whether another node has ${nodeId}, for no node’s ID was read yet: /rmc-status all reads them; then ask again for ${name}.`,
  );
}

function needed(asked: Need['asked'], twins: readonly string[], proof: readonly string[]): Need {
  const said = asked.reason === null ? [] : [`asked for because: ${asked.reason}`];
  return { kind: 'needed', asked, twins, because: [...proof, ...said] };
}

function refused(gate: string, reason: string): NoPlan {
  return { kind: 'refused', gate, reason, source: 'RSCT 3.2 recfgct man page; IBM technote T1020611' };
}
