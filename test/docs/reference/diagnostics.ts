import { commands } from '../../../commands/index.js';
import type { FactSet } from '../../../src/core/fact.js';
import { renderCommand } from '../../../src/core/remote-command.js';
import type { AnyDiagnostic } from '../../../src/runbooks/definition.js';
import { findings } from '../../../src/runbooks/findings.js';
import { diagnostics } from '../../../src/runbooks/index.js';
import { subjectOf } from '../../../src/slack/views/words.js';
import { system } from '../../runbooks/cases.js';
import { code, list, page, prose, table } from './markdown.js';

const lead = `A diagnostic reads and judges; it changes nothing. Each is asked for by \`aixops run <id> <targets>\`, most also by a slash command.
\`LC_ALL=C\` is set for every command; arguments are literal. With \`become: sudo\` those marked with *root* are run as \`sudo -n\`
([sudoers](../sudoers)).`;

/** docs/reference/diagnostics.md: what each one asks, of whom, and what it can report. */
export function diagnosticsPage(): string {
  return page('Diagnostics', lead, diagnostics.map(section));
}

function section(one: AnyDiagnostic): string {
  const asked = commands.find((command) => command.runs === one.id);
  const reports = findings.filter(({ from }) => from.includes(one.id));
  return [
    `## ${one.id}`,
    `${one.title}: it looks at ${subjectOf(one.id)}.`,
    list([
      `**Ask:** ${code(`aixops run ${one.id} …`)}${asked === undefined ? '' : `, in Slack ${code(asked.name)}`}.`,
      ...readsOf(one),
      `**Reports:** ${reports.map(({ id }) => `[${code(id)}](findings.md#${id.replace('.', '')})`).join(', ')}.`,
    ]),
    ...tables(one),
  ].join('\n\n');
}

function readsOf(one: AnyDiagnostic): readonly string[] {
  switch (one.kind) {
    case 'cluster-diagnostic':
      return [
        '**Reads:** every node of the cluster, in parallel, in one round trip each.',
        `**Tries:** \`clrsh NODE /usr/bin/date\` from every node to every node, itself included, ${one.rounds} times. Names of the cluster's addresses are looked up on every node in a second round trip.`,
      ];
    case 'certificate-diagnostic':
      return [
        '**Reads:** the files and ports that the inventory declares ([certificates](../certificates.md)), and the clock of the node.',
      ];
    case 'diagnostic':
      return [
        '**Reads:** the node in one round trip; the HMC once for all LPARs of a managed system.',
        ...(one.followUp === undefined
          ? []
          : ['**Asks further:** what the first answers make worth asking, in a second round trip.']),
        ...(one.fromHmc === undefined
          ? []
          : [
              '**Of a group:** an LPAR that its HMC proves healthy or not running is not logged in to; `--deep` logs in to all.',
            ]),
      ];
  }
}

function tables(one: AnyDiagnostic): readonly string[] {
  if (one.kind === 'certificate-diagnostic') return [];
  const ofHmc = one.kind === 'diagnostic' ? one.hmc(system) : {};
  return [
    ...(Object.keys(one.node).length === 0 ? [] : ['Asked of each node:', factsTable(one.node)]),
    ...(Object.keys(ofHmc).length === 0
      ? []
      : ['Asked of the HMC (of managed system `SYSTEM`):', factsTable(ofHmc)]),
  ];
}

function factsTable(facts: FactSet): string {
  return table(
    ['command', 'as', 'at most', 'documented in'],
    Object.values(facts).map(({ command }) => [
      code(renderCommand(command).replaceAll(system.hmcName, 'SYSTEM')),
      command.side === 'hmc' ? 'HMC user' : command.needsRoot ? 'root' : 'login',
      `${command.timeoutMs / 1000} s`,
      prose(command.source),
    ]),
  );
}
