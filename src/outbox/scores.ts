/** In which order messages go: the scores of a channel's queue. */

/** Approvals and errors go before cards, cards before details, details before digests. */
export const priorities = { approval: 0, card: 1, detail: 2, digest: 3 } as const;
export type Priority = keyof typeof priorities;

/** Of one priority, what nobody has seen yet (the lower half) goes before what changes a message that is there. */
export const scoreStep = 1_000_000_000_000;

/** The scores of one priority in a channel's queue: `from` is in it, `to` is not. */
export function scoresOf(priority: Priority): { readonly from: number; readonly to: number } {
  return { from: priorities[priority] * scoreStep, to: (priorities[priority] + 1) * scoreStep };
}

const classes = Object.keys(priorities) as Priority[];
/** What changes a message that is there, but for approvals; in pairs, as ZRANGEBYSCORE takes them. */
export const changeRanges = classes
  .filter((priority) => priority !== 'approval')
  .flatMap((priority) => [String(scoresOf(priority).from + scoreStep / 2), `(${scoresOf(priority).to}`]);
/** All the others. */
export const unseenRanges = classes.flatMap((priority) => {
  const { from, to } = scoresOf(priority);
  return [String(from), `(${priority === 'approval' ? to : from + scoreStep / 2}`];
});
