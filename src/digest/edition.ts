import type { Band } from './bands.js';
import type { Hush, HushEnd } from './hush.js';
import type { StoredCertificate } from '../core/certificate.js';

/** One place of a line. `item` is the id of its item. */
export interface LinePlace {
  readonly item: string;
  readonly target: string;
  readonly cluster: string | null;
  readonly path: string;
  readonly label: string;
  /** The day that it was last read, where it could not be read now. */
  readonly lastSeen: string | null;
}

/** One certificate with all the places where it is. */
export interface CertificateLine {
  readonly kind: 'certificate';
  /** What its buttons carry. */
  readonly id: string;
  readonly band: Band;
  readonly owner: string | null;
  readonly name: string;
  readonly subject: string;
  readonly issuer: string;
  readonly serialEnd: string;
  readonly fingerprint: string;
  readonly type: StoredCertificate['kind'];
  readonly notBefore: string;
  readonly notAfter: string;
  readonly isClusterSecurity: boolean;
  readonly places: readonly LinePlace[];
  /** More places of the same certificate, of which somebody knows. */
  readonly quietPlaces: number;
  /** An acknowledgement or snooze that has ended, and why: it is said once, when the line comes back. */
  readonly ended: { readonly hush: Hush; readonly why: HushEnd } | null;
}

export type TroubleKind =
  | 'unreadable'
  | 'missing'
  | 'doubt'
  | 'not-yet-valid'
  | 'clock-skew'
  | 'served-differs';

/** Something else that needs a person: it says by itself what it is. */
export interface TroubleLine {
  readonly kind: 'trouble';
  readonly id: string;
  readonly trouble: TroubleKind;
  readonly owner: string | null;
  readonly target: string;
  readonly cluster: string | null;
  /** null for what is about the whole node. */
  readonly path: string | null;
  /** Plain text, partly from the node. */
  readonly says: string;
  /** What an acknowledgement of it is kept under. */
  readonly item: string;
  readonly version: string;
}

/** The yearly look at a cluster's communication security. */
export interface RotationLine {
  readonly kind: 'rotation';
  readonly id: string;
  readonly cluster: string;
  readonly owner: string | null;
  /** When its certificates were last made anew; null where it has none that are known. ISO 8601 UTC. */
  readonly rotatedAt: string | null;
  readonly firstSeen: string;
  readonly certificates: number;
  readonly item: string;
  readonly version: string;
}

export type Line = CertificateLine | TroubleLine | RotationLine;

/** A line that is only told, once. */
export interface TurnLine {
  readonly kind: 'renewed' | 'replaced' | 'new' | 'gone';
  readonly name: string;
  readonly target: string;
  readonly path: string;
  readonly label: string;
  /** How many places this happened at, with the same certificate. */
  readonly places: number;
  readonly notAfter: string;
  /** For `renewed` and `replaced`: until when the one before was valid. */
  readonly notAfterBefore: string | null;
}

/** One day's digest for one channel, complete: every message of it is a view of this and of what people did since. */
export interface Edition {
  readonly id: string;
  /** Slack's id; '' on the command line. */
  readonly channel: string;
  /** The local date that it is for, and the zone that this date is of. */
  readonly date: string;
  readonly zone: string;
  /** When it was made: days left count from here. ISO 8601 UTC. */
  readonly at: string;
  readonly isLate: boolean;
  readonly isWeekly: boolean;
  /** Made because somebody asked; `withinDays` is what they asked for. */
  readonly asked: {
    readonly by: string;
    readonly withinDays: number;
    readonly threadTs: string | null;
  } | null;
  /** The date of the edition that changes are counted from; null for none. */
  readonly since: string | null;
  readonly checked: { readonly certificates: number; readonly hosts: number };
  readonly notChecked: readonly { readonly target: string; readonly why: string }[];
  /** Of all certificates that are not hushed, listed today or not; the same one in many places counts once. */
  readonly counts: Readonly<Record<Band, number>>;
  /** Worst first. */
  readonly lines: readonly Line[];
  readonly turns: readonly TurnLine[];
  readonly delta: { readonly new: number; readonly renewed: number; readonly gone: number };
  /** Certificates of which somebody knows, by kind. */
  readonly hushed: { readonly acknowledged: number; readonly snoozed: number };
  /** The next end of validity that is still to come; null for none. ISO 8601 UTC. */
  readonly nextExpiry: string | null;
  readonly year: YearAhead;
}

/** How many certificates end in each of twelve months, by owner. */
export interface YearAhead {
  /** `2026-03`, twelve of them, in UTC; the first is the month in which the edition was made. */
  readonly months: readonly string[];
  /** The owners with most first; what does not fit is one owner named `others`. `null` is "no owner". */
  readonly owners: readonly { readonly owner: string | null; readonly counts: readonly number[] }[];
  /** Ended already; these are in no month. */
  readonly expired: number;
  /** Ends after the last month. */
  readonly later: number;
}
