import { optionalTargetList } from './arguments.js';
import { command, type Option, type Understood } from './command.js';

/** What a daily digest lists at most, on Mondays. */
const usualDays = 90;
const mostDays = 3_650;

export const certExpiry = command({
  name: '/cert-expiry',
  summary: 'Which certificates end soon, or have ended?',
  description:
    'Reads the certificates that the inventory names on each target and lists those that have ended or end within 90 days, ' +
    'by owner, worst first, as the daily digest does. It changes nothing, and no daily digest is left out for it. Without ' +
    'targets it reads all.',
  examples: ['/cert-expiry', '/cert-expiry tag:env=prod', '/cert-expiry cluster:erp --within 30d'],
  action: 'diagnose',
  runs: 'certificates',
  args: { targets: optionalTargetList() },
  options: { within: days() },
  request: ({ targets }, _flags, { within }) => ({
    job: 'cert-expiry',
    targets,
    withinDays: within ?? usualDays,
  }),
});

/** A span of days: `30d`, `4w`, or a number of days. */
function days(): Option<number> {
  return {
    usage: '30d',
    does: `lists what ends within so many days (d) or weeks (w); ${usualDays}d where left out`,
    read: readDays,
  };
}

function readDays(word: string): Understood<number> {
  const span = /^(?<number>\d{1,5})(?<unit>d|w|days?|weeks?)?$/i.exec(word)?.groups;
  const count = Number(span?.['number'] ?? 0) * (/^w/i.test(span?.['unit'] ?? '') ? 7 : 1);
  if (count >= 1 && count <= mostDays) return { kind: 'understood', value: count, typed: [`${count}d`] };
  const message =
    span === undefined
      ? `"${word}" is no span of days: type for example 30d or 4w.`
      : `--within takes 1 to ${mostDays} days.`;
  return { kind: 'not-understood', message, instead: null };
}
