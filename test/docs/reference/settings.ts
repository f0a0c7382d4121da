import type { z } from 'zod';
import { inventorySchema } from '../../../src/inventory/schema.js';
import { policySchema } from '../../../src/policy/schema.js';
import { configSchema } from '../../../src/settings/schema.js';
import { secretVariables, otherVariables } from '../../../src/settings/variables.js';
import { keysOf, type Key } from './keys.js';
import { code, page, prose, table } from './markdown.js';

const lead = `Three files in one folder, and the environment. The folder is that of \`--config\`, else of \`AIXOPS_CONFIG\`, else the current one. Every key may be left out
unless its default is *needed*; a key that is not here is a problem, which \`aixops check --offline\` names with its line. After a change, restart bot and worker.

\`NAME\` stands for a name of yours, \`[]\` for each entry of a list.`;

const files: readonly (readonly [string, string, z.ZodType])[] = [
  ['aixops.yaml', 'How aixops works. The file may be missing: then all defaults hold.', configSchema],
  [
    'inventory.yaml',
    'What there is: HMCs, managed systems, nodes, clusters, certificates. It must be there. The long form with examples: [inventory](../inventory.md).',
    inventorySchema,
  ],
  [
    'policy.yaml',
    'Who may do what. Without the file everyone may look, and nobody may change anything. The long form: [policy](../policy.md), [approvals](../approvals.md), [windows](../windows.md), [roll-outs](../rollouts.md).',
    policySchema,
  ],
];

/** docs/reference/settings.md: every key of the three files and every variable of the environment. */
export function settingsPage(): string {
  return page('Settings', lead, [
    ...files.flatMap(([name, what, schema]) => [`## ${name}`, what, keysTable(keysOf(schema))]),
    ...environment(),
  ]);
}

function keysTable(keys: readonly Key[]): string {
  return table(
    ['key', 'is', 'default', 'means'],
    keys.map(({ path, type, otherwise, meaning }) => [code(path), prose(type), otherwise, prose(meaning)]),
  );
}

function environment(): readonly string[] {
  return [
    '## Environment',
    'Secrets are taken from the environment and from nowhere else. Each may be given as the variable itself, as `NAME_FILE` with the path of a file, or as `NAME_COMMAND` with a program that prints it ([secrets](../secrets.md)); two of them at once are refused. A variable that is empty counts as not set.',
    table(
      ['secret', 'needed by', 'is'],
      secretVariables.map(({ name, by, means }) => [code(name), prose(by), prose(means)]),
    ),
    'Other variables:',
    table(
      ['variable', 'means'],
      otherVariables.map(({ name, means }) => [code(name), prose(means)]),
    ),
  ];
}
