import { createTimeGate } from '../../src/approval/time-gate.js';
import type { StepUp } from '../../src/approval/step-up.js';
import type { Change } from '../../src/approval/states.js';
import type { Origin } from '../../src/core/request.js';
import { weekdays } from '../../src/digest/calendar.js';
import { Desk } from '../../src/desk/desk.js';
import { TimeDesk, type TimeDeskTools } from '../../src/desk/time-desk.js';
import type { Policy } from '../../src/policy/schema.js';
import type { WindowRule } from '../../src/policy/time-rules.js';
import type { Tools } from '../../jobs/tools.js';
import { mayIBy } from '../desk/as.js';
import { log, type Workbench } from './workbench.js';

/** One job that was queued. */
interface Queued {
  readonly name: string;
  readonly id: string;
  readonly jobId: string;
  readonly delayMs: number;
}

/** A worker and a bot with windows and with a clock that a test may put forward. */
export interface TimeBench {
  readonly clock: { aheadMs: number };
  /** What the policy says now; a test may change it. */
  readonly rules: { windows: readonly WindowRule[] };
  /** Whether a code was given within the hour; null where none is asked for. */
  readonly stepUp: { fresh: boolean | null };
  readonly tools: Tools;
  readonly policy: Policy;
  readonly desk: Desk;
  readonly time: TimeDesk;
  readonly queued: Queued[];
  now(): number;
  /** Daily, from so many minutes ahead of now for an hour. */
  windowIn(minutes: number, targets: string): WindowRule;
  change(id: string): Promise<Change>;
}

export const carol: Origin = { teamId: 'T1', channel: 'C1', user: 'UCAROL', threadTs: null };

/** Carol may break the glass. */
export function openTimeBench(bench: Workbench): TimeBench {
  const clock = { aheadMs: 0 };
  const rules: { windows: readonly WindowRule[] } = { windows: [] };
  const stepUp: { fresh: boolean | null } = { fresh: null };
  const queued: Queued[] = [];
  const now = (): number => Date.now() + clock.aheadMs;
  const { shared, settings } = bench;
  const { inventory } = settings;
  const policy: Policy = { ...settings.policy, breakGlass: { who: ['UCAROL'], minutes: 15 } };
  Object.defineProperty(policy, 'windows', { get: () => rules.windows });
  const timeGate = createTimeGate({ calm: shared.calm, inventory, policy: rules, clock: now });
  const queue: Tools['queue'] = {
    add: async (name, job, data, options = {}) => {
      queued.push({ name: job, id: data.id, jobId: options.jobId ?? '', delayMs: options.delayMs ?? 0 });
      await shared.queues.add(name, job, data, options);
    },
  };
  const common = {
    ...shared,
    clock: now,
    timeGate,
    mayI: mayIBy(policy, shared.audit),
    queue,
    inventory,
    policy,
  };
  const proof: StepUp = {
    isFresh: () => Promise.resolve(stepUp.fresh === true),
    isEnrolled: (user) => user !== 'UALICE',
    offer: (_user, code) => {
      stepUp.fresh = code === '123456';
      return Promise.resolve(stepUp.fresh ? 'ok' : 'wrong');
    },
  };
  const deskTools: TimeDeskTools = {
    ...common,
    digestChannels: [],
    get stepUp() {
      return stepUp.fresh === null ? null : proof;
    },
  };
  return {
    ...{ clock, rules, policy, stepUp, queued, now },
    tools: { ...bench.tools, clock: now, timeGate, queue },
    desk: new Desk({ ...common, log }),
    time: new TimeDesk(deskTools),
    windowIn: (minutes, targets) => ({
      ...{ targets: [targets], zone: 'UTC', days: weekdays },
      from: timeOfDay(now() + minutes * 60_000),
      to: timeOfDay(now() + (minutes + 60) * 60_000),
    }),
    change: async (id) => {
      const change = await shared.changes.get(id);
      if (change === null) throw new Error(`change ${id} is gone`);
      return change;
    },
  };
}

function timeOfDay(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}
