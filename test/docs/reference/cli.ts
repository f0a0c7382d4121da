import { Command, type Argument, type Option } from 'commander';
import { cliCommands } from '../../../src/cli/commands.js';
import { block, code, page, prose, table } from './markdown.js';

const lead = `Every call of \`aixops\`, as \`aixops <command> --help\` tells it. From a clone it is \`npx aixops\`. Settings come from the folder of \`--config\`, else of
\`AIXOPS_CONFIG\`, else from this one ([settings](settings.md)). A call that makes no sense ends with 64, for \`run\` with 3; Ctrl-C with 130. What a call prints on standard output is its answer,
and nothing else; complaints go to standard error.`;

/** docs/reference/cli.md: every call with its options and exit statuses, from commander's own definitions. */
export async function cliPage(): Promise<string> {
  const program = new Command('aixops');
  for (const load of Object.values(cliCommands)) (await load())(program);
  const calls = program.commands.flatMap((one) => (one.commands.length === 0 ? [one] : one.commands));
  const overview = table(
    ['call', 'does'],
    calls.map((one) => [
      `[${code(nameOf(one))}](#${nameOf(one).replaceAll(' ', '-')})`,
      prose(one.summary() || one.description()),
    ]),
  );
  return page('The command line', lead, [overview, ...calls.map(section)]);
}

function nameOf(one: Command): string {
  return one.parent === null || one.parent.parent === null
    ? `aixops ${one.name()}`
    : `aixops ${one.parent.name()} ${one.name()}`;
}

function section(one: Command): string {
  const options = one.options.filter((option) => !option.hidden);
  const { statuses, rest } = afterHelp(one);
  return [
    `## ${nameOf(one)}`,
    block([`${nameOf(one)} ${one.usage()}`.trim()]),
    prose(one.description()),
    ...(one.registeredArguments.length === 0
      ? []
      : [table(['argument', 'is'], one.registeredArguments.map(argumentRow))]),
    ...(options.length === 0 ? [] : [table(['option', 'does', 'else'], options.map(optionRow))]),
    ...(statuses.length === 0 ? [] : [table(['exit status', 'when'], statuses)]),
    ...(rest.length === 0 ? [] : [block(rest)]),
  ].join('\n\n');
}

function argumentRow(argument: Argument): readonly string[] {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return [code(argument.required ? `<${name}>` : `[${name}]`), prose(argument.description)];
}

function optionRow(option: Option): readonly string[] {
  const choices = option.argChoices === undefined ? '' : ` One of ${option.argChoices.map(code).join(', ')}.`;
  const otherwise: unknown = option.defaultValue;
  return [
    code(option.flags),
    `${prose(option.description)}${choices}`,
    otherwise === undefined
      ? ''
      : code(typeof otherwise === 'string' ? otherwise : JSON.stringify(otherwise)),
  ];
}

/** What stands behind the options in the help: the exit statuses, and everything else as it is. */
function afterHelp(one: Command): { statuses: readonly (readonly string[])[]; rest: readonly string[] } {
  let printed = '';
  one.configureOutput({ writeOut: (text) => (printed += text) });
  one.outputHelp();
  const own = one.createHelp().formatHelp(one, one.createHelp());
  const lines = printed.slice(own.length).split('\n');
  const statuses: string[][] = [];
  const rest: string[] = [];
  for (const line of lines) {
    const status = /^ {2}(?<code>\d{1,3}) +(?<meaning>\S.*)$/.exec(line)?.groups;
    if (status !== undefined) statuses.push([status['code'] ?? '', prose(status['meaning'] ?? '')]);
    else if (line !== 'Exit status:') rest.push(line);
  }
  const first = rest.findIndex((line) => line.trim() !== '');
  const last = rest.findLastIndex((line) => line.trim() !== '');
  return { statuses, rest: first < 0 ? [] : rest.slice(first, last + 1) };
}
