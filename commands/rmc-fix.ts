import { fixes } from '../src/runbooks/index.js';
import { optionalFix, target } from './arguments.js';
import { command } from './command.js';
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
    'Without one, the LPAR is read first and the fixes that its findings suggest appear as buttons.',
  examples: ['/rmc-fix lpar1', '/rmc-fix lpar1 rmc-restart', '/rmc-fix lpar1 rsct-rebuild -n'],
  action: 'propose',
  args: { target: target(), fix: optionalFix(families, details) },
  options: groundsOptions,
  request: (values, _flags, options) =>
    values.fix === null
      ? { job: 'diagnose', diagnostic: 'rmc', targets: [values.target] }
      : {
          job: 'propose-fix',
          fix: values.fix.id,
          target: values.target,
          ...(values.fix.words.length > 0 && { args: values.fix.words }),
          ...groundsSaid(options, values.fix.words),
        },
  note: ({ fix }) =>
    fix === null
      ? 'no fix was named: RMC is read first, and the fixes that the findings suggest appear as buttons'
      : null,
});
