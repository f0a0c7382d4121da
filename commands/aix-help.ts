import { optionalCommand } from './arguments.js';
import { command } from './command.js';

export const aixHelp = command({
  name: '/aix-help',
  summary: 'What you can ask, and how.',
  description:
    'Lists the commands that you may use, or explains one of them, a fix or a finding. Answers at once and only to you.',
  examples: ['/aix-help', '/aix-help rmc-status', '/aix-help rmc-restart', '/aix-help rmc.port-blocked'],
  action: 'help',
  args: { command: optionalCommand() },
  request: (values) => ({ job: 'help', command: values.command }),
});
