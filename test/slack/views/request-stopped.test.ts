import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/core/message.js';
import type { Request } from '../../../src/core/request.js';
import { requestCard } from '../../../src/slack/views/request-card.js';
import { checkMessage } from '../block-limits.js';
import { daemonDown, finding, healthy, request, sweep, verdict } from './examples.js';
import { hostileText, hostileVerdict } from './hostile.js';

const at = '2026-03-04T03:12:00.000Z';

function actionsIn({ blocks }: Pick<Message, 'blocks'>): readonly string[] {
  return blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.map((one) => ('action_id' in one ? (one.action_id ?? '') : ''))
      : [],
  );
}

const reading: Request = { ...sweep, phase: 'reading', total: 1_000, done: 2, verdicts: [], offers: [] };
const stopped: Request = { ...reading, phase: 'stopped', stopped: { by: 'U0BOB', at, newer: null } };
const certificates = { job: 'cert-expiry', targets: ['all'], withinDays: 30 } as const;
const ill = (n: number) =>
  Array.from({ length: n }, (_, i) => verdict(`lpar${i}`, [finding({ title: `RMC is down on lpar${i}` })]));

describe('the card of a request that is read', () => {
  it('has a button that stops it, in both dresses, where more than one target is read', () => {
    for (const phase of ['queued', 'reading'] as const) {
      const card = requestCard({ ...reading, phase });
      expect(actionsIn(card)).toEqual(['stop-reading']);
      expect(actionsIn({ blocks: card.rich ?? [] })).toEqual(['stop-reading']);
      expect(JSON.stringify(card.blocks)).toContain(`"value":"${reading.id}"`);
      checkMessage(card);
    }
    expect(actionsIn(requestCard({ ...reading, wish: certificates }))).toEqual(['stop-reading']);
    expect(actionsIn(requestCard({ ...reading, total: 1 }))).toEqual([]);
    const fix = { job: 'propose-fix', fix: 'rmc-restart', target: 'lpar1' } as const;
    expect(actionsIn(requestCard(request({ wish: fix, phase: 'reading' })))).toEqual([]);
    for (const phase of ['done', 'failed'] as const)
      expect(JSON.stringify(requestCard({ ...sweep, phase }))).not.toContain('stop-reading');
  });

  it('names the worst so far, at most five of them, and counts the others', () => {
    const card = requestCard({ ...reading, verdicts: [healthy('lpar99'), ...ill(7)] });
    const drawn = JSON.stringify(card.blocks);
    for (const name of ['lpar0', 'lpar4']) expect(drawn).toContain(`RMC is down on ${name}`);
    expect(drawn).not.toContain('lpar5');
    expect(drawn).toContain('… and 2 more that are not healthy.');
    expect(card.text).toContain('RMC is down on lpar0');
    const six = requestCard({ ...reading, verdicts: ill(6) });
    expect(six.text).toContain('… and 1 more that is not healthy.');
  });
});

describe('the card of a request that was stopped', () => {
  it('says who stopped it after how many of how many, and that nothing is known of the rest', () => {
    const card = requestCard({ ...stopped, verdicts: [daemonDown, healthy('lpar1')] });
    const words =
      'Stopped by <@U0BOB> after 2 of 1,000 LPARs: 1 critical, 1 healthy.* The other 998 were not read: nothing is known of them.';
    expect(card.text).toContain(words);
    expect(JSON.stringify(card.blocks)).toContain(words);
    expect(JSON.stringify(card.rich)).toContain(words);
    expect(actionsIn(card)).toEqual([]);
    checkMessage(card);
  });

  it('names the request that took its place', () => {
    const card = requestCard({
      ...stopped,
      stopped: { by: 'U0BOB', at, newer: 'r-newer' },
      verdicts: [daemonDown],
    });
    expect(card.text).toContain('<@U0BOB> asked the same again, and request `r-newer` took its place.');
    checkMessage(card);
  });

  it('calls nothing healthy where there was no verdict', () => {
    const card = requestCard(stopped);
    expect(card.text).toContain('before there was a verdict:* nothing is known of the 1,000 LPARs.');
    expect(JSON.stringify(card)).not.toMatch(/healthy|✔/);
    checkMessage(card);
  });

  it('says that no digest is made of certificates that were read by half', () => {
    const card = requestCard({ ...stopped, wish: certificates, done: 12 });
    const words =
      'Stopped by <@U0BOB> after 12 of 1,000 nodes: no digest is made.* Nothing is known of what expires on the 1,000 nodes. Nothing was changed.';
    expect(card.text).toContain(words);
    expect(JSON.stringify(card.blocks)).toContain(words);
    checkMessage(card);
    const early = requestCard({ ...stopped, wish: certificates, done: 0 });
    expect(early.text).toContain('Stopped by <@U0BOB> before any node was read: no digest is made.');
  });

  it('stays within Slack’s limits whatever was found and whoever stopped it', () => {
    const many = fc.array(hostileVerdict, { maxLength: 30 });
    fc.assert(
      fc.property(many, hostileText, hostileText, (verdicts, by, newer) => {
        checkMessage(requestCard({ ...stopped, verdicts, stopped: { by, at, newer } }));
        checkMessage(requestCard({ ...reading, verdicts }));
      }),
      { numRuns: 40 },
    );
  });
});
