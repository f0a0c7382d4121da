import { startCluster } from '../lab/redis-cluster.js';
import { describeFailOver } from './rolling-fail-over.js';

describeFailOver('while a node of a Redis Cluster fails over', (folder) => startCluster({ folder }));
