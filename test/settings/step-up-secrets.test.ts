import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readStepUpSecrets } from '../../src/settings/step-up-secrets.js';

const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('the secrets of step-up codes', () => {
  it('are one line each, with comments, blanks and any letter case', () => {
    const text = `# oncall\r\nUBOB: ${seed}\n\n  UCAROL:gezd gnbv gy3t qojq gezd gnbv gy3t qojq  \n`;
    const { secrets, problems } = readStepUpSecrets(text);
    expect(problems).toEqual([]);
    expect([...secrets.keys()]).toEqual(['UBOB', 'UCAROL']);
    expect([...secrets.values()].map((one) => one.reveal())).toEqual([seed, seed]);
  });

  it('name every line that is wrong, and never what stands in it', () => {
    const { secrets, problems } = readStepUpSecrets(
      [`UBOB: ${seed}`, `@bob: ${seed}`, 'UCAROL: SHORTSECRET', `UBOB: ${seed}`, seed].join('\n'),
    );
    expect([...secrets.keys()]).toEqual(['UBOB']);
    expect(problems.map(({ problem }) => problem.slice(0, 7))).toEqual([
      'Line 2:',
      'Line 3:',
      'Line 4:',
      'Line 5:',
    ]);
    for (const hidden of [seed, 'SHORTSECRET']) {
      expect(JSON.stringify(problems)).not.toContain(hidden);
      expect(inspect(secrets, { depth: 9 })).not.toContain(hidden);
    }
  });
});
