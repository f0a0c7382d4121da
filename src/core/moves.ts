/** Where one move of a state table may start, and where it ends. */
interface MoveRule<S extends string> {
  readonly from: readonly S[];
  readonly to: S;
}

/** `can.approve(state)` decides; `can.approve.from` fills the sentence that explains a refusal. */
type Can<S extends string> = MoveRule<S> & ((state: S) => boolean);

/** The questions that a state table answers, by move. Call it as `movesOf<State>()(table)`: the moves are then inferred. */
export const movesOf =
  <S extends string>() =>
  <M extends string>(table: Readonly<Record<M, MoveRule<S>>>): Readonly<Record<M, Can<S>>> =>
    Object.fromEntries(
      Object.entries<MoveRule<S>>(table).map(([name, rule]) => [
        name,
        Object.assign((state: S) => rule.from.includes(state), rule),
      ]),
    ) as Readonly<Record<M, Can<S>>>;
