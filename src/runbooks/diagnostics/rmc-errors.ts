import type { ClockFace } from '../../aix/date.js';
import { errorsSince, type ErrorEntry } from '../../aix/errpt.js';
import type { FactSet, Reading } from '../../core/fact.js';
import type { NodeTarget } from '../../core/target.js';
import type { Finding } from '../../core/verdict.js';
import { diagnostic } from '../definition.js';
import { notReached } from './rmc/access.js';
import { curesOf } from './rmc/cures.js';
import { resources, toldBy, type Told } from './rmc-errors/entries.js';
import { dateIn, entriesIn, errorsFacts, logIn, unreadIn, type ErrorsCollected } from './rmc-errors/sight.js';
import { listed, shown, shownDate, times } from './rmc-errors/words.js';

/** AIX keeps entries of software for 30 days; what is older than a week tells little of today. */
const days = 7;
const dayMs = 24 * 60 * 60_000;
/** So many starts that no boot explains are more than a person's work on it. A choice of ours. */
const manyStarts = 3;

/**
 * What did the error log write of RMC within the last seven days? What is wrong now is for `rmc` to say: here only a
 * daemon that does not run is critical, or one that the SRC has given up.
 */
export const rmcErrors = diagnostic({
  id: 'rmc-errors',
  title: 'RMC in the error log',
  node: errorsFacts,
  hmc: (): FactSet => ({}),
  followUp: (collected: ErrorsCollected) => {
    const date = dateIn(collected);
    return date === null ? null : { errors: errorsSince(windowStart(date), resources) };
  },
  judge: judgeErrors,
  remark: (collected: ErrorsCollected) => {
    const date = dateIn(collected);
    const entries = entriesIn(collected);
    if (date === null || entries === null) return null;
    const { starts } = toldBy(entries, null);
    return `no error of RMC in errpt since ${shownDate({ ...date, faceMs: windowStart(date) })}${starts.length === 0 ? '' : `; started ${times(starts.length)}`}`;
  },
});

function judgeErrors(collected: ErrorsCollected): readonly Finding[] {
  const { target, node } = collected;
  if (!node.ok) {
    const { symptom, ...finding } = notReached(target, node.error, 'its error log was not read');
    return symptom === undefined ? [finding] : [{ ...finding, id: 'fact.unreadable' }];
  }
  const { subsystems, processes: running } = node.facts;
  const entries = entriesIn(collected);
  const table = subsystems.kind === 'value' ? subsystems.value : null;
  const told = entries === null ? null : toldBy(entries, table);
  const seen: Seen = { target, told, subsystems, log: logIn(collected) };
  return [
    ...unreadIn(collected),
    ...notLogging(target, running),
    ...stopped(seen),
    ...(told === null
      ? []
      : [...ended(seen, told), ...startedOften(seen, told), ...errors(seen, told), ...untold(seen, told)]),
  ];
}

interface Seen {
  readonly target: NodeTarget;
  /** null where errpt was not read. */
  readonly told: Told | null;
  readonly subsystems: Reading<readonly { readonly name: string; readonly status: string }[]>;
  readonly log: Reading<readonly ErrorEntry[]> | null;
}

/** Without its daemon the error log stays as it is, and says nothing of what happened since. Source: AIX 7.3 commands, errdemon. */
function notLogging(
  target: NodeTarget,
  running: Reading<readonly { readonly command: string }[]>,
): readonly Finding[] {
  if (running.kind !== 'value') return [];
  if (running.value.some(({ command }) => /^(?:\S*\/)?errdemon(?:\s|$)/.test(command))) return [];
  return [
    {
      id: 'node.error-log-off',
      severity: 'unknown',
      title: `Nothing writes the error log on ${target.name}: errdemon does not run.`,
      expected: '/usr/lib/errdemon in `ps -ef`',
      observed: 'no such process. What errpt shows ends when it stopped.',
      evidence: [
        { ...running.evidence, excerpt: `${running.evidence.excerpt.split('\n')[0] ?? ''}\n(no errdemon)` },
      ],
      fixes: [],
    },
  ];
}

