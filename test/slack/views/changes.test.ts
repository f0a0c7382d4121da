import { describe, expect, it } from 'vitest';
import { endStates, type Change, type ChangeState } from '../../../src/approval/states.js';
import type { CertificateLine } from '../../../src/digest/edition.js';
import { withoutOutputs } from '../../../src/approval/outputs.js';
import { changeModal, placeOfModal, type ChangeDetails } from '../../../src/slack/views/change-details.js';
import { recordFile } from '../../../src/slack/views/change-record.js';
import { changesMessage, locksMessage, type ChangesPage } from '../../../src/slack/views/changes-list.js';
import { homeTrouble, homeView, type Home } from '../../../src/slack/views/home.js';
import { busyWeek, changeIn, hostileOutput } from '../../approval/many-changes.js';
import { exampleChange } from '../../approval/example-change.js';
import { exampleRollout } from '../../approval/example-rollout.js';
import { checkMessage, checkView } from '../block-limits.js';

const now = Date.parse('2026-11-21T08:00:00Z');
const nasty = `<!channel> @here <https://evil.example|x> *b* \`c\` \u202e${'y'.repeat(4_000)}`;

const page: ChangesPage = {
  kind: 'page',
  asked: '/changes lpar1',
  isFiltered: true,
  ...{ changes: [], hidden: 0, total: 0, from: 0, newer: null, older: null, locks: [], freeze: null },
};

const empty: Home = {
  at: '2026-11-21T08:00:00.000Z',
  isAllowed: true,
  ...{ decide: [], carry: [], asked: [], unknown: [], running: [], expiring: [], locks: [], rollouts: [] },
  isMore: false,
  freeze: null,
};

/** Every text of a change that comes from a node, a person or a file is as long and as nasty as can be. */
function nastyChange(state: ChangeState): Change {
  const change = changeIn('c-nasty', { state, createdMs: now });
  const { plan } = change;
  const steps = Array.from({ length: 60 }, (_, n) => {
    const [step] = plan.steps;
    if (step === undefined) throw new Error('no step');
    return { ...step, id: `${step.id}-${n}`, title: nasty };
  });
  const outcome = { kind: 'exited', exitCode: 1, stdout: hostileOutput.repeat(10), stderr: nasty } as const;
  return {
    ...change,
    plan: {
      ...plan,
      ...{ title: nasty, target: nasty, fix: nasty, interrupts: nasty, steps },
      basis: Array.from({ length: 50 }, () => nasty),
      locks: Array.from({ length: 40 }, (_, n) => `node:${nasty}${n}`),
    },
    note: nasty,
    requester: nasty,
    history: Array.from({ length: 200 }, (_, n) => ({
      at: `t${n}`,
      move: 'resume' as const,
      by: nasty,
      note: nasty,
    })),
    journal: steps.map(({ id }) => ({
      kind: 'result' as const,
      step: id,
      at: '2026-11-21T08:01:00Z',
      outcome,
    })),
  };
}

const details = (change: Change): ChangeDetails => ({
  kind: 'details',
  change,
  trail: Array.from({ length: 25 }, () => ({
    at: '2026-11-21T08:00:00.000Z',
    code: 'change.decided',
    actor: nasty,
    detail: { reason: nasty, sequence: 4 },
  })),
  card: null,
  permalink: 'https://example.slack.com/archives/C0OPS/p1',
});

const states = [...endStates, 'proposed', 'approved', 'running', 'waiting', 'verifying', 'unknown'] as const;

