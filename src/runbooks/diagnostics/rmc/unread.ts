import type { Evidence, Reading } from '../../../core/fact.js';
import { lacksAttributes } from './hmc.js';
import { rmcHmcFactNames, rmcNodeFacts } from './facts.js';
import { stoppedStates } from './power.js';
import type { Draft, Rule } from './rule.js';
import { hmcSays, type Sight } from './sight.js';

/** Every fact that has no value. The names come from the definition: a fact that is missing altogether counts too. */
export const factsUnread: Rule = {
  row: 'unread',
  explains: [],
  find: (sight) => [...nodeUnread(sight), ...hmcUnread(sight)],
};

/** Both sides must be about the same LPAR; where that is not proven nothing is concluded from their agreeing. */
export const notTheSame: Rule = {
  row: 'identity',
  explains: [],
  find: (sight) => [...wrongLpar(sight), ...notListed(sight), ...runsAgainstWord(sight)],
};

function nodeUnread(sight: Sight): readonly Draft[] {
  if (!sight.collected.node.ok) return [];
  const readings: Readonly<Record<string, Reading<unknown> | undefined>> = sight.collected.node.facts;
  const lost = Object.keys(rmcNodeFacts).map((name) => readings[name]);
  if (lost.every(isLost)) return connectionLost(sight, lost[0]);
  return Object.entries(rmcNodeFacts).flatMap(([name, fact]) =>
    unread(
      `node.${name}`,
      [fact.command.program, ...fact.command.args].join(' '),
      sight.target.name,
      readings[name],
    ),
  );
}

function isLost(reading: Reading<unknown> | undefined): boolean {
  return reading?.kind === 'unread' && reading.error.class === 'LostError';
}

/** All facts travel in one script: where none came back, one finding says it, and not one for each. */
function connectionLost(sight: Sight, first: Reading<unknown> | undefined): readonly Draft[] {
  const title = `Nothing came back from ${sight.target.name}, so its own side of RMC was not seen.`;
  const observed = first?.kind === 'unread' ? first.error.message : 'nothing';
  return [draft('node', title, 'the answers to all commands', `${observed} ${hmcSays(sight)}`, [])];
}

function hmcUnread(sight: Sight): readonly Draft[] {
  const { hmc } = sight.collected;
  const hmcName = sight.target.system?.hmc.name ?? 'the HMC';
  if (hmc === null) {
    if (sight.target.platform === 'powervs') return [];
    const observed = 'the inventory names no managed system for it';
    return [
      draft('hmc', `The HMC’s side of ${sight.target.name} was not seen.`, 'a managed system', observed, []),
    ];
  }
  if (!hmc.ok) {
    const title = `${hmcName} was not reached, so the HMC’s side of ${sight.target.name} was not seen.`;
    const evidence = { target: hmcName, command: 'ssh', excerpt: hmc.error.message };
    return [draft('hmc', title, 'the HMC answers over SSH', hmc.error.message, [evidence])];
  }
  const readings: Readonly<Record<string, Reading<unknown> | undefined>> = hmc.facts;
  // An HMC that has no such attributes has answered: there is nothing more to read.
  const names = rmcHmcFactNames.filter((name) => name !== 'dlparCapabilities' || !lacksAttributes(sight));
  return names.flatMap((name) => unread(`hmc.${name}`, name, hmcName, readings[name]));
}

function unread(
  name: string,
  what: string,
  target: string,
  reading: Reading<unknown> | undefined,
): readonly Draft[] {
  if (reading?.kind === 'value') return [];
  const command = reading?.evidence.command ?? what;
  const title = `${command} on ${target} was not read.`;
  const evidence = reading === undefined ? [] : [reading.evidence];
  return [draft(name, title, 'an answer that is understood', whyUnread(reading), evidence)];
}

function whyUnread(reading: Exclude<Reading<unknown>, { kind: 'value' }> | undefined): string {
  if (reading === undefined) return 'it was not asked';
  if (reading.kind === 'unread') return reading.error.message;
  const { code } = reading.failure;
  const message = reading.failure.message.replaceAll('\n', ' ');
  return code === null || message.includes(code)
    ? `it answered: ${message}`
    : `it answered: ${code} ${message}`;
}

function wrongLpar(sight: Sight): readonly Draft[] {
  const { identity, target } = sight;
  if (identity.kind !== 'contradiction') return [];
  const expected =
    identity.expected === null ? 'an LPAR id' : `LPAR id ${identity.expected}, as in the inventory`;
  const evidence = sight.collected.node.ok ? [sight.collected.node.facts.partition.evidence] : [];
  const title = `${target.name} may not be the LPAR that the inventory means: nothing of the HMC’s side was matched to it.`;
  return [draft('identity', title, expected, `uname -L says ${identity.said}`, evidence)];
}

function notListed(sight: Sight): readonly Draft[] {
  const hmc = sight.collected.hmc?.ok ? sight.collected.hmc.facts : null;
  const system = sight.target.system?.hmcName ?? '';
  if (hmc === null) return [];
  if (sight.identity.kind === 'unknown') {
    const title = `${sight.target.name} could not be found on the HMC: its LPAR id is not known.`;
    return [draft('identity', title, 'an LPAR id from uname -L or the inventory', 'neither', [])];
  }
  const once = (kind: string) => (kind === 'absent' ? 'not listed' : 'listed more than once');
  const drafts: Draft[] = [];
  if (sight.system.kind === 'absent' || sight.system.kind === 'ambiguous')
    drafts.push(
      draft(
        'system-missing',
        `The HMC does not list ${system} once.`,
        `one row for ${system}`,
        once(sight.system.kind),
        [hmc.systems.evidence],
      ),
    );
  if (sight.partition.kind === 'absent' || sight.partition.kind === 'ambiguous')
    drafts.push(
      draft(
        'lpar-missing',
        `The HMC does not list ${sight.target.name} once on ${system}.`,
        `one row for its LPAR id on ${system}`,
        once(sight.partition.kind),
        [hmc.partitions.evidence],
      ),
    );
  // Absent from lspartition is an answer (never registered); two entries with one key are not.
  if (sight.dlpar.kind === 'ambiguous')
    drafts.push(
      draft(
        'dlpar-twice',
        `lspartition -dlpar lists ${sight.target.name} more than once.`,
        'at most one entry',
        'more than one',
        [hmc.dlpar.evidence],
      ),
    );
  return drafts;
}

function runsAgainstWord(sight: Sight): readonly Draft[] {
  if (!sight.collected.node.ok || sight.partition.kind !== 'found') return [];
  const state = sight.partition.row.state ?? '';
  // It answered by SSH a moment ago: the HMC is behind, or this is another LPAR than the one on this system.
  if (!stoppedStates.includes(state)) return [];
  const title = `${sight.target.name} answered, yet the HMC says that its LPAR is not running.`;
  return [draft('running', title, 'Running', state, [])];
}

function draft(
  symptom: string,
  title: string,
  expected: string,
  observed: string,
  evidence: readonly Evidence[],
): Draft {
  return {
    id: 'fact.unreadable',
    symptom: `fact.unreadable:${symptom}`,
    severity: 'unknown',
    title,
    expected,
    observed,
    evidence,
    fixes: [],
  };
}
