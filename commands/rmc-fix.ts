import { optionalFix, target } from './arguments.js';
import { command } from './command.js';

export const rmcFix = command({
  name: '/rmc-fix',
  summary: 'Proposes a fix for the RMC connection of one LPAR.',
  description:
    'With a fix, its exact commands are shown for approval; nothing runs before somebody else has approved them. ' +
    'Without one, the LPAR is read first and the fixes that its findings suggest appear as buttons.',
  examples: ['/rmc-fix lpar1', '/rmc-fix lpar1 rmc-restart'],
  action: 'propose',
  args: { target: target(), fix: optionalFix(['rmc-', 'rsct-', 'hmc-']) },
  request: (values) =>
    values.fix === null
      ? { job: 'diagnose', diagnostic: 'rmc', targets: [values.target] }
      : { job: 'propose-fix', fix: values.fix, target: values.target },
  note: ({ fix }) =>
    fix === null
      ? 'no fix was named: RMC is read first, and the fixes that the findings suggest appear as buttons'
      : null,
});
