import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expire } from '../../jobs/expire.js';
import type { Change } from '../../src/approval/states.js';
import type { ScenarioChange } from '../lab/lab.js';
import { approve, cardOf, carryOn, propose, withClock, type Clock } from './carry-on.js';
import { openWorkbench, type Workbench } from './workbench.js';
import { as } from '../desk/as.js';

let bench: Workbench;
let clock: Clock;
beforeAll(async () => {
  bench = await openWorkbench('demo-powervs');
}, 60_000);
afterAll(async () => {
  await bench.stop();
});
beforeEach(async () => {
  await bench.shared.redis.flushall();
  clock = { aheadMs: 0 };
});

async function proposed(fix: string, target: string): Promise<Change> {
  const { change, request } = await propose(bench, { job: 'propose-fix', fix, target });
  if (change === null) throw new Error(`no change was proposed: ${JSON.stringify(request)}`);
  return change;
}

const staysAway: ScenarioChange = { about: 'RMC stays away', ipv6: false, link: 'O', linkStays: true };
const tooOld: ScenarioChange = { about: 'too old', ipv6: false, link: 'O', rsctLevel: '3.2.0.9' };

const changing = (ran: readonly string[]) =>
  ran.filter((line) => /^(?:rmcctrl|rmcrefreshMD|recfgct|chdev|odm(?:delete|add)|tar) /.test(line));

describe('rmc-ipv6-recovery', () => {
  it('tells a person the address from the log, checks that it is there, and is verified', async () => {
    const node = bench.lab.node('pvs1');
    await node.setScenario('ipv6-missing');
    const before = (await node.ran()).length;
    const change = await proposed('rmc-ipv6-recovery', 'pvs1');
    expect(change.plan.steps.map((step) => step.id)).toEqual([
      'recreate-interface',
      'refresh-rmc',
      'wait-for-rmc',
    ]);
    await approve(bench, change);

    const waiting = await carryOn(change.id, withClock(bench.tools, clock), clock);
    expect(waiting.state).toBe('waiting');
    expect(changing((await node.ran()).slice(before))).toEqual([]);
    const card = await cardOf(bench, waiting);
    expect(card.actions).toEqual(['continue', 'hand-over', 'cancel']);
    expect(card.text).toContain('netaddr6=fe80::f816:3eff:feb2:c21 -a prefixlen=64');
    expect(await bench.shared.locks.take(['node:pvs1'], 'c-other')).toMatchObject({ ok: false });

    // Said too early: what is missing is told, and it waits again.
    expect(await bench.desk.continueChange(change.id, as('UDAVE'))).toMatchObject({ kind: 'done' });
    const early = await carryOn(change.id, withClock(bench.tools, clock), clock);
    expect([early.state, early.note]).toMatchObject([
      'waiting',
      expect.stringContaining('pvs1 has no IPv6 address fe80::f816:3eff:feb2:c21') as string,
    ]);
    expect((await cardOf(bench, early)).text).toContain('Not done yet');

    // Days later, with everything restarted.
    clock.aheadMs += 3 * 24 * 3_600_000;
    await expire(withClock(bench.tools, clock));
    const again = await bench.restart();
    node.configureLinkLocal();
    expect(await again.desk.continueChange(change.id, as('UDAVE'))).toMatchObject({ kind: 'done' });
    const done = await carryOn(change.id, withClock(again.tools, clock), clock);
    await again.close();
    expect([done.state, done.note]).toMatchObject(['verified', expect.stringContaining('pvs1') as string]);
    expect(changing((await node.ran()).slice(before))).toEqual(['rmcctrl -p', 'rmcrefreshMD -s ctrmc']);
    expect(await bench.shared.locks.take(['node:pvs1'], 'c-other')).toEqual({ ok: true });
  }, 120_000);

  it('sends a person to the original image where no log names the address', async () => {
    await bench.lab.node('pvs1').setScenario('ipv6-missing-unlogged');
    const change = await proposed('rmc-ipv6-recovery', 'pvs1');
    expect(change.plan.steps[0]).toMatchObject({ id: 'find-and-recreate', kind: 'person' });
    expect(change.plan.basis.at(-1)).toMatch(/the address is not known: .*log/);
  }, 60_000);

  it('ends after 15 minutes with the words for a support case and the file for it', async () => {
    const node = bench.lab.node('pvs1');
    await node.setScenario(staysAway);
    const change = await proposed('rmc-ipv6-recovery', 'pvs1');
    await approve(bench, change);
    await carryOn(change.id, withClock(bench.tools, clock), clock);
    node.configureLinkLocal();
    await bench.desk.continueChange(change.id, as('UALICE'));
    const done = await carryOn(change.id, withClock(bench.tools, clock), clock);
    expect([done.state, done.note]).toMatchObject([
      'failed',
      expect.stringContaining('ended after 15 min without it') as string,
    ]);
    const card = await cardOf(bench, done);
    expect(card.text).toContain('Open a support case with IBM');
    expect(card.text).toContain('Left to undo by hand');
    const file = JSON.stringify(await bench.shared.outbox.get(`${done.cardKey}:support`));
    for (const words of ['snap -gtkc', 'ctsnap -x runrpttr', 'recreate-interface', 'Network interfaces'])
      expect(file).toContain(words);
  }, 120_000);

  it('has nothing to do where the address is there, and refuses where RSCT is too old or the platform is another', async () => {
    await bench.lab.node('pvs1').setScenario('healthy');
    const there = await propose(bench, { job: 'propose-fix', fix: 'rmc-ipv6-recovery', target: 'pvs1' });
    expect(there.request?.conclusion?.kind).toBe('nothing-to-do');
    await bench.lab.node('pvs1').setScenario(tooOld);
    const old = await propose(bench, { job: 'propose-fix', fix: 'rmc-ipv6-recovery', target: 'pvs1' });
    expect(old.request?.conclusion).toMatchObject({
      kind: 'refused',
      text: expect.stringContaining('3.2.1.0') as string,
    });
    const other = await propose(bench, { job: 'propose-fix', fix: 'rmc-ipv6-recovery', target: 'lpar1' });
    expect(other.request?.conclusion?.text).toContain('not on Power Virtual Server');
  }, 60_000);
});