describe('the list of changes', () => {
  it('says what to do where there is none, and where none fits', () => {
    const none = changesMessage({ ...page, isFiltered: false, asked: '/changes' });
    checkMessage(none);
    expect(none.text).toContain('There is no change yet');
    const noFit = changesMessage(page);
    expect(noFit.text).toContain('*No change fits* `/changes lpar1`');
    expect(noFit.blocks.some(({ type }) => type === 'actions')).toBe(false);
  });

  it('stays within Slack’s limits for thousands, and turns pages', () => {
    const changes = busyWeek(10, now);
    const locks = busyWeek(300, now).map((change, n) => ({ key: `node:n${n}`, holder: change.id, change }));
    const message = changesMessage({
      ...{ ...page, changes, hidden: 3, total: 12_345, from: 120, newer: 'p1', older: 'p2', locks },
      freeze: { by: 'UBOB', at: '2026-11-21T07:00:00.000Z', reason: nasty },
    });
    checkMessage(message);
    expect(message.text).toContain('12,345 changes, 121 to 133');
    expect(message.text).toContain('3 changes of this page not shown');
    expect(JSON.stringify(message.blocks)).toContain('294 more');
    checkMessage(locksMessage({ kind: 'locks', locks, freeze: null }));
  });

  it.each(states)('shows nothing of a change that is %s as anything but text', (state) => {
    const change = nastyChange(state);
    const changes = Array.from({ length: 10 }, () => change);
    const locks = [
      { key: `node:${nasty}`, holder: nasty, change: null },
      { key: 'node:x', holder: nasty, change },
    ];
    checkMessage(changesMessage({ ...page, asked: nasty, changes, total: 10, locks }));
    checkMessage(locksMessage({ kind: 'locks', locks, freeze: null }));
  });

  it('says what each open change waits for, and who decided on each that has ended', () => {
    const line = (state: ChangeState) =>
      changesMessage({ ...page, total: 1, changes: [changeIn('c-1', { state, createdMs: now })] }).text;
    expect(line('proposed')).toContain('Waits for 1 approval, until');
    expect(line('waiting')).toContain('Waits for <@UALICE>: Step 1 of 1 (Boot it from its own image)');
    expect(line('unknown')).toContain('Waits for a person to look at the node');
    expect(line('approved')).toContain('Approved by <@UBOB>. Starts as soon as');
    expect(line('verified')).toContain('Approved by <@UBOB>. Ended');
    expect(line('rejected')).toMatch(/Nobody approved it|Ended .* by <@UBOB>/);
  });
});

describe('the details of a change', () => {
  it.each(states)('stay within Slack’s limits and harmless for one that is %s', (state) => {
    checkView(changeModal(details(changeIn('c-1', { state, createdMs: now })), 'C0OPS'));
    checkView(changeModal(details(nastyChange(state)), 'C0OPS', 'Done.'));
  });

  it('show plan, people, history, output and records, and carry no more than their channel', () => {
    const change = changeIn('c-1', { state: 'failed', createdMs: now });
    const view = changeModal(details(change), 'C0OPS');
    const text = JSON.stringify(view);
    for (const words of [
      '/usr/sbin/rsct/bin/rmcctrl -p',
      'RMC is away for some seconds',
      'Approved by:* <@UBOB>',
      'started by worker',
      'Ended with exit status 1',
      '0513-000 The ctrmc',
      '48 lines hidden',
      'change.decided',
    ])
      expect(text).toContain(words);
    expect(text).not.toContain('hunter2secret');
    expect(text).not.toContain('0513-030');
    expect(view.private_metadata).toBe('{"channel":"C0OPS"}');
    expect([placeOfModal('{"channel":"C0OPS"}'), placeOfModal('{"x":1}'), placeOfModal('')]).toEqual([
      'C0OPS',
      null,
      null,
    ]);
  });

  it('say that outputs were removed, and never that nothing was printed', () => {
    const ended = changeIn('c-1', { state: 'failed', createdMs: now });
    const change = { ...ended, ...withoutOutputs(ended, '2026-12-24T07:00:00.000Z') };
    expect(change.outputsRemovedAt).toBe('2026-12-24T07:00:00.000Z');
    const shown = JSON.stringify(changeModal(details(change), 'C0OPS'));
    expect(shown).toContain('was removed');
    expect(shown).not.toContain('It printed nothing');
    expect(recordFile(change).content).toContain('All outputs were removed 2026-12-24');
  });

  it('have the whole of every output in their file, without secrets', () => {
    const { content, filename } = recordFile(changeIn('c-1', { state: 'failed', createdMs: now }));
    expect(filename).toBe('c-1-record.txt');
    for (let n = 0; n < 60; n += 1)
      expect(content).toContain(`0513-0${String(n).padStart(2, '0')} The ctrmc`);
    expect(content).not.toContain('hunter2secret');
    expect(content).toContain('approve by UBOB');
  });
});

