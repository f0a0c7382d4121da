import type { FactSet, Reading } from '../core/fact.js';
import type { Expectation, Verify } from '../core/plan.js';
import { rmcPort, type Socket } from '../aix/netstat.js';
import type { Subsystem } from '../aix/lssrc.js';
import type { Collected } from './definition.js';
import { rmc } from './diagnostics/rmc.js';
import type { RmcCollected } from './diagnostics/rmc/facts.js';
import { missingForHealth } from './diagnostics/rmc/health.js';
import { look } from './diagnostics/rmc/sight.js';

/** Whether the facts show what a plan promised, and what they show, in words. */
export interface Agreement {
  readonly agreed: boolean;
  readonly note: string;
}

/**
 * Holds facts read by the `rmc` diagnostic against a plan's promise. An exit status is no proof: `rmc-active` needs
 * both sides to agree, and a fact that was not read agrees with nothing.
 */
export function agrees(verify: Verify, collected: Collected<FactSet, FactSet>): Agreement {
  return verify.kind === 'rmc-active' ? rmcActive(collected) : asFound(verify.expected, collected);
}

function rmcActive(collected: Collected<FactSet, FactSet>): Agreement {
  const { name } = collected.target;
  const against = rmc.judge(collected).filter((f) => f.severity === 'crit' || f.severity === 'unknown');
  const first = against[0];
  if (first !== undefined) return { agreed: false, note: `${first.title} (${first.observed})` };
  // A warning is no fault, and may still be no connection: an LPAR that does not run, a handshake that is not finished.
  const missing = missingForHealth(look(collected as RmcCollected));
  if (missing.length > 0) return { agreed: false, note: `${name} does not show: ${missing.join(', ')}.` };
  const sides =
    collected.hmc === null
      ? `${name} shows the connection up (its HMC side is not ours to read).`
      : `${name} and its HMC both show the connection up.`;
  return { agreed: true, note: sides };
}

function asFound(expected: readonly Expectation[], collected: Collected<FactSet, FactSet>): Agreement {
  const { name } = collected.target;
  if (!collected.node.ok) return { agreed: false, note: collected.node.error.message };
  const facts = collected.node.facts as Readonly<Record<string, Reading<unknown>>>;
  for (const one of expected) {
    const seen = one.kind === 'subsystem' ? subsystemState(facts, one.name) : portState(facts);
    const wanted = one.kind === 'subsystem' ? one.status : one.listening ? 'listening' : 'not listening';
    const what = one.kind === 'subsystem' ? one.name : 'TCP 657';
    if (seen !== wanted)
      return { agreed: false, note: `${what} on ${name} is ${seen}; as found it was ${wanted}.` };
  }
  return { agreed: true, note: `${name} is as it was found.` };
}

function subsystemState(facts: Readonly<Record<string, Reading<unknown>>>, name: string): string {
  const reading = facts['subsystems'] as Reading<readonly Subsystem[]> | undefined;
  if (reading?.kind !== 'value') return 'not read';
  return reading.value.find((subsystem) => subsystem.name === name)?.status ?? 'not on file';
}

function portState(facts: Readonly<Record<string, Reading<unknown>>>): string {
  const reading = facts['sockets'] as Reading<{ sockets: readonly Socket[] }> | undefined;
  if (reading?.kind !== 'value') return 'not read';
  return rmcPort(reading.value.sockets).tcpListening ? 'listening' : 'not listening';
}