describe('rmc-own-image-recovery', () => {
  it('takes address and node ID to the own image and is verified there in all three places', async () => {
    const node = bench.lab.node('pvs2');
    await node.setScenario('healthy');
    const { nodeId } = node.state();
    const change = await proposed('rmc-own-image-recovery', 'pvs2');
    expect(change.approvalsNeeded).toBe(2);
    expect(JSON.stringify(change.plan.steps)).toContain(`["-i","${nodeId ?? ''}"]`);
    await approve(bench, change);
    const tools = withClock(bench.tools, clock);
    const first = await carryOn(change.id, tools, clock);
    expect([first.state, first.journal.filter((entry) => entry.kind === 'capture').length]).toEqual([
      'waiting',
      change.plan.captures.length,
    ]);

    // Still on the deployed image: not accepted.
    await bench.desk.continueChange(change.id, as('UALICE'));
    expect((await carryOn(change.id, tools, clock)).note).toContain('is still');

    await node.powerOff();
    await bench.desk.continueChange(change.id, as('UALICE'));
    expect((await carryOn(change.id, tools, clock)).note).toContain('could not be asked');
    await node.bootImage('own');
    const again = await bench.restart();
    const tools2 = withClock(again.tools, clock);
    await again.desk.continueChange(change.id, as('UDAVE'));
    const second = await carryOn(change.id, tools2, clock);
    expect([second.state, second.note]).toEqual(['waiting', '']);
    expect((await cardOf(bench, second)).text).toContain('netaddr6=fe80::f816:3eff:feb2:c22');
    node.configureLinkLocal();
    await again.desk.continueChange(change.id, as('UDAVE'));
    const done = await carryOn(change.id, tools2, clock);
    await again.close();
    expect([done.state, done.note]).toMatchObject([
      'verified',
      expect.stringContaining('all three places') as string,
    ]);
    expect(node.state()).toMatchObject({ nodeId, image: 'own' });
    expect(changing(await node.ran()).filter((line) => line.startsWith('recfgct'))).toEqual([
      `recfgct -i ${nodeId ?? ''}`,
    ]);
  }, 180_000);

  it('refuses where the three places disagree, and where there is no address to take along', async () => {
    await bench.lab.node('pvs2').setScenario('node-id-mismatch');
    const ids = await propose(bench, { job: 'propose-fix', fix: 'rmc-own-image-recovery', target: 'pvs2' });
    expect(ids.request?.conclusion).toMatchObject({
      kind: 'refused',
      text: expect.stringContaining('not the same in all three places') as string,
    });
    await bench.lab.node('pvs2').setScenario('own-image');
    const image = await propose(bench, { job: 'propose-fix', fix: 'rmc-own-image-recovery', target: 'pvs2' });
    expect(image.request?.conclusion?.text).toContain('nothing to take along');
  }, 60_000);

  it('rebuilds nothing where a gate is shut on the own image', async () => {
    const node = bench.lab.node('pvs2');
    await node.setScenario('healthy');
    const change = await proposed('rmc-own-image-recovery', 'pvs2');
    await approve(bench, change);
    const tools = withClock(bench.tools, clock);
    await carryOn(change.id, tools, clock);
    await node.setScenario({
      about: 'own image in a peer domain',
      image: 'own',
      registered: false,
      peerDomain: 'offline',
    });
    await bench.desk.continueChange(change.id, as('UALICE'));
    await carryOn(change.id, tools, clock);
    node.configureLinkLocal();
    const before = (await node.ran()).length;
    await bench.desk.continueChange(change.id, as('UALICE'));
    const done = await carryOn(change.id, tools, clock);
    expect([done.state, done.note]).toMatchObject([
      'failed',
      expect.stringMatching(/gate G1; .*Nothing of/) as string,
    ]);
    expect(changing((await node.ran()).slice(before))).toEqual([]);
    const card = await cardOf(bench, done);
    expect(card.text).toContain('Left to undo by hand');
    expect(card.text).toContain('power pvs2 off');
  }, 120_000);
});
