import { diagnostic } from '../definition.js';
import { rmcHmcFacts, rmcNodeFacts } from './rmc/facts.js';
import { rmcFollowUp } from './rmc/follow-up.js';
import { judgeFromHmc } from './rmc/from-hmc.js';
import { judgeRmc } from './rmc/judgement.js';

/** Is RMC between this LPAR and its HMC up, seen from both sides? */
export const rmc = diagnostic({
  id: 'rmc',
  title: 'RMC between LPAR and HMC',
  node: rmcNodeFacts,
  hmc: rmcHmcFacts,
  judge: judgeRmc,
  followUp: rmcFollowUp,
  fromHmc: judgeFromHmc,
});
