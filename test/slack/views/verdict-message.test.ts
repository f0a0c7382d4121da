import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matrixLines } from '../../../src/core/pair-matrix.js';
import { requestCard } from '../../../src/slack/views/request-card.js';
import { verdictMessage } from '../../../src/slack/views/verdict-message.js';
import { checkMessage } from '../block-limits.js';
import { daemonDown, finding, healthy, request, verdict } from './examples.js';
import { hostileVerdict } from './hostile.js';

describe('the message about one target', () => {
  it('holds every finding with its evidence, and says that nothing was changed', () => {
    const { message, attachment } = verdictMessage(daemonDown, request().offers);
    const drawn = JSON.stringify(message.blocks);
    for (const words of [
      'RMC is down',
      'no connection to this LPAR',
      '/usr/bin/lssrc -a',
      'lspartition -dlpar',
      'Nothing was changed',
    ])
      expect(drawn).toContain(words);
    expect(attachment).toBeNull();
    checkMessage(message);
  });

  it('is one line for a healthy target', () => {
    const { message, attachment } = verdictMessage(healthy('lpar1'), []);
    expect(message.text).toBe(
      '✔ *lpar1* is healthy. Nothing wrong with the RMC connection between LPAR and HMC.',
    );
    expect(attachment).toBeNull();
  });

  it('shows head and tail of long output, and the whole as a file named for target and diagnostic', () => {
    const excerpt = Array.from({ length: 128 }, (_, i) => `line ${i + 1}`).join('\n');
    const { message, attachment } = verdictMessage(
      verdict('lpar2', [finding({ evidence: [{ target: 'lpar2', command: 'x', excerpt }] })]),
      [],
    );
    expect(JSON.stringify(message.blocks)).toContain('… 120 lines hidden …');
    expect(attachment?.filename).toBe('lpar2-rmc.txt');
    expect(attachment?.content).toContain('line 64');
  });

  it('shows the same output once, however many findings rest on it', () => {
    const { message } = verdictMessage(verdict('lpar2', [finding(), finding({ id: 'rmc.drm-down' })]), []);
    expect(JSON.stringify(message.blocks).split('/usr/bin/lssrc -a')).toHaveLength(2);
  });

  it('puts into the file what has no room', () => {
    const findings = Array.from({ length: 60 }, (_, i) =>
      finding({
        id: `f.${i}`,
        title: `${i} ${'x'.repeat(3_000)}`,
        evidence: [{ target: 'a', command: `c${i}`, excerpt: 'short' }],
      }),
    );
    const { message, attachment } = verdictMessage(verdict('lpar2', findings), []);
    expect(JSON.stringify(message.blocks)).toMatch(/and \d+ more parts/);
    expect(attachment?.content).toContain('f.59');
    checkMessage(message);
  });

  it('names a file harmlessly for a hostile target', () => {
    const excerpt = 'x\n'.repeat(50);
    const { attachment } = verdictMessage(
      verdict('../../etc/<x>', [finding({ evidence: [{ target: 'a', command: 'b', excerpt }] })]),
      [],
    );
    expect(attachment?.filename).toBe('etc-x--rmc.txt');
  });

  it('shows and keeps no secret', () => {
    const excerpt = `password=hunter2canary\n${'x\n'.repeat(50)}`;
    const answer = verdictMessage(
      verdict('lpar2', [finding({ evidence: [{ target: 'a', command: 'b', excerpt }] })]),
      [],
    );
    expect(JSON.stringify(answer)).not.toContain('hunter2canary');
  });

  it('takes ten megabytes of output', () => {
    const excerpt = 'Subsystem <Group> & PID `Status`\n'.repeat(320_000);
    const { message, attachment } = verdictMessage(
      verdict('lpar2', [finding({ evidence: [{ target: 'a', command: 'b', excerpt }] })]),
      [],
    );
    expect(attachment?.content.length).toBeGreaterThan(10_000_000);
    checkMessage(message);
  });

  it('stays within Slack’s limits whatever was found', () => {
    fc.assert(
      fc.property(hostileVerdict, fc.nat({ max: 15 }), (one, n) => {
        const offers = Array.from({ length: n }, (_, i) => ({
          id: `o-${i}`,
          fix: 'rmc-restart',
          target: one.target,
        }));
        checkMessage(verdictMessage(one, offers).message);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the message about a cluster', () => {
  const matrix = {
    nodes: ['erp1', 'erp2'],
    rounds: 3,
    answered: [
      [3, 0],
      [3, 0],
    ],
  };
  const lines = matrixLines(matrix).join('\n');
  const evidence = { target: 'erp', command: 'clrsh', excerpt: lines };
  const failing = {
    ...verdict('erp', [finding({ id: 'clcomd.pair-failing', evidence: [evidence] })]),
    matrix,
  };

  it('shows who reached whom once, with a sentence for who cannot see it', () => {
    const { message } = verdictMessage({ ...failing, diagnostic: 'clcomd' }, []);
    const drawn = JSON.stringify(message.blocks);
    expect(drawn.split('✗ 0/3')).toHaveLength(3);
    expect(drawn).toContain('✗ none');
    expect(message.text).toContain('erp1 to erp2 0 of 3; erp2 to erp2 0 of 3');
    checkMessage(message);
  });

  it('tells what is for information apart from what is wrong', () => {
    const note = finding({
      id: 'clcomd.certificate-expired',
      severity: 'ok',
      title: 'Expired certificate found',
    });
    const { message } = verdictMessage({ ...failing, findings: [...failing.findings, note] }, []);
    expect(JSON.stringify(message.blocks)).toContain('For information: *Expired certificate found*');
    expect(message.text).toContain('For information: Expired certificate found');
  });

  it('has the log of a finding whole in the file, with the pairs at its head', () => {
    const log = {
      target: 'erp1',
      command: 'tail',
      excerpt: Array.from({ length: 100 }, (_, i) => `<!channel> ${i}`).join('\n'),
    };
    const { message, attachment } = verdictMessage(
      { ...failing, findings: [finding({ evidence: [log] })] },
      [],
    );
    expect(attachment?.content).toContain('<!channel> 57');
    expect(attachment?.content).toContain(lines);
    expect(JSON.stringify(message)).not.toContain('<!channel>');
  });

  it('keeps a card with hostile names within the limits', () => {
    const nodes = ['<!channel>', '```', '\u001b[31m', 'x'.repeat(500), ':tada:', 'a', 'b', 'c'];
    const wild = { nodes, rounds: 3, answered: nodes.map(() => nodes.map(() => null)) };
    const card = requestCard(
      request({ phase: 'done', verdicts: [{ ...failing, matrix: wild }], offers: [] }),
    );
    checkMessage(card);
    expect(JSON.stringify(card)).not.toContain('<!channel>');
  });
});
