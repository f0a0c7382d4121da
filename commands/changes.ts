import { didYouMean } from '../src/core/did-you-mean.js';
import { allChanges, stateWords, type ChangesAsk, type StateWord } from '../src/core/changes-ask.js';
import { optionalTargetList } from './arguments.js';
import { readChangesVerb, verbUsages } from './changes-verbs.js';
import { command, type Argument, type Option } from './command.js';

/** Nobody looks further back; what is older is in the audit trail. */
const mostHours = 3_650 * 24;

export const changes = command({
  name: '/changes',
  summary: 'Which changes are open, which were there, and who decided what?',
  description:
    'Lists open changes first and then the newest, with their state, who asked and who approved, and opens the details of ' +
    'each: plan, history, output of every step, audit records. It also shows who holds which lock and whether changes are ' +
    'frozen. It is answered at once and only to you; nothing is run.',
  examples: [
    '/changes',
    '/changes lpar1',
    '/changes cluster:erp --state open',
    '/changes --fix rmc-restart --since 7d',
    '/changes --by me --state failed',
    ...verbUsages,
  ],
  action: 'see-changes',
  takesPeople: true,
  args: { targets: targets() },
  options: { state: state(), fix: fix(), by: by(), since: since() },
  verb: readChangesVerb,
  request: ({ targets: chosen }, _flags, { state: wanted, fix: id, by: who, since: hours }) => {
    const ask: ChangesAsk = {
      ...allChanges,
      targets: chosen,
      ...(wanted !== undefined && { state: wanted }),
      ...(id !== undefined && { fix: id }),
      ...(who !== undefined && { by: who }),
      ...(hours !== undefined && { sinceHours: hours }),
    };
    return { job: 'changes', ask };
  },
});

/** The targets that are asked about; `all` is the same as none. */
function targets(): Argument<readonly string[]> {
  const list = optionalTargetList();
  return {
    ...list,
    usage: '[target]',
    explains: '[target] is a name, system:NAME, hmc:NAME, cluster:NAME or tag:key=value; all where left out.',
    read: (words, vocabulary) => {
      if (words.length === 0) return { kind: 'understood', value: [], typed: [] };
      const read = list.read(words, vocabulary);
      return read.kind === 'understood' && read.value.includes('all') ? { ...read, value: [] } : read;
    },
  };
}

function state(): Option<StateWord> {
  return {
    usage: 'open',
    does: `lists changes in that state only: ${stateWords.join(', ')}`,
    read: (word) => {
      const wanted = word.toLowerCase().replaceAll('_', '-');
      const found = stateWords.find((one) => one === wanted);
      if (found !== undefined) return { kind: 'understood', value: found, typed: [found] };
      const near = didYouMean(wanted, stateWords);
      const message = `"${word}" is no state of a change.`;
      return near === null
        ? { kind: 'not-understood', message: `${message} Known are ${stateWords.join(', ')}.`, instead: null }
        : { kind: 'not-understood', message: `${message} Did you mean ${near}?`, instead: [near] };
    },
  };
}

function fix(): Option<string> {
  return {
    usage: 'rmc-restart',
    does: 'lists changes of that fix only',
    read: (word) =>
      /^[a-z][a-z0-9-]{1,60}$/i.test(word)
        ? { kind: 'understood', value: word.toLowerCase(), typed: [word.toLowerCase()] }
        : { kind: 'not-understood', message: `"${word}" is no fix id.`, instead: null },
  };
}

function by(): Option<string> {
  return {
    usage: '@user',
    does: 'lists what that person asked for; me stands for yourself',
    read: (word) => {
      const name = word.replace(/^@/, '');
      return name === '' || name.length > 80
        ? {
            kind: 'not-understood',
            message: '--by takes a person, as in --by @ann or --by me.',
            instead: null,
          }
        : { kind: 'understood', value: name, typed: [word] };
    },
  };
}

function since(): Option<number> {
  return {
    usage: '7d',
    does: 'lists what was asked for within so many hours (h), days (d) or weeks (w)',
    read: (word) => {
      const span = /^(?<number>\d{1,5})(?<unit>h|d|w)?$/i.exec(word)?.groups;
      const unit = (span?.['unit'] ?? 'd').toLowerCase();
      const hours = Number(span?.['number'] ?? 0) * (unit === 'h' ? 1 : unit === 'd' ? 24 : 168);
      if (hours >= 1 && hours <= mostHours)
        return { kind: 'understood', value: hours, typed: [`${span?.['number'] ?? ''}${unit}`] };
      const message = `"${word}" is no span of time: type for example 12h, 7d or 4w.`;
      return { kind: 'not-understood', message, instead: null };
    },
  };
}
