import type { Vocabulary } from '../../commands/command.js';
import type { Grounds } from '../core/grounds.js';
import type { Message } from '../core/message.js';
import type { Again, Demand, GroundsDemand, Said } from './approval-tools.js';
import type { SlackChangesDesk } from './changes-tools.js';
import type { Action, ActionObject } from '../policy/authorise.js';
import type { SlackDigestDesk } from './digest-tools.js';
import type { ReachOf } from './reach.js';
import type { SlackEnrolDesk } from './enrol-tools.js';
import type { SlackHomeDesk } from './home-tools.js';
import type { SlackRolloutDesk } from './rollout-tools.js';
import type { SlackTimeDesk } from './time-tools.js';
import type { Asker, Origin, Wish } from '../core/request.js';

/** `rule` is a stable code for the audit trail, `sentence` is plain text for the person. */
export type Permission =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly rule: string; readonly sentence: string };

/** What became of a click. `sentence` is plain text for who clicked; `<@U…>` in it names a person. */
export interface Answered {
  readonly kind: 'done' | 'refused';
  readonly sentence: string;
}

/** What a form says before a person closes a change whose outcome is unknown; plain text. */
export interface Closing {
  readonly kind: 'ask';
  readonly title: string;
  /** The node or HMC on which the step may have run. */
  readonly where: string;
  readonly step: string;
  readonly locks: readonly string[];
  /** The step's run directory; null on an HMC. */
  readonly directory: string | null;
  /** Fewer characters are no answer. */
  readonly leastCharacters: number;
}

/**
 * What people may cause from Slack. Each act that takes effect is authorised and written to the audit trail inside, in
 * that order, and is durable when its promise resolves; a rejection means that it did not happen.
 */
export interface SlackDesk {
  /** Asks the policy; a refusal is written down. */
  mayI(who: Asker, action: Action, about: string, object: ActionObject): Promise<Permission>;
  /** The same for a wish, with what it names and on every one of its targets. */
  mayAsk(who: Asker, wish: Wish, about: string): Promise<Permission>;
  submit(wish: Wish, asked: string, origin: Origin): Promise<{ readonly id: string }>;
  /** What the policy wants to be told before a wish is taken; null where nothing is missing. */
  lacking(wish: Wish): Promise<GroundsDemand | null>;
  /** The following authorise by themselves, because they must read first what the id stands for. */
  decide(
    changeId: string,
    choice: 'approve' | 'reject' | 'withdraw',
    who: Asker,
    said?: Said,
  ): Promise<Answered | Demand>;
  rollBack(changeId: string, who: Asker, grounds?: Grounds): Promise<Answered | Demand>;
  lookAgain(changeId: string, who: Asker): Promise<Answered>;
  /** Ends the reading for a request; null when the request is not known any more. */
  stopReading(requestId: string, who: Asker): Promise<Answered | null>;
  continueChange(changeId: string, who: Asker): Promise<Answered>;
  handOver(changeId: string, who: Asker): Promise<Answered>;
  cancelChange(changeId: string, who: Asker): Promise<Answered>;
  /** What the form shows where this person may close this change now. Nothing is decided by it. */
  closing(changeId: string, who: Asker): Promise<Closing | Answered>;
  closeChange(changeId: string, who: Asker, seen: string): Promise<Answered>;
  /** null when the offer is not known any more. */
  takeOffer(offerId: string, origin: Origin, grounds?: Grounds): Promise<Answered | Demand | null>;
}

/** A reply that only one person sees. */
export interface PrivateReply {
  readonly channel: string;
  readonly user: string;
  readonly threadTs: string | null;
  readonly message: Message;
}

/** Everything that an entry from Slack may use; the bot builds it. */
export interface SlackTools {
  readonly desk: SlackDesk;
  readonly digest: SlackDigestDesk;
  readonly enrol: SlackEnrolDesk;
  readonly changes: SlackChangesDesk;
  readonly home: SlackHomeDesk;
  readonly time: SlackTimeDesk;
  readonly rollout: SlackRolloutDesk;
  readonly vocabulary: () => Vocabulary;
  /** What help, forms and typeahead may show to whom. */
  readonly reach: ReachOf;
  /** True the first time a key is seen: Slack delivers some things twice, and people click twice. */
  readonly once: (key: string, forMs?: number) => Promise<boolean>;
  /** What was taken for a moment only has come to its end: it counts as seen for a day. */
  readonly keepSeen: (key: string) => Promise<void>;
  /** Takes a key back, because what it stood for did not happen. */
  readonly forget: (key: string) => Promise<void>;
  /** Puts a private reply into the outbox. */
  readonly tell: (reply: PrivateReply) => Promise<void>;
}

/** pino fits it: fields first, then a constant sentence. */
export interface SlackLog {
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}

/** How Slack named one delivery, who caused it and where. `key` is the same when it is delivered again. */
export interface Arrival {
  readonly key: string;
  readonly teamId: string;
  readonly channel: string;
  readonly user: string;
  /** The thread that it happened in, if any. */
  readonly threadTs: string | null;
}

/** What an entry answers. Whoever called it acknowledges with it, and does nothing else. */
export type Reply =
  | { readonly kind: 'done' }
  /** The same delivery was here before: another process, or an earlier try, answers it. */
  | { readonly kind: 'repeated' }
  /** `plain` says the same without markup: a form shows it under a field. */
  | { readonly kind: 'private'; readonly message: Message; readonly plain: string }
  /** Ask with a form. */
  | { readonly kind: 'form' }
  /** Something must be said first; `again` is then done once more with it. */
  | { readonly kind: 'ask'; readonly demand: Demand; readonly again: Again };
