import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangeState } from '../../../src/approval/states.js';
import type { Message } from '../../../src/core/message.js';
import { nodeChange } from '../../../src/core/remote-command.js';
import { changeCard, planFile } from '../../../src/slack/views/change-card.js';
import { capturesFile, stepMessage } from '../../../src/slack/views/change-thread.js';
import { tooLateMessage } from '../../../src/slack/views/private.js';
import { checkMessage } from '../block-limits.js';
import {
  approver,
  change,
  changes,
  move,
  plan,
  ran,
  requester,
  restart,
  result,
  started,
} from './examples.js';
import { hostileChange, hostileText } from './hostile.js';

const context = { approversHint: '<!subteam^S0UNIX>', mayRollBack: true };
const states = Object.keys(changes) as ChangeState[];
const card = (state: ChangeState): Message => changeCard(changes[state], context);

function actionsOf(message: Message): readonly string[] {
  return message.blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.map((element) => ('action_id' in element ? (element.action_id ?? '') : ''))
      : [],
  );
}

const drawn = (message: Message): string => JSON.stringify(message.blocks);

describe('the card of a proposed change', () => {
  const proposed = card('proposed');

  it('shows the literal commands, what is interrupted, saved, proven and undone, the digest and the expiry', () => {
    const shown = drawn(proposed);
    for (const words of [
      '/usr/sbin/rsct/bin/rmcctrl -z\\n',
      '/usr/sbin/rsct/bin/rmcctrl -A ',
      '/usr/sbin/rsct/bin/rmcctrl -p ',
      '*Interrupts:* RMC, all its resource managers',
      '*Saved first:* subsystems, management domain',
      '*Counts as done when:*',
      '*Undone by:* `/usr/sbin/rsct/bin/rmcctrl -z`',
      'risk medium',
      changes.proposed.digest.slice(0, 12),
      '*Made from:*',
      '<!date^',
    ])
      expect(shown).toContain(words);
  });

  it('says in its text what is needed to decide by ear', () => {
    for (const words of [
      'Approval needed',
      'lpar2',
      'rmcctrl -z',
      'rmcctrl -A',
      'Interrupts',
      'Undone by',
      'Expires',
      changes.proposed.digest.slice(0, 12),
    ])
      expect(proposed.text).toContain(words);
  });

  it('has the three buttons, each with the id of the change', () => {
    expect(actionsOf(proposed)).toEqual(['approve', 'reject', 'withdraw']);
    expect(drawn(proposed).match(/"value":"c-7f3a91"/g)).toHaveLength(3);
  });

  it('says who may approve and who may not, and who has', () => {
    expect(proposed.text).toContain(`1 approval needed from <!subteam^S0UNIX>, not from <@${requester}>`);
    const half = change('proposed', {
      approvalsNeeded: 2,
      approvals: [{ user: approver, at: '2026-03-04T03:07:00.000Z' }],
    });
    expect(changeCard(half, context).text).toContain('1 of 2 approvals given (<@U0APPROVER>');
  });

  it('calls no channel, whatever the policy names', () => {
    expect(changeCard(changes.proposed, { ...context, approversHint: '<!channel>' }).text).toContain(
      '&lt;!channel',
    );
  });

  it('says that the file holds what is cut', () => {
    const commands = Array.from({ length: 80 }, (_, i) => ({
      command: nodeChange('once', '/usr/bin/chdev', ['-l', `cluster${i}`, '-a', 'x'.repeat(40)], 'test'),
      always: false,
    }));
    const long = change('proposed', { plan: { ...plan, steps: [{ ...restart, commands }] } });
    expect(drawn(changeCard(long, context))).toContain('Cut here: the file in the thread holds all of it');
    const many = change('proposed', {
      plan: { ...plan, steps: Array.from({ length: 70 }, (_, i) => ({ ...restart, id: `s${i}` })) },
    });
    expect(drawn(changeCard(many, context))).toMatch(
      /and \d+ more steps: the file in the thread holds the whole plan/,
    );
    checkMessage(changeCard(long, context));
    checkMessage(changeCard(many, context));
  });

  it('is titled as a rollback when it undoes another change', () => {
    const undo = change('proposed', {
      id: 'c-2',
      rollbackOf: 'c-7f3a91',
      plan: { ...plan, title: `Undo: ${plan.title}` },
    });
    const shown = changeCard(undo, context);
    expect(shown.text).toContain('Approval needed — Rollback: Restart RMC on lpar2');
    expect(drawn(shown)).toContain('undoes change `c-7f3a91`');
  });
});

