/** What larger estates need, reckoned from what was measured on smaller ones. */
import { canonicalJson } from '../../../src/core/canonical.js';
import type { Endpoint, ManagedSystem } from '../../../src/core/target.js';
import { rmcHmcFacts } from '../../../src/runbooks/diagnostics/rmc/facts.js';

/** Constants of one machine, as its benchmarks measured them. */
export interface Measured {
  /** Processor time of a worker for one node that is logged in to, cold and warm; milliseconds. */
  readonly coldCpuMs: number;
  readonly warmCpuMs: number;
  readonly idleRssBytes: number;
  readonly connectionRssBytes: number;
  readonly redisIdleBytes: number;
  /** One request of one node, with its card, its message and its job. */
  readonly redisBytesPerRequest: number;
  /** One node within a sweep of many. */
  readonly redisBytesPerSweptNode: number;
}

/** What the model supposes; the page says it. */
export const supposed = {
  roundTrips: { cold: 6, warm: 1 },
  delayMs: 50,
  remoteMs: 20,
  lparsPerSystem: 20,
  /** What one HMC manages, within IBM's limits for every model. */
  systemsPerHmc: 32,
  hmcCommandMs: 1_000,
  hmcSessions: 2,
  /** A deep sweep of everything shall be over in this time. */
  sweepWithinS: 60,
  /** One worker is given so much memory, and uses at most this share of it. */
  workerBytes: 1e9,
  workerShare: 0.7,
  keepDays: 30,
  sweepsADay: 1,
  requestsADayPerLpar: 0.1,
} as const;

export interface Need {
  readonly lpars: number;
  readonly hmcs: number;
  /** From the HMCs alone; seconds. */
  readonly hmcSweepS: number;
  /** Logging in to each, by one worker that holds all connections; seconds. */
  readonly coldSweepS: number;
  readonly warmSweepS: number;
  readonly workers: number;
  readonly workerBytes: number;
  readonly redisBytes: number;
}

/** Questions to one HMC for the state of everything on it: those for all of it, and those for each system. */
export function hmcQuestions(): { readonly once: number; readonly perSystem: number } {
  const questionsOf = (systems: number): number => {
    const all = Array.from({ length: systems }, (_, at) => rmcHmcFacts(systemAt(at))).flatMap((facts) =>
      Object.values(facts).map(({ command }) => canonicalJson([command.program, command.args])),
    );
    return new Set(all).size;
  };
  const perSystem = questionsOf(2) - questionsOf(1);
  return { once: questionsOf(1) - perSystem, perSystem };
}

function systemAt(at: number): ManagedSystem {
  const endpoint: Endpoint = {
    ...{ name: 'hmc', host: '127.0.0.1', port: 22, user: 'hscroot', identityFile: null, knownHosts: '' },
    ...{ agent: false, become: null, jump: null },
    algorithms: 'modern',
  };
  return { name: `system-${at}`, hmcName: `system-${at}`, hmc: { kind: 'hmc', name: 'hmc', endpoint } };
}

/** Seconds for `nodes` nodes that `workers` workers log in to: the way there and back, and the work, which is shared. */
export function loginSweepS(
  nodes: number,
  how: {
    readonly roundTrips: number;
    readonly cpuMs: number;
    readonly delayMs: number;
    readonly workers: number;
  },
): number {
  const wayMs = how.roundTrips * how.delayMs + supposed.remoteMs;
  return (wayMs + (nodes * how.cpuMs) / how.workers) / 1000;
}

/** Seconds until every HMC has answered all that is asked of it: they work side by side, each on a few commands at once. */
export function hmcSweepS(systemsPerHmc: number): number {
  const { once, perSystem } = hmcQuestions();
  const { hmcCommandMs, hmcSessions } = supposed;
  return (Math.ceil((once + perSystem * systemsPerHmc) / hmcSessions) * hmcCommandMs) / 1000;
}

/** What an estate of so many LPARs needs. */
export function needOf(lpars: number, measured: Measured): Need {
  const { lparsPerSystem, systemsPerHmc, sweepWithinS, roundTrips, delayMs } = supposed;
  const systems = Math.ceil(lpars / lparsPerSystem);
  const hmcs = Math.ceil(systems / systemsPerHmc);
  const cold = { roundTrips: roundTrips.cold, cpuMs: measured.coldCpuMs, delayMs };
  const warm = { roundTrips: roundTrips.warm, cpuMs: measured.warmCpuMs, delayMs };
  const roomBytes = supposed.workerBytes * supposed.workerShare - measured.idleRssBytes;
  const byMemory = Math.ceil((lpars * measured.connectionRssBytes) / roomBytes);
  const byTime = Math.ceil((lpars * cold.cpuMs) / 1000 / sweepWithinS);
  // Two, so that one may be upgraded or die.
  const workers = Math.max(2, byMemory, byTime);
  const { keepDays, sweepsADay, requestsADayPerLpar } = supposed;
  const bytesADay =
    lpars * requestsADayPerLpar * measured.redisBytesPerRequest +
    lpars * sweepsADay * measured.redisBytesPerSweptNode;
  return {
    ...{ lpars, hmcs, hmcSweepS: hmcSweepS(Math.ceil(systems / hmcs)) },
    coldSweepS: loginSweepS(lpars, { ...cold, workers: 1 }),
    warmSweepS: loginSweepS(lpars, { ...warm, workers: 1 }),
    workers,
    workerBytes: measured.idleRssBytes + (lpars / workers) * measured.connectionRssBytes,
    redisBytes: measured.redisIdleBytes + keepDays * bytesADay,
  };
}
