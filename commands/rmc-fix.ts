import { fixes } from '../src/runbooks/index.js';
import { command } from './command.js';
import { nodesToFix, optionalFix, refusesTogether, rolloutNote } from './fix-arguments.js';
import { groundsOptions, groundsSaid } from './grounds.js';

const families = ['rmc-', 'rsct-', 'hmc-'];

/** What each fix takes behind its name, for help. */
const details = fixes
  .filter((fix) => families.some((family) => fix.id.startsWith(family)))
  .flatMap(({ id, takes }) => (takes === undefined ? [] : [`${id} ${takes.usage}`, ...takes.explains]));

export const rmcFix = command({
  name: '/rmc-fix',
  summary: 'Proposes a fix for the RMC connection of one LPAR.',
  description:
    'With a fix, its exact commands are shown for approval; nothing runs before somebody else has approved them. ' +
    'Without one, the LPAR is read first and the fixes that its findings suggest appear as buttons. ' +
    'Several LPARs and a fix make a roll-out: one approval, one LPAR first, then more at a time.',
  examples: [
    '/rmc-fix lpar1',
    '/rmc-fix lpar1 rmc-restart',
    '/rmc-fix lpar1 rsct-rebuild -n',
    '/rmc-fix lpar1 tag:env=test rmc-restart',
  ],
  action: 'propose',
  args: { target: nodesToFix(), fix: optionalFix(families, details) },
  options: groundsOptions,
  request: ({ target, fix }, _flags, options) => {
    // Several without a fix are refused before.
    if (fix === null)
      return {
        job: 'diagnose',
        diagnostic: 'rmc',
        targets: target.kind === 'one' ? [target.name] : target.words,
      };
    const said = { ...(fix.words.length > 0 && { args: fix.words }), ...groundsSaid(options, fix.words) };
    return target.kind === 'one'
      ? { job: 'propose-fix', fix: fix.id, target: target.name, ...said }
      : { job: 'propose-rollout', fix: fix.id, targets: target.words, ...said };
  },
  refuses: (values) => refusesTogether('/rmc-fix', '/rmc-status', values, fixes),
  note: ({ target, fix }) =>
    fix === null
      ? 'no fix was named: RMC is read first, and the fixes that the findings suggest appear as buttons'
      : rolloutNote(target),
});
