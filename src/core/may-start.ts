/** Whether a change may begin at this moment, apart from who approved it: windows, freezes, and broken glass. */
export type MayStart = Open | Closed;

/** `glass` is what let it through where a window or a freeze would not have. */
interface Open {
  readonly kind: 'open';
  readonly glass: LetThrough | null;
}

/** `sentence` is plain text; `<@U…>` in it names a person. `opensAt` is ISO 8601 UTC; null where nobody can tell. */
export type Closed =
  | {
      readonly kind: 'closed';
      readonly rule: 'window';
      readonly sentence: string;
      readonly opensAt: string | null;
    }
  | {
      readonly kind: 'closed';
      readonly rule: 'freeze';
      readonly sentence: string;
      readonly opensAt: null;
      readonly freeze: Freeze;
    };

/** All changes are held back. `at` is ISO 8601 UTC, `reason` what the person typed, without secrets of known shapes. */
export interface Freeze {
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

/** What a change says for ever that ran under a broken glass. */
export interface LetThrough {
  /** Id of the glass. */
  readonly glass: string;
  readonly by: string;
  readonly reason: string;
}
