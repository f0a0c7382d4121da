import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { enrol, expireEnrolments } from '../../jobs/enrol.js';
import type { Tools } from '../../jobs/tools.js';
import type { Enrolment } from '../../src/approval/enrolment.js';
import { errorInfo } from '../../src/core/errors.js';
import { nodeRead } from '../../src/core/remote-command.js';
import type { NodeTarget } from '../../src/core/target.js';
import { EnrolDesk } from '../../src/desk/enrol.js';
import type { Policy } from '../../src/policy/schema.js';
import { fingerprint } from '../../src/ssh/known-hosts.js';
import { as, mayIBy } from '../desk/as.js';
import { openPolicy } from '../policy/open-policy.js';
import { alice } from './carry-on.js';
import { openWorkbench, type Workbench } from './workbench.js';

let bench: Workbench;
let pinnedByAll: string;
beforeAll(async () => {
  bench = await openWorkbench();
  pinnedByAll = readFileSync(file(), 'utf8');
}, 60_000);
afterAll(() => bench.stop());
beforeEach(async () => {
  await bench.shared.redis.flushall();
  writeFileSync(file(), pinnedByAll);
  for (const name of ['lpar1', 'lpar2']) await bench.lab.node(name).setSsh('normal');
  bench.lab.node('lpar1').drop();
});

const file = (): string => join(bench.config, 'known_hosts');
const hello = nodeRead('/usr/bin/date', [], 'test');

