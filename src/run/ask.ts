import { errorInfo, isStoreAway, type ErrorInfo } from '../core/errors.js';
import type { Fact, FactSet, Reading } from '../core/fact.js';
import type { Outcome } from '../core/outcome.js';
import type { Target } from '../core/target.js';
import type { Reached } from '../runbooks/definition.js';
import type { Transport } from '../ssh/transport.js';
import { toReading } from './reading.js';

/** Asks one target for some facts, in one round trip. A target that cannot be read is a value; what is thrown is the abort. */
export async function ask(
  target: Target,
  facts: FactSet,
  ssh: Transport,
  signal: AbortSignal | undefined,
): Promise<Reached<FactSet>> {
  const asked = await outcomesOf(target, Object.values(facts), ssh, signal);
  if (!asked.ok) return asked;
  const readings: Record<string, Reading<unknown>> = {};
  for (const [at, [name, fact]] of Object.entries(facts).entries())
    readings[name] = toReading(target.name, fact, asked.outcomes[at], ssh);
  return { ok: true, facts: readings };
}

/** What came back of some facts' commands, or why no session came about. */
export type Asked =
  | { readonly ok: true; readonly outcomes: readonly Outcome[] }
  | { readonly ok: false; readonly error: ErrorInfo };

/** Runs the commands of some facts on one target; throws the abort of `signal`, and what Redis said where sessions are counted there. */
export async function outcomesOf(
  target: Target,
  facts: readonly Fact<unknown>[],
  ssh: Transport,
  signal: AbortSignal | undefined,
): Promise<Asked> {
  try {
    const outcomes = await ssh.read(
      target,
      facts.map((fact) => fact.command),
      signal,
    );
    // What was broken off looks like a lost connection, and proves nothing of the target.
    signal?.throwIfAborted();
    return { ok: true, outcomes };
  } catch (error) {
    signal?.throwIfAborted();
    // No target is to blame for that.
    if (isStoreAway(error)) throw error;
    // Connecting is tried again inside the transport: here it is over, and one bad target must not end a sweep.
    return { ok: false, error: errorInfo(error) };
  }
}
