import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KnownSecrets } from '../../src/core/known-secrets.js';
import { Secret } from '../../src/core/secret.js';
import { createSealer } from '../../src/sealing/sealer.js';
import { filesBelow, openWorld, sentinel, type Canaries, type World } from './world.js';

/** Places whose canary stands in a text, said as `where: which`. */
function found(
  canaries: Canaries,
  texts: ReadonlyMap<string, string | readonly string[]>,
): readonly string[] {
  return [...texts].flatMap(([where, text]) => {
    const whole = typeof text === 'string' ? text : text.join('\n');
    return Object.entries(canaries)
      .filter(([, secret]) => whole.includes(secret))
      .map(([place]) => `${where}: ${place}`);
  });
}

/** A person asks for what is broken, for certificates, and for what does not exist; a fix is approved and verified. */
async function play(world: World): Promise<void> {
  const { control, seen, press, slack, canaries } = world;
  const type = (command: string, text: string) =>
    control('command', { command, text, user: 'UALICE', channel: 'C0OPS' });
  await type('/rmc-status', 'lpar6 lpar7');
  await seen('lpar6', 'remote clients are disabled');
  await type('/cert-expiry', 'lpar1 --within 30d');
  await seen('erp');
  const typed = canaries['password that a person typed'] ?? '';
  await type('/rmc-status', `password=${typed}`);
  await control('message', {
    channel: 'C0OPS',
    user: 'UALICE',
    text: `<@UAIXOPS> rmc-status password=${typed}`,
  });
  // Slack takes one message without saying so, and refuses another.
  slack.faults({ method: 'chat.postMessage', kind: 'reply-lost', times: 1 });
  await type('/rmc-fix', 'lpar6 rmc-enable-remote');
  const card = await seen('Approval needed', 'lpar6');
  await press(card, 'approve', 'UBOB');
  await seen('Done and verified', 'lpar6');
  const reason = canaries['password that a person gave as a reason'] ?? '';
  await control('command', {
    ...{ command: '/changes', user: 'UBOB', channel: 'C0OPS' },
    text: `freeze on audit with password=${reason}`,
  });
  await seen('audit with');
}

describe.each([
  ['in the clear', false],
  ['sealed', true],
] as const)('planted secrets, with documents %s', (_name, isSealed) => {
  let world: World;
  let held: ReadonlyMap<string, readonly string[]>;
  beforeAll(async () => {
    world = await openWorld(isSealed);
    await play(world);
    held = await world.dump();
  }, 120_000);
  afterAll(async () => {
    await world.stop();
  }, 60_000);

  it('were really there: nodes printed them, and the flow went through them', async () => {
    const change = (await world.shared.changes.recent(1))[0];
    expect(change?.state).toBe('verified');
    const outputs = JSON.stringify(change?.journal);
    expect(outputs).toContain(sentinel);
    expect(outputs).toContain('password=«redacted»');
    expect(outputs).toContain('using «redacted» «redacted»');
    const messages = JSON.stringify(world.slack.traffic());
    expect(messages).toContain('«redacted»');
    expect(held.size).toBeGreaterThan(20);
    expect(Object.values(world.canaries).every((secret) => secret.length >= 10)).toBe(true);
  });

  it('are nowhere in Redis, opened where it is sealed', () => {
    const key = new Secret(world.canaries['store key from a command'] ?? '');
    const sealer = createSealer(new KnownSecrets([]), { key, oldKey: null });
    const opened = new Map(
      [...held].map(([name, values]) => [name, values.map((text) => sealer.open(name, text))]),
    );
    expect(found(world.canaries, opened)).toEqual([]);
    expect(found(world.canaries, held)).toEqual([]);
    const sealed = [...held.values()].flat().filter((text) => text.startsWith('sealed:1:'));
    expect(sealed.length > 5).toBe(isSealed);
  });

  it('are not in what was sent to Slack, the log, and the audit trail', async () => {
    const sent = new Map(
      world.slack.traffic().map((one, at) => [`${one.method} ${at}`, JSON.stringify(one)]),
    );
    expect(sent.size).toBeGreaterThan(5);
    expect(found(world.canaries, sent)).toEqual([]);
    expect(world.logged()).not.toBe('');
    expect(found(world.canaries, new Map([['log', world.logged()]]))).toEqual([]);
    const records = await world.shared.audit.read(0, 1_000);
    expect(records.length).toBeGreaterThan(4);
    expect(found(world.canaries, new Map([['audit', JSON.stringify(records)]]))).toEqual([]);
  });

  it('are in no file of Redis, and in none that was uploaded', () => {
    expect(found(world.canaries, filesBelow(join(world.folder, 'redis')))).toEqual([]);
    const ofSlack = [...filesBelow(join(world.folder, 'slack'))];
    // Its own settings have the tokens that it asks for.
    const uploaded = new Map(ofSlack.filter(([path]) => !path.endsWith('/local-slack.json')));
    expect(found(world.canaries, uploaded)).toEqual([]);
  });

  it('leave outputs readable where there is no key, and unreadable where there is one', () => {
    const places = [...held].filter(([, values]) => values.some((text) => text.includes(sentinel)));
    expect(places.length > 0).toBe(!isSealed);
  });

  it('are in no job: a job holds ids', () => {
    const jobs = [...held].filter(([name]) => /^\{aixops\}:(?:read|change|outbox|clock):[^:]+$/.test(name));
    const data = jobs.flatMap(([, values]) => values.filter((_, at) => values[at - 1] === 'data'));
    expect(data.length).toBeGreaterThan(3);
    for (const text of data)
      expect(Object.keys(JSON.parse(text) as object).sort()).toEqual(['id', 'notAfter', 'v']);
  });
});
