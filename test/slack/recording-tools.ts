import { smallEstate } from '../commands/small-estate.js';
import type { SlackChangesDesk } from '../../src/slack/changes-tools.js';
import type { SlackHomeDesk } from '../../src/slack/home-tools.js';
import type { Home } from '../../src/slack/views/home.js';
import type { SlackDigestDesk } from '../../src/slack/digest-tools.js';
import type { SlackEnrolDesk } from '../../src/slack/enrol-tools.js';
import type { SlackTimeDesk } from '../../src/slack/time-tools.js';
import type { SlackRolloutDesk } from '../../src/slack/rollout-tools.js';
import type {
  Answered,
  Closing,
  PrivateReply,
  SlackDesk,
  SlackLog,
  SlackTools,
} from '../../src/slack/tools.js';

/** One call of the desk: its name and what it was given. */
export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** A desk and a store that write down what they were asked, in place of Redis; what they answer can be set. */
export interface Recording {
  readonly tools: SlackTools;
  readonly calls: Call[];
  readonly told: PrivateReply[];
  readonly logged: { level: string; sentence: string; fields: object }[];
  readonly log: SlackLog;
  /** Replaces what one of the desk's methods does after it was written down. */
  answers: Partial<SlackDesk>;
  digestAnswers: Partial<SlackDigestDesk>;
  rolloutAnswers: Partial<SlackRolloutDesk>;
  /** How far commands reach, where that is not everything. */
  reach?: SlackTools['reach'];
  enrolAnswers: Partial<SlackEnrolDesk>;
  changesAnswers: Partial<SlackChangesDesk>;
  homeAnswers: Partial<SlackHomeDesk>;
  timeAnswers: Partial<SlackTimeDesk>;
  /** What the store does before it answers; throwing is Redis being away. */
  store: () => Promise<void>;
  named(name: string): readonly Call[];
}

const nothingToSay: Answered | null = { kind: 'done', sentence: '' };
const done: Answered = { kind: 'done', sentence: 'Done.' };
const about: Closing | Answered = {
  kind: 'ask',
  title: 'Restart RMC on lpar1',
  where: 'lpar1',
  step: 'Stop RMC, start it',
  locks: ['node:lpar1'],
  directory: '/var/adm/aixops/c-1/restart',
  leastCharacters: 10,
};

const emptyHome: Home = {
  at: '2026-11-21T07:30:00.000Z',
  isAllowed: true,
  ...{ decide: [], carry: [], asked: [], unknown: [], running: [], expiring: [], locks: [], rollouts: [] },
  isMore: false,
  freeze: null,
};

/** A policy that refuses an act refuses the wish for it. */
function mayAskBy(mayI: SlackDesk['mayI'] | undefined): SlackDesk['mayAsk'] | undefined {
  return mayI && ((who, { job }, about) => mayI(who, job === 'diagnose' ? job : 'propose', about, {}));
}

