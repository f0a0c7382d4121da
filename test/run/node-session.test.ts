import { describe, expect, it } from 'vitest';
import type { Fact, Reading } from '../../src/core/fact.js';
import type { Outcome } from '../../src/core/outcome.js';
import { nodeRead, renderCommand, type ReadCommand } from '../../src/core/remote-command.js';
import { NodeSession } from '../../src/run/node-session.js';
import type { Transport } from '../../src/ssh/transport.js';
import { lpar1 } from '../runbooks/cases.js';

const now = Date.parse('2027-03-10T12:00:00Z');
const exited = (stdout: string, stderr = '', exitCode = 0): Outcome => ({
  ended: 'exited',
  exitCode,
  signal: null,
  stdout,
  stderr,
  durationMs: 1,
});

/** A transport that answers from a function, and says in how many round trips. */
function answering(answer: (command: ReadCommand) => Outcome) {
  const trips: (readonly string[])[] = [];
  const ssh: Transport = {
    read: (_target, commands) => {
      trips.push(commands.map(renderCommand));
      return Promise.resolve(commands.map(answer));
    },
    script: () => Promise.reject(new Error('reading runs no script')),
    change: () => Promise.reject(new Error('reading changes nothing')),
    notUnderstood: () => undefined,
    identityOf: () => null,
    close: () => Promise.resolve(),
  };
  return { session: new NodeSession(lpar1, { ssh, clock: () => now }, undefined), trips };
}

const text: Fact<string> = {
  command: nodeRead('/usr/bin/cat', ['/etc/x'], 'a test'),
  reader: { id: 'text', programs: [], read: (printed) => ({ kind: 'facts', facts: printed }) },
};
const date = (printed: string) => (command: ReadCommand) =>
  exited(command.program === '/usr/bin/date' ? printed : 'x');

describe('a session with a node', () => {
  it.each([
    ['on stdout', exited('-----BEGIN CERTIFICATE-----\nAA\n-----BEGIN RSA PRIVATE KEY-----\nSECRET\n')],
    ['on stderr', exited('fine', '-----BEGIN ENCRYPTED PRIVATE KEY-----\nSECRET\n')],
    ['of a command that failed', exited('', 'SECRET -----END PRIVATE KEY-----', 1)],
  ])('drops an answer with a private key %s, and says so', async (_where, outcome) => {
    const { session } = answering((command) => (command.program === '/usr/bin/date' ? exited('') : outcome));
    const [reading] = await session.ask([text]);
    expect(reading?.kind).toBe('unread');
    expect(JSON.stringify(reading)).not.toContain('SECRET');
    expect(JSON.stringify(reading)).not.toMatch(/PRIVATE KEY/);
    const { error } = reading as Extract<Reading<string>, { kind: 'unread' }>;
    expect(error.message).toMatch(/printed the line of a private key.*dropped unread/);
  });

  it.each([
    ['2027-03-10T12:00:00Z\n', 0],
    ['2027-03-10T11:59:59Z\n', 0],
    ['2027-03-10T12:02:00Z\n', 120_000],
    ['2027-03-09T12:00:00Z\n', -86_400_000],
    ['soon\n', null],
  ])('reads the clock once, with the first question: %s', async (printed, skew) => {
    const { session, trips } = answering(date(printed));
    await session.ask([text]);
    await session.ask([text]);
    expect(session.clockSkewMs).toBe(skew);
    expect(trips.map((commands) => commands.length)).toEqual([2, 1]);
  });

  it('asks for the clock alone where there is nothing else', async () => {
    const { session, trips } = answering(date('2027-03-10T12:00:00Z\n'));
    expect(await session.ask([])).toEqual([]);
    expect(trips).toHaveLength(1);
    expect(await session.ask([])).toEqual([]);
    expect(trips).toHaveLength(1);
  });

  it('asks many questions in several round trips, in order, by their number and by their size', async () => {
    const { session, trips } = answering((command) => exited(command.args.join(' ')));
    const many = Array.from(
      { length: 130 },
      (_, n): Fact<string> => ({
        ...text,
        command: nodeRead('/usr/bin/cat', [String(n)], 'a test'),
      }),
    );
    const readings = await session.ask(many);
    expect(readings.map((reading) => (reading.kind === 'value' ? reading.value : null))).toEqual(
      many.map((_, n) => String(n)),
    );
    expect(Math.max(...trips.map((commands) => commands.length))).toBeLessThanOrEqual(61);
    const large = many
      .slice(0, 20)
      .map((fact) => ({ ...fact, command: { ...fact.command, maxBytes: 1024 * 1024 } }));
    trips.length = 0;
    await session.ask(large);
    expect(trips.map((commands) => commands.length)).toEqual([8, 8, 4]);
  });
});
