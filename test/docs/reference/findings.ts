import { findings, type KnownFinding } from '../../../src/runbooks/findings.js';
import { fixes } from '../../../src/runbooks/index.js';
import { code, list, page, prose, table } from './markdown.js';

const lead = `What a diagnostic can report. The ids are promises: they stay as they are, so monitoring systems may filter by them. Where a finding
follows from another one, it is never worse than that, whatever is said here. In Slack \`/aix-help rmc.port-blocked\` shows the same.

How to read a verdict: \`ok\`, \`warn\`, \`unknown\`, \`crit\`, from good to bad; the worst finding wins. \`unknown\` says that something was not
read, so that nobody may take it for healthy.`;

/** docs/reference/findings.md: every finding with its meaning, its proof, the fixes, and what a person does. */
export function findingsPage(): string {
  const overview = table(
    ['finding', 'severity', 'reported by', 'fixes'],
    findings.map((one) => [
      `[${code(one.id)}](#${one.id.replace('.', '')})`,
      one.severities.join(', '),
      one.from.map(code).join(', '),
      fixesOf(one).map(fixLink).join(', ') || 'none',
    ]),
  );
  return page('Findings', lead, [overview, ...findings.map(section)]);
}

function section(finding: KnownFinding): string {
  const cures = fixesOf(finding);
  return [
    `## ${finding.id}`,
    prose(finding.means),
    list([
      `**Severity:** ${finding.severities.join(', ')}.`,
      `**Expected:** ${prose(finding.expected)}.`,
      `**Shown as its proof:** ${prose(finding.evidence)}.`,
      `**Fixes:** ${cures.map(fixLink).join(', ') || 'none is offered'}.`,
    ]),
    'By hand:',
    finding.byHand.map((step, at) => `${at + 1}. ${prose(step)}`).join('\n'),
  ].join('\n\n');
}

function fixesOf({ id }: KnownFinding): readonly string[] {
  return fixes.filter((fix) => fix.cures.includes(id)).map((fix) => fix.id);
}

function fixLink(id: string): string {
  return `[${code(id)}](../fixes/${id}.md)`;
}
