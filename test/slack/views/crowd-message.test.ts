import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finished } from '../../../src/core/steps.js';
import type { Verdict } from '../../../src/core/verdict.js';
import { crowdSteps } from '../../../src/slack/views/crowd-message.js';
import { checkMessage } from '../block-limits.js';
import { finding, verdict } from './examples.js';
import { hostileText, hostileVerdict } from './hostile.js';

const crowdMessage = (verdicts: readonly Verdict[]) => finished(crowdSteps(verdicts));
const ill = (count: number, excerpt = 'ctrmc rsct inoperative') =>
  Array.from({ length: count }, (_, at) =>
    verdict(`lpar${at + 1}`, [
      finding({
        ...{ title: `RMC is down on lpar${at + 1}`, expected: 'ctrmc active', observed: 'inoperative' },
        evidence: [{ target: `lpar${at + 1}`, command: '/usr/bin/lssrc -s ctrmc', excerpt }],
      }),
    ]),
  );

describe('the message about those that are too many for a message each', () => {
  it('counts them by how bad they are, names them, and has a file with what was found on each', () => {
    const { message, attachment } = crowdMessage(ill(300).reverse());
    expect(message.text).toContain('300 more LPARs are not healthy:* 300 critical.');
    expect(message.text).toContain('lpar1, lpar2, lpar3,');
    expect(message.text).toContain('and 240 more');
    expect(message.text).not.toMatch(/✔|· healthy/);
    checkMessage(message);
    const text = attachment?.content ?? '';
    expect(text.match(/^lpar\d+: critical, read /gm)).toHaveLength(300);
    expect(text).toContain('    expected: ctrmc active\n    found: inoperative\n');
    expect(text).toContain('    # /usr/bin/lssrc -s ctrmc on lpar300\n    ctrmc rsct inoperative');
  });

  it('says one as one, and tells where all of them moved out of it', () => {
    expect(crowdMessage(ill(1)).message.text).toContain('1 more LPAR is not healthy');
    const empty = crowdMessage([]);
    expect([empty.message.text.includes('read again'), empty.attachment]).toEqual([true, null]);
  });

  it('keeps what was found of each where there is too much output', () => {
    const long = Array.from({ length: 18 }, () => 'x'.repeat(190)).join('\n');
    const text = crowdMessage(ill(1_000, long)).attachment?.content ?? '';
    expect(text.length).toBeLessThan(2_500_000);
    expect(text.match(/^lpar\d+: critical, read /gm)).toHaveLength(1_000);
    expect(text.slice(-2_000)).not.toContain('xxx');
  });

  it('stays within Slack’s limits whatever was found, and pings nobody', () => {
    fc.assert(
      fc.property(fc.array(hostileVerdict, { minLength: 1, maxLength: 80 }), hostileText, (all, name) => {
        const { message, attachment } = crowdMessage([
          ...all,
          ...ill(1).map((one) => ({ ...one, target: name })),
        ]);
        checkMessage(message);
        expect(attachment?.content).not.toContain('\u001b');
      }),
      { numRuns: 60 },
    );
  });
});
