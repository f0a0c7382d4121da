import { saysNoLog } from '../../../aix/log-tail.js';
import { saysNoSuchFile } from '../../../aix/ls.js';
import { saysNotInstalled } from '../../../aix/lslpp.js';
import { saysNotOnFile } from '../../../aix/lssrc.js';
import { saysNoList } from '../../../aix/rhosts.js';
import type { Failure, Reading } from '../../../core/fact.js';
import { isManagerAbsent, isManagerDown } from './cluster.js';
import { clcomdNodeFacts } from './facts.js';
import { factName, wordsAtMost, wordsToResolve } from './names.js';
import type { Draft, NodeSight, Sight } from './sight.js';

/** Failures that are answers: another finding tells of them, or they say all there is to say. */
const answers: Readonly<Record<string, (failure: Failure, node: NodeSight) => boolean>> = {
  clcomd: saysNotOnFile,
  clcomdES: saysNotOnFile,
  powerha: saysNotInstalled,
  caa: (failure, node) => node.is61 && saysNotInstalled(failure),
  manager: ({ code }) => isManagerAbsent(code),
  groups: (_, node) => isManagerDown(node),
  members: ({ code }, node) =>
    !node.is61 && code === null && node.reading('members')?.kind === 'failure' && saysCaaDown(node),
  rhosts: saysNoList,
  rhosts61: saysNoList,
  rhostsFile: (failure) => saysNoSuchFile(failure),
  rhostsFile61: (failure) => saysNoSuchFile(failure),
  netsvc: saysNoLog,
  log: saysNoLog,
  caaLog: saysNoLog,
  errorLog: saysNoLog,
};

/** PowerHA 6.1 has no CAA, and its subsystem's own entry in inittab. */
const notOf61 = ['members', 'atBoot', 'caa', 'caaLog', 'security'];
/** Where PowerHA is not installed its programs are not there either: one finding says so. */
const ofPowerha = ['level', 'interfaces', 'groups', 'manager', 'security', 'members'];

/** Every fact of a reached node that has no answer, in one finding for each node: nothing unread is ever ok. */
export function factsUnread(sight: Sight): readonly Draft[] {
  const words = wordsToResolve(sight);
  return sight.nodes.filter(({ error }) => error === null).flatMap((node) => unreadOf(node, words));
}

function unreadOf(node: NodeSight, words: readonly string[]): readonly Draft[] {
  const isBare = node.clcomd === 'not-on-file' || isWithoutPowerha(node);
  const asked = [
    ...Object.keys(clcomdNodeFacts),
    ...words.slice(0, wordsAtMost).map(factName),
    ...extra(node),
  ];
  const lost = asked.filter((name) => {
    if (node.is61 && notOf61.includes(name)) return false;
    if (isBare && ofPowerha.includes(name)) return false;
    return !isAnswered(node, name);
  });
  const tooMany =
    words.length > wordsAtMost ? [`${words.length - wordsAtMost} more names were not asked after`] : [];
  if (lost.length === 0 && tooMany.length === 0) return [];
  const each = lost.slice(0, 6).map((name) => `${commandOf(node, name)}: ${why(node.reading(name))}`);
  const more = lost.length > 6 ? [`${lost.length - 6} more`] : [];
  const what = lost.length === 1 ? commandOf(node, lost[0] ?? '') : `${lost.length + tooMany.length} answers`;
  return [
    {
      id: 'fact.unreadable',
      severity: 'unknown',
      title: `${what} of ${node.name} could not be read, so nothing is said to be well there.`,
      expected: 'an answer that is understood',
      observed: [...each, ...more, ...tooMany].join('; '),
      evidence: lost.slice(0, 6).flatMap((name) => node.reading(name)?.evidence ?? []),
      fixes: [],
    },
  ];
}

/** Asked of some nodes only. */
function extra(node: NodeSight): readonly string[] {
  return node.reading('errorLog') === undefined ? [] : ['errorLog'];
}

function isAnswered(node: NodeSight, name: string): boolean {
  const reading = node.reading(name);
  if (reading?.kind === 'value') return true;
  if (reading?.kind !== 'failure') return false;
  // That a name resolves to nothing is what was asked.
  if (name.startsWith('host ')) return saysNoHost(reading.failure);
  return answers[name]?.(reading.failure, node) ?? false;
}

function saysNoHost({ code, message }: Failure): boolean {
  return (code?.startsWith('0827-') ?? false) || /^host: /.test(message);
}

function saysCaaDown(node: NodeSight): boolean {
  const reading = node.reading('members');
  return reading?.kind === 'failure' && reading.failure.message.includes('Cluster services are not active');
}

function isWithoutPowerha(node: NodeSight): boolean {
  const reading = node.reading('powerha');
  return reading?.kind === 'failure' && saysNotInstalled(reading.failure);
}

function commandOf(node: NodeSight, name: string): string {
  const known: Readonly<
    Record<string, { readonly command: { readonly program: string; readonly args: readonly string[] } }>
  > = clcomdNodeFacts;
  const command = known[name]?.command;
  return (
    node.reading(name)?.evidence.command ??
    (command === undefined ? name : [command.program, ...command.args].join(' '))
  );
}

function why(reading: Reading<unknown> | undefined): string {
  if (reading === undefined) return 'it was not asked';
  if (reading.kind === 'unread') return reading.error.message;
  if (reading.kind === 'failure') return `it answered: ${reading.failure.message.split('\n')[0] ?? ''}`;
  return 'it was read';
}

/** Pairs that were not tried as often as they should be, though their calling node was reached. */
export function pairsUnread(sight: Sight): readonly Draft[] {
  const reached = new Set(sight.nodes.filter(({ error }) => error === null).map(({ name }) => name));
  const lost = sight.pairs.filter(({ from, unread }) => unread > 0 && reached.has(from));
  if (lost.length === 0) return [];
  const each = lost
    .slice(0, 6)
    .map(({ from, to, whyUnread }) => `${from}→${to}: ${whyUnread ?? 'not tried'}`);
  return [
    {
      id: 'fact.unreadable',
      severity: 'unknown',
      title: `${lost.length} of the ordered pairs could not be tried over clrsh.`,
      expected: 'every pair is tried every time',
      observed: [...each, ...(lost.length > 6 ? [`${lost.length - 6} more`] : [])].join('; '),
      evidence: [],
      fixes: [],
    },
  ];
}
