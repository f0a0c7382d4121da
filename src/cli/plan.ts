import type { Command } from 'commander';
import { digestOf } from '../core/canonical.js';
import type { Plan } from '../core/plan.js';
import { UsageError } from '../core/errors.js';
import { chooseNodes } from '../inventory/choose.js';
import type { KnownNode } from '../core/fleet.js';
import { collect } from '../run/collect.js';
import { rmcNodeFacts } from '../runbooks/diagnostics/rmc/facts.js';
import { knownNodeOf } from '../runbooks/fleet-known.js';
import { findFix, fixes } from '../runbooks/index.js';
import { planLines } from '../slack/views/plan-text.js';
import { sshOnly } from './context.js';
import { plain } from './terminal.js';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

/** `aixops plan`: the exact plan of a fix and its digest. */
export function registerPlan(program: Command): void {
  program
    .command('plan')
    .description('Shows the exact plan of a fix for one node, and its digest. It changes nothing.')
    .argument('<fix>', fixes.map((fix) => fix.id).join(', '))
    .argument('<target>', 'name of one node')
    .argument('[words...]', `words of the fix: ${wordsHelp()}`)
    .allowUnknownOption()
    .option('--config <dir>', 'folder with aixops.yaml and inventory.yaml (or AIXOPS_CONFIG)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit status: 0 a plan was made or nothing is to do, 2 a gate refused, 3 the facts could not be read.',
    )
    .action(async (id: string, target: string, words: readonly string[], options: Options) => {
      const fix = findFix(id);
      const context = sshOnly(options.config);
      try {
        const [node, ...others] = chooseNodes(context.inventory, [target]);
        if (node === undefined || others.length > 0)
          throw new UsageError(`A plan is for one node; "${target}" names several.`);
        const [collected] = await collect(fix, [node], context, { nodesAtOnce: 1 });
        if (collected === undefined) throw new Error(`nothing was collected for ${node.name}`);
        const fleet = fix.takes === undefined ? [] : await identities(context);
        const proposal = fix.plan(collected, { words, fleet });
        if (proposal.kind === 'plan') printPlan(proposal.plan, options.json === true);
        else printNone(proposal, options.json === true);
        process.exitCode = proposal.kind === 'refused' ? 2 : 0;
      } finally {
        await context.ssh.close();
      }
    });
}

function wordsHelp(): string {
  return fixes.flatMap(({ id, takes }) => (takes === undefined ? [] : [`${id} ${takes.usage}`])).join('; ');
}

/** Every node's identity as it is now: there is no memory of earlier readings here. */
async function identities({ inventory, ssh, clock }: ReturnType<typeof sshOnly>): Promise<KnownNode[]> {
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

function printPlan(plan: Plan, json: boolean): void {
  const digest = digestOf(plan);
  const body = json
    ? JSON.stringify({ kind: 'plan', digest, plan }, null, 2)
    : plain(planLines(plan, digest).join('\n'));
  process.stdout.write(`${body}\n`);
}

function printNone(
  proposal: { readonly kind: 'nothing-to-do' | 'refused'; readonly reason: string },
  json: boolean,
): void {
  const words = proposal.kind === 'refused' ? 'Refused' : 'Nothing to do';
  process.stdout.write(
    json ? `${JSON.stringify(proposal, null, 2)}\n` : `${words}: ${plain(proposal.reason)}\n`,
  );
}
