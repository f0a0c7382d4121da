import type { ClockFace } from '../../../aix/date.js';
import type { ErrorEntry } from '../../../aix/errpt.js';
import type { Evidence, Reading } from '../../../core/fact.js';

/** As the node's own clock shows it: `2026-11-03 11:07 CET`. */
export function shownDate({ faceMs, zone }: ClockFace): string {
  return `${new Date(faceMs).toISOString().slice(0, 16).replace('T', ' ')} ${zone}`;
}

/** `SRC_RSTRT 3 times, last 2026-11-03 11:07 CET; …` */
export function listed(entries: readonly ErrorEntry[]): string {
  const labels = [...new Set(entries.map(({ label }) => label))];
  const words = labels.slice(0, 5).map((label) => {
    const [last, ...more] = entries.filter((one) => one.label === label);
    return `${label} ${times(more.length + 1)}, last ${shownDate(last!)}`; // a label of these entries
  });
  return [...words, ...(labels.length > 5 ? [`${labels.length - 5} more labels`] : [])].join('; ');
}

/** `once`, `twice`, `3 times` */
export function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
}

/** The newest two of these entries, as printed. */
export function shown(
  log: Reading<readonly ErrorEntry[]> | null,
  entries: readonly ErrorEntry[],
): readonly Evidence[] {
  if (log === null || entries.length === 0) return [];
  const printed = log.evidence.excerpt.split(/^-{10,}\s*$/m);
  const wanted = entries
    .slice(0, 2)
    .flatMap(({ sequence }) =>
      printed.filter((block) => new RegExp(`^Sequence Number:\\s+${sequence}\\s*$`, 'm').test(block)),
    );
  return [
    {
      ...log.evidence,
      excerpt: wanted.length === 0 ? log.evidence.excerpt : wanted.map((one) => one.trim()).join('\n\n'),
    },
  ];
}