describe('the card of a change that is decided', () => {
  it.each(states)('has a card for %s within Slack’s limits', (state) => {
    checkMessage(card(state));
  });

  it.each(states.filter((state) => state !== 'proposed'))('has no approval buttons when %s', (state) => {
    for (const action of ['approve', 'reject', 'withdraw'])
      expect(actionsOf(card(state))).not.toContain(action);
  });

  it.each(['rejected', 'expired', 'stale'] as const)('says that nothing was run when %s', (state) => {
    expect(card(state).text).toContain('Nothing was run');
    expect(card(state).text).toContain('What now');
  });

  it('names who approved and when in place of the buttons', () => {
    expect(drawn(card('approved'))).toContain('approved by <@U0APPROVER> <!date^');
  });

  it('names who rejected and why, and calls it withdrawn where it was the requester', () => {
    expect(card('rejected').text).toContain('Rejected by <@U0APPROVER>');
    expect(card('rejected').text).toContain('Reason: DLPAR in progress.');
    const own = change('rejected', { history: [move('reject', requester, 7)] });
    expect(changeCard(own, context).text).toContain('Withdrawn by <@U0ASKER>');
  });

  it('says how far it is', () => {
    expect(card('running').text).toContain(
      'Step 1 of 1 (Stop RMC, wait, start it, enable remote clients): started',
    );
    expect(card('verifying').text).toContain('Read 1 of 2; the next in 60 s.');
    expect(card('running').text).toContain('Saved first: 2 of 2 captures');
  });

  it('tells of many steps what is done and what is not', () => {
    const steps = Array.from({ length: 30 }, (_, i) => ({ ...restart, id: i === 0 ? 'restart' : `s${i}` }));
    const long = change('running', {
      plan: { ...plan, steps },
      journal: [...ran, { kind: 'intent', step: 's1', at: '2026-03-04T03:10:00.000Z' }],
    });
    const shown = changeCard(long, context).text;
    expect(shown).toContain('1 of 30 steps done');
    expect(shown).toContain('Step 2 of 30');
    expect(shown).not.toContain('Step 3 of 30');
  });

  it('says what ran and how it ended', () => {
    expect(card('verified').text).toContain('ran on lpar2 and ended with exit status 0.');
    expect(card('failed').text).toContain('ran on lpar2 and ended with exit status 1.');
  });

  it('says that nothing was run when it failed before its first step, and offers no rollback', () => {
    const early = changeCard(change('failed', { note: 'lpar2 has no room in /var/adm.' }), context);
    expect(early.text).toContain('Nothing was run on lpar2.');
    expect(actionsOf(early)).toEqual([]);
  });

  it('never says of an unknown outcome that nothing happened', () => {
    const shown = card('unknown');
    expect(shown.text).toContain('may have run on lpar2');
    expect(shown.text).not.toMatch(/nothing was (run|changed)/i);
    expect(shown.text).toContain('`node:lpar2` stays locked');
    expect(actionsOf(shown)).toEqual(['look-again', 'close']);
  });

  it('says of one closed by hand who closed it, what was seen, and that it is not proven', () => {
    const seen = 'ctrmc is active <!channel> *really*';
    const history = [
      move('approve', approver, 8),
      move('lose', 'worker', 9),
      move('close', 'U0NIGHT', 20, seen),
    ];
    const closed = { ...changes.unknown, state: 'failed', history, note: seen } as const;
    const shown = changeCard(closed, context);
    checkMessage(shown);
    for (const words of [
      '○ Closed by hand, not verified — ',
      '*Closed* by <@U0NIGHT>',
      'who looked and wrote: "ctrmc is active &lt;!channel&gt; ∗really∗"',
      'may have run on lpar2',
      '`node:lpar2` is not locked any more.',
      '`/rmc-status lpar2` shows how it stands',
    ])
      expect(shown.text).toContain(words);
    expect(shown.text).not.toContain('✖ Failed');
    expect(shown.text).not.toMatch(/nothing was (run|changed)/i);
  });

  it('shows what is different now when it is out of date', () => {
    expect(drawn(card('stale'))).toContain('+ ctrmc is active');
  });

  it('offers a rollback where there is one, it is allowed, and it was not used', () => {
    expect(actionsOf(card('verified'))).toEqual(['roll-back']);
    expect(actionsOf(card('failed'))).toEqual(['roll-back']);
    expect(actionsOf(changeCard(changes.verified, { ...context, mayRollBack: false }))).toEqual([]);
    expect(actionsOf(changeCard({ ...changes.verified, rolledBackBy: 'c-2' }, context))).toEqual([]);
    const noWay = change('verified', {
      journal: ran,
      plan: { ...plan, rollback: { kind: 'none', reason: 'A restart leaves nothing to undo' } },
    });
    expect(actionsOf(changeCard(noWay, context))).toEqual([]);
    expect(changeCard(noWay, context).text).toContain(
      'It cannot be undone: A restart leaves nothing to undo.',
    );
  });

  it.each(['rolling-back', 'rolled-back', 'rollback-failed'] as const)(
    'names the change that undoes it when %s',
    (state) => {
      expect(card(state).text).toContain('`c-8b20d4`');
    },
  );

  it('stays within Slack’s limits whatever it holds', () => {
    fc.assert(
      fc.property(hostileChange, fc.boolean(), (one, mayRollBack) => {
        checkMessage(changeCard(one, { ...context, mayRollBack }));
        checkMessage(tooLateMessage(one, 'approve'));
      }),
      { numRuns: 150 },
    );
  });
});