export function recordingTools(): Recording {
  const calls: Call[] = [];
  const told: PrivateReply[] = [];
  const logged: Recording['logged'] = [];
  const seen = new Set<string>();
  const note = (level: string) => (fields: object, sentence: string) =>
    void logged.push({ level, sentence, fields });
  const recording: Recording = {
    calls,
    told,
    logged,
    log: { info: note('info'), warn: note('warn'), error: note('error') },
    answers: {},
    digestAnswers: {},
    rolloutAnswers: {},
    enrolAnswers: {},
    timeAnswers: {},
    changesAnswers: {},
    homeAnswers: {},
    store: () => Promise.resolve(),
    named: (name) => calls.filter((call) => call.name === name),
    tools: {
      vocabulary: smallEstate,
      reach: async (...args) => {
        if (recording.reach !== undefined) return recording.reach(...args);
        const [who, { action }] = args;
        const may = action === 'help' ? null : await recording.answers.mayI?.(who, action, 'help', {});
        return { isOpen: may?.allowed ?? true, offers: () => true };
      },
      keepSeen: () => Promise.resolve(),
      once: async (key) => {
        await recording.store();
        if (seen.has(key)) return false;
        seen.add(key);
        return true;
      },
      forget: async (key) => {
        await recording.store();
        seen.delete(key);
      },
      tell: async (reply) => {
        await recording.store();
        told.push(reply);
      },
      enrol: {
        pin: (...args) => asked('pin', args, recording.enrolAnswers.pin, done),
        reject: (...args) => asked('reject', args, recording.enrolAnswers.reject, done),
      },
      rollout: {
        decide: (...args) => asked('decideRollout', args, recording.rolloutAnswers.decide, nothingToSay),
        stop: (...args) => asked('stopRollout', args, recording.rolloutAnswers.stop, nothingToSay),
        proposeRest: (...args) =>
          asked('proposeRest', args, recording.rolloutAnswers.proposeRest, nothingToSay),
      },
      digest: {
        now: () => Date.parse('2026-11-21T07:30:00Z'),
        open: (...args) => asked('open', args, recording.digestAnswers.open, null),
        say: (...args) => asked('say', args, recording.digestAnswers.say, nothingToSay),
        recheck: (...args) => asked('recheck', args, recording.digestAnswers.recheck, nothingToSay),
        diagnoseClcomd: (...args) =>
          asked('diagnoseClcomd', args, recording.digestAnswers.diagnoseClcomd, nothingToSay),
      },
      changes: {
        list: (...args) => asked('list', args, recording.changesAnswers.list, done),
        page: (...args) => asked('page', args, recording.changesAnswers.page, null),
        details: (...args) => asked('details', args, recording.changesAnswers.details, null),
        file: (...args) => asked('file', args, recording.changesAnswers.file, done),
        locks: (...args) => asked('locks', args, recording.changesAnswers.locks, done),
        release: (...args) => asked('release', args, recording.changesAnswers.release, done),
      },
      home: {
        home: (...args) => asked('home', args, recording.homeAnswers.home, emptyHome),
        look: (...args) => asked('look', args, recording.homeAnswers.look, emptyHome),
        // Asked after everything that a person does, and nothing that a person does: not written down.
        isLooking: (user) => recording.homeAnswers.isLooking?.(user) ?? Promise.resolve(false),
        lookers: (...args) => asked('lookers', args, recording.homeAnswers.lookers, []),
        channelOf: (...args) => asked('channelOf', args, recording.homeAnswers.channelOf, null),
      },
      time: {
        freeze: (...args) => asked('freeze', args, recording.timeAnswers.freeze, done),
        breakGlass: (...args) => asked('breakGlass', args, recording.timeAnswers.breakGlass, done),
        giveCode: (...args) => asked('giveCode', args, recording.timeAnswers.giveCode, nothingToSay),
        reviewed: (...args) => asked('reviewed', args, recording.timeAnswers.reviewed, nothingToSay),
      },
      desk: {
        mayI: (...args) => asked('mayI', args, recording.answers.mayI, { allowed: true } as const),
        mayAsk: (...args) =>
          asked('mayAsk', args, recording.answers.mayAsk ?? mayAskBy(recording.answers.mayI), {
            allowed: true,
          } as const),
        lacking: (...args) => asked('lacking', args, recording.answers.lacking, null),
        submit: (...args) => asked('submit', args, recording.answers.submit, { id: 'r1' }),
        decide: (...args) => asked('decide', args, recording.answers.decide, done),
        rollBack: (...args) => asked('rollBack', args, recording.answers.rollBack, done),
        lookAgain: (...args) => asked('lookAgain', args, recording.answers.lookAgain, done),
        stopReading: (...args) => asked('stopReading', args, recording.answers.stopReading, done),
        continueChange: (...args) => asked('continueChange', args, recording.answers.continueChange, done),
        handOver: (...args) => asked('handOver', args, recording.answers.handOver, done),
        cancelChange: (...args) => asked('cancelChange', args, recording.answers.cancelChange, done),
        closing: (...args) => asked('closing', args, recording.answers.closing, about),
        closeChange: (...args) => asked('closeChange', args, recording.answers.closeChange, done),
        takeOffer: (...args) =>
          asked<unknown[], Answered | null>('takeOffer', args, recording.answers.takeOffer as never, done),
      },
    },
  };
  async function asked<A extends unknown[], T>(
    name: string,
    args: A,
    own: ((...args: A) => Promise<T>) | undefined,
    usual: NoInfer<T>,
  ): Promise<T> {
    calls.push({ name, args });
    return own === undefined ? usual : await own(...args);
  }
  return recording;
}
