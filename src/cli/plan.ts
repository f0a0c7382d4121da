import type { Command } from 'commander';
import { digestOf } from '../core/canonical.js';
import type { Plan, Proposal } from '../core/plan.js';
import { UsageError } from '../core/errors.js';
import { isForCluster } from '../core/plan-places.js';
import type { NodeTarget } from '../core/target.js';
import { chooseNodes } from '../inventory/choose.js';
import { clusterOf } from '../inventory/cluster-of.js';
import type { KnownNode } from '../core/fleet.js';
import { collect } from '../run/collect.js';
import { readCluster } from '../run/read-cluster.js';
import type { AnyFix, ClusterFix, Fix } from '../runbooks/definition.js';
import { rmcNodeFacts } from '../runbooks/diagnostics/rmc/facts.js';
import { knownNodeOf } from '../runbooks/fleet-known.js';
import { findFix, fixes } from '../runbooks/index.js';
import { planLines } from '../slack/views/plan-text.js';
import { proposeForEach, rolloutLine, severalTargets } from './plan-many.js';
import { sshOnly, type SshOnly } from './context.js';
import { configOption, exitStatuses, groups, jsonOption } from './options.js';
import { refuseUnlessAllowed } from './permission.js';
import { interruptible, jsonText, plain } from './terminal.js';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

/** `aixops plan`: the exact plan of a fix and its digest. */
export function registerPlan(program: Command): void {
  program
    .command('plan')
    .helpGroup(groups.look)
    .summary('show the exact plan of a fix, and its digest')
    .description(
      'Reads the facts from a node and its HMC, or from all nodes of a cluster, and shows the exact plan that a fix would follow, with its digest: what is ' +
        'saved first, every command, how success is proven, and what undoes it. It runs nothing of it.',
    )
    .argument('<fix>', fixes.map((fix) => fix.id).join(', '))
    .argument('<target>', 'name of one node; for a fix of clcomd of a cluster, or of a node of it')
    .argument(
      '[words...]',
      `more targets, for a fix that takes no words; or words of the fix: ${wordsHelp()}`,
    )
    .allowUnknownOption()
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      exitStatuses({
        0: 'here is the plan, or there is nothing to do',
        2: 'a gate refused',
        3: 'the node was not read',
        64: 'the call makes no sense, or the settings are in disorder',
      }),
    )
    .addHelpText(
      'after',
      '\nTo have it done, type /rmc-fix or /clcomd-fix in Slack: there it is approved,\nrun and verified.',
    )
    .action(async (id: string, target: string, words: string[], options: Options) => {
      const fix = findFix(id);
      const context = sshOnly(options.config);
      const close = () => context.ssh.close();
      try {
        const names = severalTargets(fix, [target, ...words], context.inventory);
        if (names !== null && names.length > 1) {
          await planEach(fix, names, context, options);
          return;
        }
        const proposal = await interruptible(stopped, close, () =>
          propose(fix, names?.[0] ?? target, names === null ? words : [], context),
        );
        process.exitCode = statusOf(proposal);
        if (options.json === true) process.stdout.write(jsonText(valueOf(proposal)));
        else print(proposal, target);
      } finally {
        await close();
        await context.certificates.close();
      }
    });
}

const stopped = 'Stopped while reading. Nothing was changed.';

/** Prints every plan, one below the other; the worst of their exit statuses counts. */
async function planEach(
  fix: AnyFix,
  names: readonly string[],
  context: SshOnly,
  { json }: Options,
): Promise<void> {
  const close = () => context.ssh.close();
  const all = await interruptible(stopped, close, () =>
    proposeForEach(names, (name) => propose(fix, name, [], context)),
  );
  process.exitCode = Math.max(...all.map(({ proposal }) => statusOf(proposal)));
  if (json === true) {
    const values = all.map(({ target, proposal }) => ({ target, proposal: valueOf(proposal) }));
    process.stdout.write(jsonText(values));
    return;
  }
  const texts = all.map(({ target, proposal }) =>
    proposal.kind === 'plan'
      ? planLines(proposal.plan, digestOf(proposal.plan)).join('\n')
      : `${target}\n${linesOf(proposal, target).join('\n')}`,
  );
  const end = rolloutLine(fix, all);
  const line = '='.repeat(72);
  process.stdout.write(`${plain([...texts, ...(end === '' ? [] : [end])].join(`\n${line}\n`))}\n`);
}