/** It was stopped, or ended, and nobody has started it again. */
function stopped({ target, told, subsystems, log }: Seen): readonly Finding[] {
  if (subsystems.kind !== 'value') return [];
  const status = subsystems.value.find(({ name }) => name === 'ctrmc')?.status ?? null;
  if (status === 'active') return [];
  const last = told?.starts[0];
  const since =
    last === undefined ? 'errpt shows no start of it in that time' : `it was last started ${shownDate(last)}`;
  const isDown = status === 'inoperative';
  const row = subsystems.evidence.excerpt.split('\n').filter((line) => /\bctrmc\b/.test(line));
  return [
    {
      id: 'rmc.daemon-down',
      severity: isDown ? 'crit' : 'unknown',
      title: isDown
        ? `RMC is stopped on ${target.name}.`
        : status === null
          ? `The SRC on ${target.name} does not know ctrmc.`
          : `RMC on ${target.name} is between two states.`,
      expected: 'ctrmc active',
      observed: `ctrmc ${status ?? 'is not on file'}; ${since}`,
      evidence: [{ ...subsystems.evidence, excerpt: row.join('\n') }, ...shown(log, told?.starts ?? [])],
      fixes: isDown ? curesOf('rmc.daemon-down') : [],
      ...(isDown && told?.ended.has('ctrmc') === true && { follows: 'rmc.daemon-ended' }),
    },
  ];
}

function ended({ target, subsystems, log }: Seen, told: Told): readonly Finding[] {
  return [...told.ended].map(([name, entries]) => {
    const table = subsystems.kind === 'value' ? subsystems.value : [];
    const status = table.find((one) => one.name === name)?.status ?? 'of unknown state';
    const isGivenUp = entries.some(({ label }) => label === 'SRC_TRYX');
    return {
      id: 'rmc.daemon-ended',
      severity: isGivenUp && status === 'inoperative' ? 'crit' : 'warn',
      title: `${name} on ${target.name} ended by itself ${times(told.ended.get(name)?.length ?? 0)} within ${days} days.`,
      expected: 'no entry of the SRC and no core file of RSCT',
      observed: `${listed(entries)}; ${name} is ${status} now${isGivenUp ? ', and the SRC has given up starting it' : ''}`,
      evidence: shown(log, entries),
      fixes: [],
    };
  });
}

/** Who restarts RMC by hand, or by a fix, starts it once or twice. */
function startedOften({ target, log }: Seen, { starts, boots, ended: ends }: Told): readonly Finding[] {
  if (starts.length - boots.length < manyStarts) return [];
  return [
    {
      id: 'rmc.started-often',
      severity: 'warn',
      title: `RMC on ${target.name} was started ${times(starts.length)} within ${days} days.`,
      expected: `fewer than ${manyStarts} starts besides those of a boot`,
      observed: `${starts.length} starts and ${boots.length === 1 ? '1 boot' : `${boots.length} boots`}, the last start ${shownDate(starts[0]!)}`, // more than two
      evidence: shown(log, starts),
      fixes: [],
      ...(ends.has('ctrmc') && { follows: 'rmc.daemon-ended' }),
    },
  ];
}

function errors({ target, log }: Seen, told: Told): readonly Finding[] {
  const [last] = told.errors;
  if (last === undefined) return [];
  return [
    {
      id: 'rmc.error-logged',
      severity: 'warn',
      title: `RSCT on ${target.name} wrote ${told.errors.length === 1 ? 'an error' : `${told.errors.length} errors`} within ${days} days: ${last.description}`,
      expected: 'no entry of RSCT but information',
      observed: listed(told.errors),
      evidence: shown(log, told.errors),
      fixes: [],
    },
  ];
}

/** Cut off, or in another form than is known: nobody can say that it was not about RMC. */
function untold({ target, log }: Seen, told: Told): readonly Finding[] {
  if (told.untold.length === 0) return [];
  return [
    {
      id: 'fact.unreadable',
      severity: 'unknown',
      title: `${told.untold.length === 1 ? 'An entry' : `${told.untold.length} entries`} of the error log on ${target.name} did not say which program ended.`,
      expected: 'FAILING MODULE, or PROGRAM NAME, in the detail data',
      observed: listed(told.untold),
      evidence: shown(log, told.untold),
      fixes: [],
    },
  ];
}

function windowStart({ faceMs }: ClockFace): number {
  return faceMs - days * dayMs;
}
