import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/core/message.js';
import { requestCard } from '../../../src/slack/views/request-card.js';
import { checkMessage } from '../block-limits.js';
import { daemonDown, finding, healthy, levelLow, request, sweep, unreachable, verdict } from './examples.js';
import { hostileText, hostileVerdict } from './hostile.js';

interface Found {
  readonly action_id: string;
  readonly value: string;
  readonly text: { readonly text: string };
}

function buttons(message: Message): readonly Found[] {
  return message.blocks.flatMap((block) => {
    if (block.type === 'section' && block.accessory !== undefined) return [block.accessory as Found];
    return block.type === 'actions' ? (block.elements as Found[]) : [];
  });
}

const drawn = (message: Message): string => JSON.stringify(message.blocks);

describe('the card of a request', () => {
  it('says that it is queued and that nothing is changed', () => {
    const card = requestCard(request({ phase: 'queued', verdicts: [], offers: [] }));
    expect(card.text).toContain(
      'Queued: reading the RMC connection between LPAR and HMC. Nothing is changed',
    );
    checkMessage(card);
  });

  it('says how many of how many are read', () => {
    const card = requestCard({
      ...sweep,
      phase: 'reading',
      done: 3,
      total: 5,
      verdicts: [daemonDown],
      offers: [],
    });
    expect(card.text).toContain('3 of 5 done');
    expect(drawn(card)).toContain('So far 1 LPAR: 1 critical.');
    checkMessage(card);
  });

  it('has a checklist and a table in its rich dress, worst first', () => {
    const under = requestCard({ ...sweep, phase: 'reading', done: 3, total: 5, verdicts: [], offers: [] });
    expect(under.rich?.[0]).toMatchObject({
      type: 'plan',
      tasks: [
        { status: 'complete' },
        { title: 'Reading: 3 of 5 done', status: 'in_progress' },
        { status: 'pending' },
      ],
    });
    const card = requestCard({ ...sweep, phase: 'done', verdicts: [healthy('lpar1'), daemonDown] });
    const table = card.rich?.find((block) => block.type === 'data_table');
    expect(table?.rows.map((row) => row.map((cell) => ('text' in cell ? cell.text : '')))).toEqual([
      ['Target', 'Verdict', 'Found'],
      [daemonDown.target, '✖ critical', 'RMC is down: ctrmc is not running'],
      ['lpar1', '✔ healthy', '–'],
    ]);
    checkMessage(under);
    checkMessage(card);
  });

  it('says in its rich dress how many rows have no room', () => {
    const many = Array.from({ length: 400 }, (_, at) => ({ ...daemonDown, target: `lpar${at}` }));
    const card = requestCard({ ...sweep, phase: 'done', verdicts: many });
    const rows = card.rich?.find((block) => block.type === 'data_table')?.rows.length ?? 0;
    expect(JSON.stringify(card.rich)).toContain(`… and ${400 - (rows - 1)} more rows in the thread.`);
    checkMessage(card);
  });

  it('leads with the root cause of one target, and names the rest as its consequence', () => {
    const card = requestCard(request());
    const [first] = card.blocks;
    expect(first).toMatchObject({
      text: {
        text: '✖ *lpar2: critical* — RMC is down: ctrmc is not running\nExpected: ctrmc active\nFound: ctrmc inoperative',
      },
    });
    expect(drawn(card)).toContain('because RMC is down');
    expect(card.text.indexOf('RMC is down')).toBeLessThan(card.text.indexOf('no connection'));
    checkMessage(card);
  });

  it('says of a healthy target what was looked at', () => {
    const card = requestCard(request({ verdicts: [healthy('lpar1')], offers: [] }));
    expect(card.text).toContain('✔ *lpar1* is healthy.');
    expect(buttons(card)).toHaveLength(0);
  });

  it('never calls a target healthy that has no finding and is not ok', () => {
    const card = requestCard(request({ verdicts: [verdict('lpar1', [], 'unknown')], offers: [] }));
    expect(card.text).toContain('unknown: no finding says why');
    expect(card.text).not.toContain('healthy');
  });

  it('puts the id of an offer into its button and nothing else', () => {
    expect(buttons(requestCard(request()))).toMatchObject([
      { action_id: 'offer', value: 'o-1', text: { text: 'Propose rmc-restart' } },
    ]);
    expect(buttons(requestCard(sweep)).map((button) => button.text.text)).toEqual([
      'Propose rmc-restart on lpar2',
      'Propose rmc-restart on lpar3',
    ]);
  });

  it('counts many targets worst first, and leaves no level out', () => {
    const card = requestCard(sweep);
    expect(card.text.split('\n')[0]).toBe('8 LPARs: 2 critical, 1 unknown, 1 warning, 4 healthy.');
    const table = drawn(card);
    const order = ['lpar2', 'lpar3', 'lpar7', 'lpar5', 'lpar1'].map((name) => table.indexOf(name));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    checkMessage(card);
  });

  it('groups the same finding of many targets', () => {
    const verdicts = Array.from({ length: 40 }, (_, i) => ({ ...daemonDown, target: `lpar${i}` }));
    expect(drawn(requestCard({ ...sweep, verdicts, offers: [] }))).toContain(
      '40 × RMC is down: ctrmc is not running',
    );
  });

  it('says so when the titles of a group differ', () => {
    const verdicts = Array.from({ length: 40 }, (_, i) =>
      verdict(`lpar${i}`, [finding({ title: `RSCT 3.1.${i} is too old` })]),
    );
    expect(drawn(requestCard({ ...sweep, verdicts, offers: [] }))).toContain(
      'RSCT 3.1.0 is too old (and similar)',
    );
  });

  it('shows a few buttons of many, those of the worst targets, and says how many more there are', () => {
    const bad = Array.from({ length: 20 }, (_, i) => ({ ...daemonDown, target: `lpar${i}` }));
    const offers = [levelLow, ...bad].map(({ target }) => ({
      id: `o-${target}`,
      fix: 'rmc-restart',
      target,
    }));
    const card = requestCard({ ...sweep, verdicts: [levelLow, ...bad, unreachable], offers });
    expect(buttons(card).map((button) => button.value)).toEqual([
      'o-lpar0',
      'o-lpar1',
      'o-lpar2',
      'o-lpar3',
      'o-lpar4',
    ]);
    expect(drawn(card)).toContain('and 16 more suggested fixes in the thread');
  });

  it('shows the title of a fix where it is known', () => {
    expect(drawn(requestCard(request(), { fixes: { 'rmc-restart': 'Restart RMC' } }))).toContain(
      'Restart RMC (`rmc-restart`)',
    );
  });

  it('shows in parts of the table what has no room in one, and every group with its names', () => {
    const verdicts = Array.from({ length: 500 }, (_, i) =>
      i % 2 === 0
        ? healthy(`lpar-with-a-longer-name-${i}`)
        : verdict(`lpar-with-a-longer-name-${i}`, [
            finding({ id: `f.${i % 7}`, title: `finding ${i % 7} of seven` }),
          ]),
    );
    const card = requestCard({ ...sweep, verdicts, offers: [] });
    const tables = card.blocks.filter((block) => JSON.stringify(block).includes('```'));
    expect(tables.length).toBeGreaterThan(1);
    for (const group of [0, 1, 2, 3, 4, 5, 6]) expect(drawn(card)).toContain(`finding ${group} of seven`);
    expect(drawn(card)).toMatch(/✔ healthy +250/);
    checkMessage(card);
  });

  it('says of each LPAR that nobody logged in to', () => {
    const note = 'seen from the HMC only (add --deep to log in)';
    const one = requestCard(request({ verdicts: [{ ...healthy('lpar1'), note }], offers: [] }));
    expect(one.text).toContain(`✔ *lpar1* is healthy, ${note}.`);
    const bad = requestCard(request({ verdicts: [{ ...daemonDown, note }], offers: [] }));
    expect(drawn(bad)).toContain('Seen from the HMC only (add --deep to log in).');
    const table = drawn(
      requestCard({ ...sweep, verdicts: [{ ...healthy('lpar1'), note }, healthy('lpar2')], offers: [] }),
    );
    expect(table).toMatch(/lpar1 +✔ healthy +seen from the HMC only/);
    expect(table).not.toMatch(/lpar2 +✔ healthy +seen/);
  });

  it('keeps the healthy ones that nobody logged in to in a row of their own', () => {
    const note = 'seen from the HMC only (add --deep to log in)';
    const verdicts = Array.from({ length: 60 }, (_, i) => ({
      ...healthy(`lpar${i}`),
      ...(i < 40 ? { note } : {}),
    }));
    const table = drawn(requestCard({ ...sweep, verdicts, offers: [] }));
    expect(table).toContain('40 × seen from the HMC only');
    expect(table).toMatch(/✔ healthy +20\\n/);
  });

  it('says which targets are read again, why and when', () => {
    const pending = (name: string) =>
      verdict(
        name,
        [finding({ id: 'rmc.pending-authentication', severity: 'warn', needsSecondRead: true, fixes: [] })],
        'warn',
      );
    const waiting = request({
      phase: 'waiting',
      verdicts: [pending('lpar4')],
      offers: [],
      secondRead: { at: '2026-03-04T03:12:00.000Z', targets: ['lpar4'] },
    });
    const line =
      'lpar4: the handshake is not finished; reading again at <!date^1772593920^{time}|03:12 UTC>.';
    expect(requestCard(waiting).text).toContain(line);
    checkMessage(requestCard(waiting));
    expect(requestCard({ ...waiting, phase: 'done' }).text).not.toContain('reading again');
    const several = requestCard({
      ...waiting,
      verdicts: [pending('lpar4'), pending('lpar9'), healthy('lpar1')],
      secondRead: { at: '2026-03-04T03:12:00.000Z', targets: ['lpar4', 'lpar9'] },
    });
    expect(several.text).toContain('lpar4, lpar9: the handshake is not finished; reading again at');
    checkMessage(several);
  });

  it('explains a failure in words', () => {
    const error = {
      class: 'ConnectError',
      reason: 'timed-out',
      message: 'Connecting to hmc1:22 timed out after 10 s.',
    } as const;
    const card = requestCard(request({ phase: 'failed', verdicts: [], offers: [], error }));
    expect(card.text).toContain('Connecting to hmc1:22 timed out after 10 s. Nothing was run.');
    expect(card.text).toContain('r-7f3a91');
    checkMessage(card);
    checkMessage(requestCard(request({ phase: 'failed', error: null })));
  });

  it('says why there is no plan', () => {
    const wish = { job: 'propose-fix', fix: 'rmc-restart', target: 'lpar1' } as const;
    const refused = requestCard(
      request({
        wish,
        verdicts: [],
        offers: [],
        conclusion: { kind: 'refused', text: 'lpar1 is in a peer domain' },
      }),
    );
    expect(refused.text).toContain('lpar1 is in a peer domain. Nothing was changed.');
    const nothing = requestCard(
      request({ wish, verdicts: [], offers: [], conclusion: { kind: 'nothing-to-do', text: 'RMC is up' } }),
    );
    expect(nothing.text).toContain('Nothing to do');
    checkMessage(refused);
  });

  it('has a card for every wish in every phase', () => {
    const wishes = [
      request().wish,
      { job: 'propose-fix', fix: 'x', target: 'lpar1' },
      { job: 'roll-back', change: 'c-1' },
    ] as const;
    for (const wish of wishes) {
      for (const phase of ['queued', 'reading', 'waiting', 'done', 'failed'] as const)
        checkMessage(requestCard(request({ wish, phase, verdicts: [], offers: [] })));
    }
  });

  it('shows the shape of a secret nowhere', () => {
    const leak = finding({
      title: 'x password=hunter2canary',
      observed: 'password=hunter2canary',
      evidence: [{ target: 'a', command: 'b', excerpt: 'password=hunter2canary' }],
    });
    const one = requestCard(request({ verdicts: [verdict('lpar1', [leak, leak])] }));
    const many = requestCard(request({ verdicts: [verdict('lpar1', [leak]), verdict('lpar2', [leak])] }));
    expect(JSON.stringify([one, many])).not.toContain('hunter2canary');
  });

  it('stays within Slack’s limits for 500 targets with titles of 3,000 hostile characters', () => {
    const title = '<!channel> & 👨‍👩‍👧‍👦 \u202e مرحبا ``` '.repeat(100);
    const verdicts = Array.from({ length: 500 }, (_, i) =>
      verdict(`lpar<${i}>&`, [finding({ id: `f.${i % 40}`, title: `${i} ${title}` })]),
    );
    const offers = verdicts.map(({ target }) => ({ id: `o-${target.length}`, fix: 'rmc-restart', target }));
    checkMessage(requestCard({ ...sweep, verdicts, offers }));
    checkMessage(requestCard({ ...sweep, verdicts: verdicts.slice(0, 25), offers }));
  });

  it('stays within Slack’s limits whatever was found', () => {
    fc.assert(
      fc.property(
        fc.array(hostileVerdict, { minLength: 1, maxLength: 30 }),
        hostileText,
        (verdicts, asked) => {
          const offers = verdicts.map(({ target }, i) => ({ id: `o-${i}`, fix: 'rmc-restart', target }));
          checkMessage(requestCard(request({ asked, verdicts, offers })));
        },
      ),
      { numRuns: 60 },
    );
  });
});
