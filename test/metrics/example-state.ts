import type { State } from '../../src/metrics/state.js';

/** A state with something of everything in it. */
export function exampleState(nowMs: number): State {
  const idle = { waiting: 0, active: 0, delayed: 0, isPaused: false, oldestMs: null };
  const none = { count: 0, oldestMs: null, firstExpiryMs: null };
  return {
    queues: [
      { queue: 'read', waiting: 3, active: 1, delayed: 0, isPaused: false, oldestMs: 42_000 },
      { queue: 'clock', ...idle, isPaused: true },
    ],
    changes: [
      { state: 'proposed', count: 1, oldestMs: nowMs - 60_000, firstExpiryMs: nowMs + 300_000 },
      { state: 'running', ...none },
      { state: 'unknown', count: 1, oldestMs: nowMs - 7_200_000, firstExpiryMs: null },
    ],
    overdueMs: null,
    locks: 1,
    outbox: [
      { priority: 'approval', waiting: 2, oldestMs: 5_500 },
      { priority: 'card', waiting: 0, oldestMs: null },
    ],
    outboxChannels: 1,
    digests: [{ channel: 'C0OPS', dueMs: nowMs - 3_600_000, lastPostedMs: nowMs - 90_000_000 }],
    redisProblems: { unsafe: 0, weak: 1, frail: 0, mute: 0, untold: 0 },
    audit: { behind: 12, records: 112, lastCheckpointMs: nowMs - 600_000 },
    hmcSessions: [{ hmc: 'hmc1', open: 2 }],
    isFrozen: true,
    certificates: {
      readMs: nowMs - 3_600_000,
      leftOut: 7,
      all: [
        {
          node: 'erp1',
          filepath: '/etc/cluster/.cert-erp1',
          label: '1',
          subjectCn: 'erp1',
          issuerCn: 'Site CA',
          owner: '@unix',
          notBeforeMs: nowMs - 1_000_000,
          notAfterMs: nowMs - 60_000,
        },
      ],
    },
  };
}