function node(name: string): NodeTarget {
  const found = bench.settings.inventory.nodes.get(name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

/** The key that known_hosts pins for a node: `ssh-ed25519 AAAA…`. */
function rightKey(name: string): string {
  const { host, port } = node(name).endpoint;
  const line = pinnedByAll.split('\n').find((one) => one.startsWith(`[${host}]:${port} `));
  return line?.slice(line.indexOf(' ') + 1) ?? '';
}

function print(key: string): string {
  return fingerprint(Buffer.from(key.split(' ')[1] ?? '', 'base64'));
}

/** Takes nodes out of known_hosts, and puts further lines in. */
function unpin(names: readonly string[], ...more: string[]): void {
  const gone = names.map((name) => `[${node(name).endpoint.host}]:${node(name).endpoint.port} `);
  const kept = pinnedByAll.split('\n').filter((line) => !gone.some((one) => line.startsWith(one)));
  writeFileSync(file(), [...more, ...kept].join('\n'));
}

/** Types `/enrol` as Alice does; the cards that come of it, the request's own first. */
async function ask(targets: readonly string[], tools: Tools = bench.tools): Promise<readonly Enrolment[]> {
  const request = await bench.desk.submit({ job: 'enrol', targets }, `/enrol ${targets.join(' ')}`, alice);
  await enrol(request.id, tools);
  const open = await bench.shared.hostKeys.open();
  const own = await bench.shared.hostKeys.get(`e-${request.id}`);
  const others = open.filter(({ id }) => id !== own?.id && id.startsWith(`e-${request.id}`));
  return own === null ? others : [own, ...others];
}

async function onlyCard(targets: readonly string[]): Promise<Enrolment> {
  const [card, ...more] = await ask(targets);
  if (card === undefined || more.length > 0) throw new Error(`${more.length + 1} cards`);
  return card;
}

function deskOf(tools: Tools, policy: Policy = openPolicy): EnrolDesk {
  const { inventory } = bench.settings;
  return new EnrolDesk({ ...tools, policy, inventory, mayI: mayIBy(policy, tools.audit) });
}

async function textOf({ cardKey }: Enrolment): Promise<string> {
  return JSON.stringify(await bench.shared.outbox.get(cardKey));
}

/** Connects anew: a warm connection asks for no key. */
async function logIn(name: string): Promise<string> {
  const again = await bench.restart();
  try {
    const [outcome] = await again.tools.ssh.read(node(name), [hello]);
    return outcome?.ended ?? 'nothing';
  } catch (error) {
    return errorInfo(error).message;
  } finally {
    await again.close();
  }
}

describe('/enrol', () => {
  it('shows the keys without logging in; somebody else pins them, and then workers log in', async () => {
    unpin(['lpar1']);
    const before = bench.lab.node('lpar1').snapshot();
    expect(await logIn('lpar1')).toMatch(
      /host key is not known\. .* aixops enrol lpar1, or \/enrol lpar1 in Slack/,
    );
    const card = await onlyCard(['lpar1']);
    expect(card.candidates.map(({ target, replaces }) => [target, replaces])).toEqual([['lpar1', null]]);
    const shown = await textOf(card);
    expect(shown).toContain(print(rightKey('lpar1')));
    expect(shown).toMatch(/"action_id":"enrol-pin".*"action_id":"enrol-reject"/);
    expect(bench.lab.node('lpar1').changesSince(before)).toEqual([]);
    expect(await bench.lab.node('lpar1').ran()).toEqual([]);

    const desk = deskOf(bench.tools);
    const own = await desk.pin(card.id, as('UALICE'));
    expect(own).toEqual({
      kind: 'refused',
      sentence: 'You asked for these host keys, so someone else must compare and pin them.',
    });
    expect(await logIn('lpar1')).toMatch(/host key is not known/);
    expect((await desk.pin(card.id, as('UBOB')))?.kind).toBe('done');
    expect(await logIn('lpar1')).toBe('exited');
    expect(await textOf(card)).not.toContain('action_id');
    const trail = await bench.shared.audit.read(0, 50);
    const told = trail
      .filter(({ object }) => object === 'lpar1')
      .map(({ code, actor }) => `${code} ${actor}`);
    expect(told).toEqual(['host-key.shown UALICE', 'host-key.decided UBOB', 'host-key.pinned UBOB']);
    expect(JSON.stringify(trail)).toContain(print(rightKey('lpar1')));
  });

  it('lets one of many pin who click at the same moment on two bots, and tells the others who', async () => {
    unpin(['lpar1', 'lpar2']);
    const card = await onlyCard(['lpar1', 'lpar2']);
    const other = await bench.restart();
    const [here, there] = [deskOf(bench.tools), deskOf(other.tools)];
    const people = Array.from({ length: 12 }, (_, i) => `UPERSON${i}`);
    const answers = await Promise.all(
      people.map((user, i) => (i % 2 === 0 ? here : there).pin(card.id, as(user))),
    );
    const done = answers.flatMap((answer, i) => (answer?.kind === 'done' ? [people[i]] : []));
    await other.close();
    expect(done).toHaveLength(1);
    const pinned = await bench.shared.hostKeys.get(card.id);
    expect([pinned?.state, pinned?.ended?.by]).toEqual(['pinned', done[0]]);
    for (const answer of answers.filter((one) => one?.kind === 'refused'))
      expect(answer?.sentence).toContain(`already pinned by <@${done[0] ?? ''}>`);
    const codes = (await bench.shared.audit.read(0, 100)).map(({ code }) => code);
    expect(codes.filter((code) => code === 'host-key.pinned')).toHaveLength(2);
  });

  it('refuses a key that changed after it was pinned from Slack, and replaces it by two others only', async () => {
    unpin(['lpar1']);
    const desk = deskOf(bench.tools);
    await desk.pin((await onlyCard(['lpar1'])).id, as('UBOB'));
    expect(await logIn('lpar1')).toBe('exited');
    await bench.lab.node('lpar1').setSsh('other-key');
    const refusal = await logIn('lpar1');
    expect(refusal).toContain(`Pinned: ssh-ed25519 ${print(rightKey('lpar1'))} (from Slack).`);
    const presented =
      /Presented: ssh-ed25519 (SHA256:\S+)\. .*\/enrol lpar1 in Slack/.exec(refusal)?.[1] ?? '';
    expect(presented).not.toBe(print(rightKey('lpar1')));

    const card = await onlyCard(['lpar1']);
    expect([card.kind, card.approvalsNeeded]).toEqual(['changed', 2]);
    const shown = await textOf(card);
    for (const words of ['CHANGED', presented, print(rightKey('lpar1')), 'somebody is in between'])
      expect(shown).toContain(words);
    expect((await desk.pin(card.id, as('UALICE')))?.kind).toBe('refused');
    const first = await desk.pin(card.id, as('UBOB'));
    expect(first?.sentence).toMatch(/Another person must compare and approve as well/);
    expect((await desk.pin(card.id, as('UBOB')))?.kind).toBe('refused');
    expect(await logIn('lpar1')).toContain('has CHANGED');
    expect((await desk.pin(card.id, as('UCAROL')))?.kind).toBe('done');
    expect(await logIn('lpar1')).toBe('exited');
  });

  it('trusts nobody while the file and Slack name different keys, and says how to mend it', async () => {
    unpin(['lpar1']);
    const desk = deskOf(bench.tools);
    await desk.pin((await onlyCard(['lpar1'])).id, as('UBOB'));
    const { host, port } = node('lpar1').endpoint;
    unpin(['lpar1'], `[${host}]:${port} ${rightKey('lpar2')}`);
    const refusal = await logIn('lpar1');
    expect(refusal).toMatch(
      /was refused: two different keys are pinned for it\. In \S+known_hosts: ssh-ed25519 /,
    );
    expect(refusal).toContain(print(rightKey('lpar1')));
    expect(refusal).toContain(print(rightKey('lpar2')));
    const card = await onlyCard(['lpar1']);
    expect([card.state, card.notes.map(({ kind }) => kind)]).toEqual(['nothing-to-pin', ['refused']]);
    expect(card.notes[0]?.words).toContain('aixops enrol lpar1 --replace');

    // The other way round: the file is right, and Slack's key is the old one.
    writeFileSync(file(), pinnedByAll);
    await bench.shared.redis.flushall();
    unpin(['lpar1']);
    await bench.lab.node('lpar1').setSsh('other-key');
    await desk.pin((await onlyCard(['lpar1'])).id, as('UBOB'));
    await bench.lab.node('lpar1').setSsh('normal');
    writeFileSync(file(), pinnedByAll);
    expect(await logIn('lpar1')).toContain('two different keys are pinned for it');
    const mend = await onlyCard(['lpar1']);
    expect(mend.kind).toBe('changed');
    for (const user of ['UBOB', 'UCAROL']) await desk.pin(mend.id, as(user));
    expect(await logIn('lpar1')).toBe('exited');
  });

  it('offers no key that the file revokes, and does not trust one that was pinned from Slack before', async () => {
    unpin(['lpar1']);
    await deskOf(bench.tools).pin((await onlyCard(['lpar1'])).id, as('UBOB'));
    unpin(['lpar1'], `@revoked * ${rightKey('lpar1')}`);
    expect(await logIn('lpar1')).toContain('is marked @revoked in');
    const card = await onlyCard(['lpar1']);
    expect([card.state, card.notes[0]?.kind]).toEqual(['nothing-to-pin', 'refused']);
    expect(await textOf(card)).toMatch(/marked @ revoked in/);
  });

  it('shows what cannot be pinned beside what can: changed in the file, pinned already, not reached', async () => {
    unpin(['lpar1']);
    const card = await onlyCard(['lpar1', 'lpar2', 'lpar5', 'lpar8', 'hmc1']);
    expect(card.candidates.map(({ target }) => target)).toEqual(['lpar1']);
    expect(card.notes.map(({ target, kind }) => `${target} ${kind}`)).toEqual([
      'hmc1 pinned',
      'lpar2 pinned',
      'lpar5 not-fetched',
      'lpar8 refused',
    ]);
    expect(card.notes[3]?.words).toMatch(
      /CHANGED\. Pinned in .*: ssh-ed25519 SHA256:\S+\. Presented: ssh-ed25519 SHA256:/,
    );
    await deskOf(bench.tools).pin(card.id, as('UBOB'));
    expect(
      await bench.shared.hostKeys.pins(node('lpar8').endpoint.host, node('lpar8').endpoint.port),
    ).toBeNull();
  });

  it('takes of a group those without a pinned key', async () => {
    unpin(['lpar1', 'lpar2']);
    const card = await onlyCard(['all']);
    expect(card.candidates.map(({ target }) => target)).toEqual(['lpar1', 'lpar2']);
    expect(card.notes).toEqual([]);
    writeFileSync(file(), pinnedByAll);
    const none = await onlyCard(['all']);
    expect(none.state).toBe('nothing-to-pin');
    expect(await textOf(none)).toContain('Every host that was asked for has a pinned key');
  });

  it('shows 20 hosts on a card, all of their keys, and says how many remain', async () => {
    unpin(['lpar1']);
    const one = node('lpar1');
    const named = Array.from({ length: 27 }, (_, i) => {
      const name = `a-rather-long-name-of-an-lpar-${i}`;
      return [name, { ...one, name, endpoint: { ...one.endpoint, name } }] as const;
    });
    const inventory = { ...bench.settings.inventory, hmcs: new Map(), nodes: new Map(named) };
    const [card] = await ask(['all'], { ...bench.tools, inventory });
    expect([card?.candidates.length, card?.remaining]).toEqual([20, 7]);
    const letter = card === undefined ? '' : await textOf(card);
    expect(letter).toContain('7 more hosts without a pinned key');
    const blocks = (JSON.parse(letter) as { content: { message: { blocks: unknown[] } } }).content.message
      .blocks;
    expect(JSON.stringify(blocks).split(print(rightKey('lpar1'))).length - 1).toBe(20);
    expect(JSON.stringify(blocks).length).toBeLessThan(12_000);
  });

  it('pins nothing where another card has pinned a key of that host since', async () => {
    unpin(['lpar1']);
    const [earlier, later] = [await onlyCard(['lpar1']), await onlyCard(['lpar1'])];
    const desk = deskOf(bench.tools);
    expect((await desk.pin(later.id, as('UBOB')))?.kind).toBe('done');
    const overtaken = await desk.pin(earlier.id, as('UBOB'));
    expect(overtaken?.sentence).toMatch(/^Another card has pinned a key for lpar1 since/);
    expect((await bench.shared.hostKeys.get(earlier.id))?.state).toBe('outdated');
    const { host, port } = node('lpar1').endpoint;
    expect((await bench.shared.hostKeys.pins(host, port))?.enrolment).toBe(later.id);
  });

  it('ends a card that is rejected, expired, or not known, and pins nothing by it', async () => {
    unpin(['lpar1']);
    const desk = deskOf(bench.tools);
    const rejected = await onlyCard(['lpar1']);
    expect(await desk.reject(rejected.id, as('UALICE'))).toMatchObject({ kind: 'done' });
    expect((await desk.pin(rejected.id, as('UBOB')))?.sentence).toContain('already rejected by <@UALICE>');

    const old = await onlyCard(['lpar1']);
    const later = { ...bench.tools, clock: () => Date.parse(old.expiresAt) + 1 };
    expect((await deskOf(later).pin(old.id, as('UBOB')))?.sentence).toMatch(
      /expired at .* Nothing was pinned/,
    );
    await expireEnrolments(bench.tools);
    expect((await bench.shared.hostKeys.get(old.id))?.state).toBe('shown');
    await expireEnrolments(later);
    expect((await bench.shared.hostKeys.get(old.id))?.state).toBe('expired');
    expect(await textOf(old)).toContain('Nobody decided in time');
    expect(await desk.pin('e-nobody-knows-it', as('UBOB'))).toBeNull();
    const { host, port } = node('lpar1').endpoint;
    expect(await bench.shared.hostKeys.pins(host, port)).toBeNull();
  });

  it('lets only those pin whom the policy lets, and counts one person with two accounts once', async () => {
    unpin(['lpar1']);
    const card = await onlyCard(['lpar1']);
    const strict = { ...openPolicy, approvers: ['UBOB'] };
    expect((await deskOf(bench.tools, strict).pin(card.id, as('UCAROL')))?.sentence).toMatch(
      /You may not pin host keys/,
    );
    const people = { UALICE: { aliases: ['UALSOALICE'] } };
    const known = deskOf(bench.tools, { ...openPolicy, people });
    expect((await known.pin(card.id, as('UALSOALICE')))?.sentence).toMatch(/someone else must compare/);
    expect((await bench.shared.hostKeys.get(card.id))?.state).toBe('shown');
  });

  it('takes a click in the channel of the card only', async () => {
    unpin(['lpar1']);
    const card = await onlyCard(['lpar1']);
    const desk = deskOf(bench.tools);
    const elsewhere = { user: 'UBOB', channel: 'C0OTHER' };
    for (const answer of [await desk.pin(card.id, elsewhere), await desk.reject(card.id, elsewhere)])
      expect(answer?.sentence).toMatch(/^This button belongs to a card in another channel/);
    expect((await bench.shared.hostKeys.get(card.id))?.state).toBe('shown');
  });

  it('does the same once where its job runs twice', async () => {
    unpin(['lpar1']);
    const request = await bench.desk.submit({ job: 'enrol', targets: ['lpar1'] }, '/enrol lpar1', alice);
    await enrol(request.id, bench.tools);
    await bench.shared.requests.put({ ...request, phase: 'reading' });
    await deskOf(bench.tools).pin(`e-${request.id}`, as('UBOB'));
    await enrol(request.id, bench.tools);
    expect((await bench.shared.hostKeys.get(`e-${request.id}`))?.state).toBe('pinned');
    expect(await bench.shared.hostKeys.open()).toEqual([]);
  });
});
