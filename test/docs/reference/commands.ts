import { usageOf, explanationsOf, type Command, type CommandAction } from '../../../commands/command.js';
import { commands } from '../../../commands/index.js';
import { block, code, list, page, prose, table } from './markdown.js';

const lead = `What people may type in Slack. With no argument a form opens, where a command needs one. In a thread, where Slack has no slash commands, mention
the bot and leave the slash out: \`@aixops rmc-status lpar1\`. \`/aix-help\` shows the same, and only what you may use.

Targets are names, \`system:NAME\`, \`hmc:NAME\`, \`cluster:NAME\`, \`tag:key=value\` or \`all\`; several are separated by blanks or commas. A name that the
inventory does not have is answered with the one that was probably meant.`;

/** What \`policy.yaml\` must allow for each kind of command. */
const who: Readonly<Record<CommandAction, string>> = {
  help: 'everyone',
  diagnose: 'whom the policy allows to `diagnose` the targets; without a policy everyone',
  propose:
    "whom the policy allows to `propose` it on the target; without a policy nobody. Approving is another permission, and never for a change of one's own",
  enrol: 'whom the policy allows to `enrol`; pinning takes another one who may',
  'see-changes':
    'whom the policy allows to `see-changes` or to `diagnose` the targets; freezing, breaking the glass and releasing a lock are permissions of their own',
};

/** docs/reference/commands.md: every slash command with its arguments, examples and who may. */
export function commandsPage(): string {
  const overview = table(
    ['command', 'what it answers'],
    commands.map((one) => [`[${code(one.name)}](#${one.name.slice(1)})`, prose(one.summary)]),
  );
  return page('Slash commands', lead, [overview, ...commands.map(section)]);
}

function section(one: Command): string {
  return [
    `## ${one.name}`,
    block([usageOf(one)]),
    prose(`${one.summary} ${one.description}`),
    list(explanationsOf(one).map(prose)),
    `**Who may:** ${who[one.action]}.`,
    'Examples:',
    block(one.examples),
    ...(one.action === 'help'
      ? []
      : [`In a thread: ${code(`@aixops ${(one.examples[0] ?? one.name).slice(1)}`)}`]),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
