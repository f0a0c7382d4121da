import { certificateGauges } from './certificate-gauges.js';
import type { Instruments } from './instruments.js';
import type { State } from './state.js';

/** Puts everything that was read into instruments made for this one reading. `nowMs` is epoch milliseconds. */
export function stateGauges(make: Instruments, state: State, nowMs: number): void {
  queueGauges(make, state);
  changeGauges(make, state, nowMs);
  outboxGauges(make, state);
  digestGauges(make, state, nowMs);
  storeGauges(make, state);
  certificateGauges(make, state.certificates, nowMs);
}

function queueGauges(make: Instruments, { queues, hmcSessions }: State): void {
  const jobs = make.gauge('aixops_queue_jobs', 'Jobs in a queue.', ['queue', 'state']);
  const age = make.gauge(
    'aixops_queue_oldest_age_seconds',
    'Since when the oldest job of a queue could have been taken; 0 where none waits.',
    ['queue'],
  );
  const paused = make.gauge('aixops_queue_paused', 'Whether somebody has paused a queue (1).', ['queue']);
  for (const { queue, waiting, active, delayed, isPaused, oldestMs } of queues) {
    jobs.set({ queue, state: 'waiting' }, waiting);
    jobs.set({ queue, state: 'active' }, active);
    jobs.set({ queue, state: 'delayed' }, delayed);
    age.set({ queue }, (oldestMs ?? 0) / 1_000);
    paused.set({ queue }, isPaused ? 1 : 0);
  }
  const sessions = make.gauge('aixops_hmc_sessions', 'Sessions that all workers have on an HMC.', ['hmc']);
  for (const { hmc, open } of hmcSessions) sessions.set({ hmc }, open);
}

function changeGauges(make: Instruments, state: State, nowMs: number): void {
  const count = make.gauge('aixops_changes', 'Changes in a state that is no end.', ['state']);
  const age = make.gauge(
    'aixops_change_oldest_age_seconds',
    'How long the change that is in a state for longest is in it; 0 where none is.',
    ['state'],
  );
  for (const one of state.changes) {
    count.set({ state: one.state }, one.count);
    if (one.count === 0) age.set({ state: one.state }, 0);
    else if (one.oldestMs !== null) age.set({ state: one.state }, Math.max(0, nowMs - one.oldestMs) / 1_000);
  }
  const expiries = state.changes.flatMap((one) =>
    one.state === 'proposed' ? (one.firstExpiryMs ?? []) : [],
  );
  if (expiries.length > 0)
    make
      .gauge(
        'aixops_approval_first_expiry_timestamp_seconds',
        'When the first of the changes that wait for approval expires; absent where none waits.',
      )
      .set(Math.min(...expiries) / 1_000);
  make
    .gauge(
      'aixops_change_overdue_seconds',
      'How long ago a worker should have looked at a change that waits or runs; 0 where none is late.',
    )
    .set((state.overdueMs ?? 0) / 1_000);
  make
    .gauge('aixops_locks', 'Nodes, clusters and managed systems that changes have locked.')
    .set(state.locks);
  make.gauge('aixops_frozen', 'Whether changes are frozen (1).').set(state.isFrozen ? 1 : 0);
}

function outboxGauges(make: Instruments, { outbox, outboxChannels }: State): void {
  const waiting = make.gauge('aixops_outbox_messages', 'Messages that wait for Slack.', ['priority']);
  const age = make.gauge(
    'aixops_outbox_oldest_age_seconds',
    'How long the message that waits for Slack for longest has waited; 0 where none waits.',
    ['priority'],
  );
  for (const one of outbox) {
    waiting.set({ priority: one.priority }, one.waiting);
    age.set({ priority: one.priority }, (one.oldestMs ?? 0) / 1_000);
  }
  make.gauge('aixops_outbox_channels', 'Channels and people for whom something waits.').set(outboxChannels);
}

function digestGauges(make: Instruments, { digests }: State, nowMs: number): void {
  const overdue = make.gauge(
    'aixops_digest_overdue_seconds',
    'How long ago the digest of a channel was due and is not posted; 0 where none is due.',
    ['channel'],
  );
  const posted = make.gauge(
    'aixops_digest_last_posted_timestamp_seconds',
    'When the last daily digest of a channel was made; absent where there was none.',
    ['channel'],
  );
  for (const { channel, dueMs, lastPostedMs } of digests) {
    overdue.set({ channel }, dueMs === null ? 0 : Math.max(0, nowMs - dueMs) / 1_000);
    if (lastPostedMs !== null) posted.set({ channel }, lastPostedMs / 1_000);
  }
}

function storeGauges(make: Instruments, { redisProblems, audit }: State): void {
  const problems = make.gauge(
    'aixops_redis_problems',
    'What is wrong with how Redis is set up: unsafe, weak, frail, mute; untold where Redis does not say.',
    ['kind'],
  );
  for (const [kind, count] of Object.entries(redisProblems)) problems.set({ kind }, count);
  make.gauge('aixops_audit_trail_records', 'Records in the audit trail.').set(audit.records);
  make
    .gauge('aixops_audit_unsealed_records', 'Records since the last checkpoint of the audit trail.')
    .set(audit.behind);
  if (audit.lastCheckpointMs !== null)
    make
      .gauge(
        'aixops_audit_last_checkpoint_timestamp_seconds',
        'When the last checkpoint of the audit trail was written; absent where there is none.',
      )
      .set(audit.lastCheckpointMs / 1_000);
}
