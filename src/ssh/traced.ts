/** Spans around what goes over SSH: programs, targets and exit statuses; never arguments, scripts or what was printed. */
import type { Outcome } from '../core/outcome.js';
import type { RemoteCommand } from '../core/remote-command.js';
import type { Endpoint, Target } from '../core/target.js';
import type { Span, SpanAttributes, Tracing } from '../core/tracing.js';
import type { Open } from './connection.js';
import { createTransport, type SshTransportOptions } from './ssh-transport.js';
import type { Transport } from './transport.js';

/** The transport over connections that `open` makes, traced where the options ask for it. */
export function createTracedTransport(options: SshTransportOptions, open: Open): Transport {
  const { tracing } = options;
  if (tracing === undefined) return createTransport(options, open);
  return tracedTransport(createTransport(options, tracedOpen(open, tracing)), tracing);
}

/** The same `open` with a span for each connection that comes about or not: a warm one has none. */
function tracedOpen(open: Open, tracing: Tracing): Open {
  return (endpoint, options) =>
    tracing.span('ssh connect', { kind: 'client', attributes: connecting(endpoint) }, () =>
      open(endpoint, options),
    );
}

function connecting({ name, jump }: Endpoint): SpanAttributes {
  return { 'aixops.target': name, 'aixops.jump': jump?.name };
}

/** The same transport with a span for each round trip, in which each remote command is an event with how it ended. */
function tracedTransport(transport: Transport, tracing: Tracing): Transport {
  return {
    read: (target, commands, signal) =>
      tracing.span(nameOf('read', target.kind, commands), about(target, commands), async (span) => {
        const outcomes = await transport.read(target, commands, signal);
        outcomes.forEach((outcome, index) => tell(span, commands[index]?.program, outcome));
        return outcomes;
      }),
    ...(transport.room !== undefined && { room: (signal) => transport.room?.(signal) ?? Promise.resolve(1) }),
    script: (node, script, limitMs) =>
      tracing.span('ssh script', about(node, []), async (span) => {
        const outcome = await transport.script(node, script, limitMs);
        tell(span, undefined, outcome);
        return outcome;
      }),
    change: (hmc, command, limitMs) =>
      tracing.span(nameOf('change', 'hmc', [command]), about(hmc, [command]), async (span) => {
        const outcome = await transport.change(hmc, command, limitMs);
        tell(span, command.program, outcome);
        return outcome;
      }),
    notUnderstood: (command) => transport.notUnderstood(command),
    identityOf: (target) => transport.identityOf(target),
    close: () => transport.close(),
  };
}

function nameOf(what: 'read' | 'change', kind: Target['kind'], commands: readonly RemoteCommand[]): string {
  const [first] = commands;
  // An HMC is given one command at a time: most spans are one.
  const which = kind === 'hmc' && commands.length === 1 && first !== undefined ? first.program : what;
  return `${kind === 'hmc' ? 'hmc' : 'ssh'} ${which}`;
}

function about(target: Target, commands: readonly RemoteCommand[]) {
  const programs = [...new Set(commands.map(({ program }) => program))];
  const attributes: SpanAttributes = {
    'aixops.target': target.name,
    'aixops.target.kind': target.kind,
    ...(programs.length > 0 && { 'aixops.commands': programs }),
  };
  return { kind: 'client', attributes } as const;
}

/** `program` is not known of a script: its steps and their exit statuses are told by the change that made it. */
function tell(span: Span, program: string | undefined, { ended, exitCode, durationMs }: Outcome): void {
  const how = { 'aixops.ended': ended, 'aixops.exit_code': exitCode, 'aixops.ms': Math.round(durationMs) };
  if (program === undefined) span.set(how);
  else span.event('remote command', { 'aixops.program': program, ...how });
}