function wordsHelp(): string {
  return fixes.flatMap(({ id, takes }) => (takes === undefined ? [] : [`${id} ${takes.usage}`])).join('; ');
}

/** Every node's identity as it is now: there is no memory of earlier readings here. */
async function identities({ inventory, ssh, clock }: SshOnly): Promise<KnownNode[]> {
  const { nodeId, partition, interfaces, subsystems, domain, controlPoints } = rmcNodeFacts;
  const questions = {
    kind: 'diagnostic',
    node: { nodeId, partition, interfaces, subsystems, domain, controlPoints },
    hmc: () => ({}),
  } as const;
  const nodes = [...inventory.nodes.values()];
  const read = await collect(questions, nodes, { ssh, clock }, { nodesAtOnce: 20 });
  return read.flatMap((one) => knownNodeOf(one, one.startedAt, null) ?? []);
}

function oneNode(context: SshOnly, name: string): NodeTarget {
  const [node, ...others] = chooseNodes(context.inventory, [name]);
  if (node === undefined || others.length > 0)
    throw new UsageError(`A plan is for one node; "${name}" names ${others.length + 1}.`);
  return node;
}

async function propose(
  fix: AnyFix,
  target: string,
  words: readonly string[],
  context: SshOnly,
): Promise<Proposal> {
  // It only reads and prints: whoever may look at a target may see what would be done there.
  refuseUnlessAllowed(context, { action: 'diagnose', name: fix.id, risk: fix.risk, targets: [target] });
  if (fix.kind === 'cluster-fix') return proposeForCluster(fix, target, words, context);
  return proposeForNode(fix, oneNode(context, target), words, context);
}

async function proposeForCluster(
  fix: ClusterFix,
  target: string,
  words: readonly string[],
  { inventory, ssh, clock, certificates }: SshOnly,
): Promise<Proposal> {
  const cluster = clusterOf(inventory, target);
  const { rounds, certificatesNamed } = fix;
  const node = { ...fix.node, ...fix.ofCluster?.(cluster) };
  const questions = { node, rounds, ...(certificatesNamed !== undefined && { certificatesNamed }) };
  return fix.plan(await readCluster(questions, cluster, { ssh, clock, parser: certificates }), {
    words,
    fleet: [],
  });
}

async function proposeForNode(
  fix: Fix,
  node: NodeTarget,
  words: readonly string[],
  context: SshOnly,
): Promise<Proposal> {
  const [collected] = await collect(fix, [node], context, { nodesAtOnce: 1 });
  if (collected === undefined) throw new TypeError(`nothing was collected for ${node.name}`);
  const fleet = fix.takes === undefined ? [] : await identities(context);
  return fix.plan(collected, { words, fleet });
}

/** A gate that refuses because the node could not be read says nothing of the node. */
function statusOf(proposal: Proposal): number {
  if (proposal.kind !== 'refused') return 0;
  return /^(?:node\..*|fact\.unreadable|C1)$/.test(proposal.gate) ? 3 : 2;
}

function valueOf(proposal: Proposal): unknown {
  if (proposal.kind !== 'plan') return proposal;
  return { kind: proposal.kind, digest: digestOf(proposal.plan), plan: proposal.plan };
}

function print(proposal: Proposal, name: string): void {
  process.stdout.write(`${plain(linesOf(proposal, name).join('\n'))}\n`);
}

function linesOf(proposal: Proposal, name: string): readonly string[] {
  if (proposal.kind === 'plan') return planText(proposal.plan);
  return proposal.kind === 'refused'
    ? [`Refused: ${proposal.reason}`, `Gate ${proposal.gate}. Nothing was changed on ${name}.`]
    : [`Nothing to do: ${proposal.reason}`];
}

function planText(plan: Plan): readonly string[] {
  const command = isForCluster(plan) ? '/clcomd-fix' : '/rmc-fix';
  const toDo = `Nothing of it was run. To have it approved and run, type in Slack: ${command} ${plan.target} ${plan.fix}`;
  return [...planLines(plan, digestOf(plan)), '', toDo];
}
