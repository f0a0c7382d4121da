import fc from 'fast-check';
import type { Change, ChangeState, JournalEntry } from '../../../src/approval/states.js';
import type { Plan } from '../../../src/core/plan.js';
import { nodeChange } from '../../../src/core/remote-command.js';
import { levels } from '../../../src/core/verdict.js';
import type { Finding, Verdict } from '../../../src/core/verdict.js';
import { approver, change, changes, intent, move, plan, requester, restart, result } from './examples.js';

/** The worst that nodes, people and inventories may put into a message: markup, invisible signs, secrets, sheer length. */
const pieces = [
  '<!channel>',
  '<!here|x>',
  '<@U0ASKER>',
  '<#C0OPS>',
  '<https://evil.example|lpar1>',
  '@here',
  '@everyone',
  '```',
  '`',
  '*',
  '_',
  '~',
  '&',
  '&amp;',
  '<',
  '>',
  ':fire:',
  'https://evil.example/x',
  'mailto:a@b.example',
  '\u202e',
  '\u2066',
  '\u200b',
  '\u00ad',
  '\ufeff',
  '\u001b[31m',
  '\u001b]0;title\u0007',
  '\u0000',
  '\r\n',
  '\n',
  '\t',
  '\ud83d',
  '👨‍👩‍👧‍👦',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  'مرحبا',
  '中文',
  'e\u0301',
  'password=hunter2canary',
];

export const hostileText = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 })), { maxLength: 12 })
    .map((parts) => parts.join('')),
  fc.constantFrom(...pieces).map((piece) => piece.repeat(Math.ceil(3_000 / piece.length))),
);

const someText = fc.oneof({ weight: 3, arbitrary: hostileText }, { weight: 1, arbitrary: fc.constant('') });

const hostileFinding: fc.Arbitrary<Finding> = fc.record({
  id: fc.constantFrom('rmc.daemon-down', 'rmc.drm-down', 'fact.unreadable'),
  severity: fc.constantFrom(...levels),
  title: someText,
  expected: someText,
  observed: someText,
  evidence: fc.array(fc.record({ target: someText, command: someText, excerpt: someText }), { maxLength: 4 }),
  fixes: fc.constant([]),
  follows: fc.constantFrom('rmc.daemon-down', 'nothing.such'),
});

export const hostileVerdict: fc.Arbitrary<Verdict> = fc.record({
  target: someText,
  diagnostic: fc.constantFrom('rmc', 'certificates', 'other'),
  verdict: fc.constantFrom(...levels),
  findings: fc.array(hostileFinding, { maxLength: 12 }),
  startedAt: fc.constantFrom('2026-03-04T03:05:00.000Z', '<!channel>'),
  durationMs: fc.nat(),
});

const hostileCommand = fc
  .array(
    hostileText.map((text) => text.replaceAll('\0', '')),
    { maxLength: 4 },
  )
  .map((args) => ({
    command: nodeChange('once', '/usr/sbin/rsct/bin/rmcctrl', args, 'test'),
    always: args.length % 2 === 0,
  }));

const hostilePlan: fc.Arbitrary<Plan> = fc
  .record({
    title: hostileText,
    target: hostileText,
    interrupts: hostileText,
    locks: fc.array(hostileText, { maxLength: 4 }),
    commands: fc.array(hostileCommand, { minLength: 1, maxLength: 5 }),
    steps: fc.integer({ min: 1, max: 60 }),
  })
  .map(({ commands, steps, ...over }) => ({
    ...plan,
    ...over,
    steps: Array.from({ length: steps }, (_, i) => ({
      ...restart,
      id: i === 0 ? 'restart' : `s${i}`,
      title: over.title,
      commands,
    })),
    rollback: {
      kind: 'steps',
      steps: [{ ...restart, commands }],
      verify: plan.verify,
      note: over.interrupts,
    },
    captures: Array.from({ length: 30 }, (_, i) => ({
      id: `c${i}`,
      title: over.title,
      command: plan.captures[0]!.command,
    })),
  }));

const states = Object.keys(changes) as ChangeState[];

export const hostileChange: fc.Arbitrary<Change> = fc
  .record({
    state: fc.constantFrom(...states),
    plan: hostilePlan,
    words: hostileText,
    approvals: fc.nat({ max: 3 }),
    isUndo: fc.boolean(),
  })
  .map(({ state, plan: own, words, approvals, isUndo }) => {
    const read: JournalEntry = { kind: 'read', at: '2026-03-04T03:11:00.000Z', agreed: isUndo, note: words };
    return change(state, {
      plan: own,
      note: words,
      requester: isUndo ? requester : words,
      approvals: Array.from({ length: approvals }, () => ({
        user: approver,
        at: '2026-03-04T03:08:00.000Z',
      })),
      approvalsNeeded: 3,
      rollbackOf: isUndo ? words : null,
      rolledBackBy: isUndo ? null : words,
      history: [
        move('propose', words, 6, words),
        move('approve', approver, 8, words),
        move('reject', words, 9, words),
      ],
      journal: [intent, result(1, words, words), read],
      error: { class: 'Bug', message: words },
    });
  });
