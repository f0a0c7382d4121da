import { startSentinels } from '../lab/redis-sentinel.js';
import { describeFailOver } from './rolling-fail-over.js';

describeFailOver('while Sentinels put another master in place', (folder) =>
  startSentinels({ folder, replicas: 1 }),
);