describe('the files and messages in the thread of a change', () => {
  it('puts the whole plan into the file: commands, captures, proof, rollback, full digest', () => {
    const { filename, content } = planFile(changes.proposed);
    expect(filename).toBe('c-7f3a91-plan.txt');
    for (const words of [
      changes.proposed.digest,
      '/usr/sbin/rsct/bin/rmcctrl -z',
      '/usr/bin/lssrc -a',
      'rmcdomainstatus -s ctrmc',
      'Stop RMC again, as found',
      'ctrmc is inoperative',
      'node:lpar2',
      'stopped after 4 min',
    ])
      expect(content).toContain(words);
  });

  it('leaves nothing out of the file of a long plan', () => {
    const steps = Array.from({ length: 70 }, (_, i) => ({ ...restart, id: `s${i}`, title: `title ${i}` }));
    const { content } = planFile(change('proposed', { plan: { ...plan, steps } }));
    for (const step of steps) expect(content).toContain(step.title);
  });

  it('shows the output of a step at both ends, and the whole as a file', () => {
    const output = Array.from({ length: 136 }, (_, i) => `line ${i + 1}`).join('\n');
    const { message, attachment } = stepMessage(changes.verified, result(0, output));
    expect(drawn(message)).toContain('… 120 lines hidden …');
    expect(attachment?.content).toContain('line 70');
    expect(attachment?.filename).toBe('lpar2-restart.txt');
  });

  it('says that a step printed nothing, and how it ended', () => {
    const { message, attachment } = stepMessage(changes.verified, result(0));
    expect(message.text).toContain('ended with exit status 0');
    expect(message.text).toContain('It printed nothing.');
    expect(attachment).toBeNull();
  });

  it('says of a step of unknown outcome that it may have run', () => {
    const lost = { ...result(), outcome: { kind: 'unknown', reason: 'no process' } } as const;
    expect(stepMessage(changes.unknown, lost).message.text).toContain('It may have run.');
  });

  it('keeps the captures with command, time and exit status', () => {
    const { content } = capturesFile(change('running', { journal: started }));
    expect(content).toContain('$ /usr/bin/lssrc -a\n ctrmc');
    expect(content).toContain(
      'exit status 1\n$ /usr/sbin/rsct/bin/rmcdomainstatus -s ctrmc\n(printed nothing)',
    );
  });

  it('stays within Slack’s limits whatever a step prints', () => {
    fc.assert(
      fc.property(hostileText, hostileText, fc.integer(), (stdout, stderr, exitCode) => {
        const { message, attachment } = stepMessage(changes.verified, result(exitCode, stdout, stderr));
        checkMessage(message);
        expect(JSON.stringify([message, attachment])).not.toContain('hunter2canary');
      }),
    );
  });
});

describe('the answer to a click that came too late', () => {
  it('says how the change stands, who decided, and that the click changed nothing', () => {
    expect(tooLateMessage(changes.running, 'approve').text).toMatch(
      /^Too late: change `c-7f3a91` is running \(approved by <@U0APPROVER> <!date.*\)\. Your click changed nothing\.$/,
    );
    expect(tooLateMessage(changes.proposed, 'rollBack').text).toContain(
      'It would have to be verified or failed.',
    );
  });
});