describe('the Home tab', () => {
  it('says that nothing waits, who may see nothing, and that Redis is away', () => {
    expect(JSON.stringify(homeView(empty, null))).toContain('Nothing waits for you, and nothing runs');
    expect(JSON.stringify(homeView({ ...empty, isAllowed: false }, null))).toContain(
      'You may not see changes here',
    );
    expect(JSON.stringify(homeTrouble('Approved.'))).toContain('Redis did not answer');
    for (const view of [
      homeView(empty, 'Done.'),
      homeTrouble(null),
      homeTrouble(nasty.replace(/[<>@*`:\u202e]/g, '')),
    ])
      checkView(view);
  });

  it('stays within Slack’s limits where everything waits, whatever the changes say', () => {
    const lines = Array.from({ length: 500 }, (_, n) => certificate(n));
    const many = (state: ChangeState) => Array.from({ length: 60 }, () => nastyChange(state));
    const view = homeView(
      {
        ...empty,
        ...{
          decide: many('proposed'),
          carry: many('waiting'),
          asked: many('proposed'),
          unknown: many('unknown'),
        },
        ...{ running: many('running'), isMore: true, expiring: lines },
        rollouts: Array.from({ length: 60 }, (_, n) => ({
          rollout: exampleRollout({ title: nasty, requester: nasty, channel: nasty, createdAt: nasty }),
          waitsForMe: n === 0,
        })),
        locks: Array.from({ length: 99 }, (_, n) => ({ key: `node:${n}`, holder: nasty, change: null })),
        freeze: { by: nasty, at: nasty, reason: nasty },
      },
      'Done.',
    );
    checkView(view);
    expect(JSON.stringify(view)).toContain('Waits for your approval (60)');
    expect(JSON.stringify(view)).toContain('… and 492 more');
  });

  it('says where the card of each roll-out is, and which waits for one’s approval', () => {
    const running = exampleRollout({ id: 'o-r2', state: 'running', begun: 2 });
    const rollouts = [
      { rollout: exampleRollout({ approvalsNeeded: 2 }), waitsForMe: true },
      { rollout: running, waitsForMe: false },
    ];
    const text = JSON.stringify(homeView({ ...empty, rollouts }, null));
    expect(text).toContain('Waits for your approval:* *Let the HMC in, on 4 LPARs*');
    expect(text).toContain('0 of 2 approvals');
    expect(text).toContain('wave 2 of 3, 4 targets in all');
    expect(text).toContain(`in <#${running.channel}>`);
    expect(text).not.toContain('Nothing waits for you');
  });

  it('gives each thing the buttons of its card, which carry its id and nothing else', () => {
    const view = homeView(
      {
        ...empty,
        decide: [exampleChange({ id: 'c-1' })],
        carry: [changeIn('c-2', { state: 'waiting', createdMs: now })],
        asked: [exampleChange({ id: 'c-3' })],
        unknown: [exampleChange({ id: 'c-4', state: 'unknown' })],
        running: [exampleChange({ id: 'c-5', state: 'running' })],
        expiring: [certificate(6)],
      },
      null,
    );
    const buttons = JSON.stringify(view).matchAll(
      /"action_id":"(?<action>[^"]+)".{0,120}?"value":"(?<value>[^"]+)"/g,
    );
    expect([...buttons].map(({ groups }) => `${groups?.['action']} ${groups?.['value']}`)).toEqual([
      'home-refresh home',
      ...['approve c-1', 'reject c-1', 'change-details c-1'],
      ...['continue c-2', 'cancel c-2', 'change-details c-2'],
      ...['look-again c-4', 'close c-4', 'change-details c-4'],
      ...['withdraw c-3', 'change-details c-3'],
      'change-details c-5',
      'cert-details line-6',
    ]);
  });

  it('says where a plan is too long to be read here', () => {
    const change = changeIn('c-1', { state: 'proposed', createdMs: now });
    const [step] = change.plan.steps;
    const steps = step === undefined ? [] : Array.from({ length: 80 }, (_, n) => ({ ...step, id: `s${n}` }));
    const view = homeView({ ...empty, decide: [{ ...change, plan: { ...change.plan, steps } }] }, null);
    expect(JSON.stringify(view)).toContain('read the whole plan behind Details before you approve');
  });
});

function certificate(n: number): CertificateLine {
  return {
    kind: 'certificate',
    id: `line-${n}`,
    band: n % 2 === 0 ? 'expired' : '7d',
    owner: nasty,
    name: nasty,
    ...{ subject: nasty, issuer: nasty, serialEnd: 'ab12', fingerprint: `f${n}`, type: 'leaf' },
    notBefore: '2020-01-01T00:00:00.000Z',
    notAfter: '2026-11-22T00:00:00.000Z',
    isClusterSecurity: false,
    places: [{ item: 'i', target: nasty, cluster: null, path: nasty, label: nasty, lastSeen: null }],
    quietPlaces: 0,
    ended: null,
  };
}
