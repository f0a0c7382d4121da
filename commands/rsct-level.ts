import { optionalTargetList } from './arguments.js';
import { command } from './command.js';

export const rsctLevel = command({
  name: '/rsct-level',
  summary: 'Is RSCT installed at a level that works with the HMC?',
  description:
    'Reads the RSCT filesets of each LPAR and compares them, by number, with the minimum and the recommended level of ' +
    'its platform. It changes nothing: an update is for a person. Without targets it reads all.',
  examples: ['/rsct-level', '/rsct-level tag:env=prod', '/rsct-level lpar1 lpar2'],
  action: 'diagnose',
  runs: 'rsct-level',
  args: { targets: optionalTargetList() },
  request: ({ targets }) => ({ job: 'diagnose', diagnostic: 'rsct-level', targets }),
});
