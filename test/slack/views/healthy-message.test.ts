import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { healthyMessage } from '../../../src/slack/views/healthy-message.js';
import { checkMessage } from '../block-limits.js';
import { daemonDown, healthy } from './examples.js';
import { hostileText } from './hostile.js';

const note = 'seen from the HMC only (add --deep to log in)';
const many = (count: number) => Array.from({ length: count }, (_, at) => healthy(`lpar${at + 1}`));

describe('the message about all healthy targets', () => {
  it('names them, in the order of their numbers, and nobody else', () => {
    const { message, attachment } = healthyMessage([...many(12).reverse(), daemonDown]);
    expect(message.text).toBe(
      '✔ *12 LPARs* healthy: lpar1, lpar2, lpar3, lpar4, lpar5, lpar6, lpar7, lpar8, lpar9, lpar10, lpar11, lpar12\n' +
        'Nothing wrong with the RMC connection between LPAR and HMC.',
    );
    expect(attachment).toBeNull();
  });

  it('keeps those apart that nobody logged in to', () => {
    const fromHmc = many(3).map((one) => ({ ...one, target: `${one.target}-b`, note }));
    const { message } = healthyMessage([...many(2), ...fromHmc]);
    expect(message.text).toContain('✔ *2 LPARs* healthy: lpar1, lpar2\n');
    expect(message.text).toContain(`✔ *3 LPARs* healthy, ${note}: lpar1-b, lpar2-b, lpar3-b\n`);
  });

  it('has a file with all names where they are too many to be read', () => {
    const { message, attachment } = healthyMessage(many(500));
    expect(message.text).toContain('and 440 more');
    expect(attachment?.content.trim().split('\n')).toHaveLength(500);
    checkMessage(message);
  });

  it('stays within Slack’s limits whatever they are called', () => {
    fc.assert(
      fc.property(fc.array(hostileText, { minLength: 1, maxLength: 200 }), hostileText, (names, words) => {
        const { message } = healthyMessage(
          names.map((name, at) => ({ ...healthy(name), ...(at % 3 === 0 ? { note: words } : {}) })),
        );
        checkMessage(message);
      }),
      { numRuns: 40 },
    );
  });
});
