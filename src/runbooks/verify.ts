import type { FactSet, Reading } from '../core/fact.js';
import type { Expectation, Verify } from '../core/plan.js';
import { rmcPort, type Socket } from '../aix/netstat.js';
import type { Subsystem } from '../aix/lssrc.js';
import { checksHold, rmcActive, type Agreement } from './checks.js';
import type { Collected } from './definition.js';

/**
 * Holds facts read by the `rmc` diagnostic against a plan's promise. An exit status is no proof: `rmc-active` needs
 * both sides to agree, and a fact that was not read agrees with nothing.
 */
export function agrees(verify: Verify, collected: Collected<FactSet, FactSet>): Agreement {
  switch (verify.kind) {
    case 'rmc-active':
      return rmcActive(collected);
    case 'checks':
      return checksHold(verify.checks, collected);
    case 'as-found':
      return asFound(verify.expected, collected);
  }
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
