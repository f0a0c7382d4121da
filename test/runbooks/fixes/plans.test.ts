import { describe, expect, it } from 'vitest';
import { canonicalJson, digestOf } from '../../../src/core/canonical.js';
import type { NodeStep, Plan, Proposal, Step } from '../../../src/core/plan.js';
import { renderCommand } from '../../../src/core/remote-command.js';
import { caseNames, collectedOf, nodeFix, nodeFixes, readCase } from '../cases.js';

const nothingElse = { words: [], fleet: [] };

const cases = caseNames.flatMap((name) =>
  Object.entries(readCase(name).plans ?? {}).map(([fix, expected]) => [fix, name, expected] as const),
);

describe('a fix', () => {
  it.each(cases)('%s proposes for %s what the case says', (fix, name, expected) => {
    const proposal = nodeFix(fix).plan(collectedOf(name), nothingElse);
    expect(shown(proposal, 'reason' in expected)).toEqual(expected);
  });

  it.each(nodeFixes.map((fix) => fix.id))('%s gives a reason and a source for every refusal', (fix) => {
    for (const name of caseNames) {
      const proposal = nodeFix(fix).plan(collectedOf(name), nothingElse);
      if (proposal.kind !== 'refused') continue;
      expect(proposal.reason, name).toMatch(/lpar1/);
      expect(proposal.reason, name).not.toContain('undefined');
      expect(proposal.source, name).not.toBe('');
    }
  });

  it.each(nodeFixes.map((fix) => fix.id))('%s makes the same bytes of the same facts', (fix) => {
    for (const name of caseNames) {
      const once = nodeFix(fix).plan(collectedOf(name), nothingElse);
      expect(digestOf(nodeFix(fix).plan(collectedOf(name), nothingElse))).toBe(digestOf(once));
    }
  });

  it.each(nodeFixes.map((fix) => fix.id))(
    '%s plans nothing where a fact is unread that its gates need',
    (fix) => {
      for (const name of ['garbage', 'hang', 'node-unreachable', 'hmc-unreachable', 'lpar-id-contradiction'])
        expect(nodeFix(fix).plan(collectedOf(name), nothingElse).kind, name).not.toBe('plan');
    },
  );
});

describe('rmc-restart', () => {
  const plan = planOf('rmc-restart', 'drm-down');

  it('stops, waits, starts and opens in one script that cannot leave RMC stopped', () => {
    expect(plan.steps).toHaveLength(1);
    const [step] = plan.steps.filter(isNodeStep);
    expect(step?.effect).toBe('once');
    expect(step?.commands.map((one) => one.always)).toEqual([false, true, true]);
    expect(step?.commands[0]?.waitUntilStopped).toEqual({
      subsystems: ['ctrmc', 'IBM.DRM', 'IBM.ERRM', 'IBM.HostRM', 'IBM.MgmtDomainRM', 'IBM.ServiceRM'],
      timeoutMs: 60_000,
    });
  });

  it('has time enough for every command and the wait', () => {
    for (const step of plan.steps.filter(isNodeStep)) {
      const needed = step.commands.map(
        (one) => one.command.timeoutMs + (one.waitUntilStopped?.timeoutMs ?? 0),
      );
      expect(step.timeoutMs).toBeGreaterThanOrEqual(needed.reduce((a, b) => a + b, 0));
    }
  });

  it('writes down what it is about to change', () => {
    expect(plan.captures.map((capture) => renderCommand(capture.command))).toEqual([
      '/usr/bin/lssrc -a',
      '/usr/sbin/rsct/bin/rmcdomainstatus -s ctrmc',
      '/usr/bin/lsrsrc IBM.MCP',
      '/usr/bin/netstat -an',
      '/usr/sbin/rsct/bin/lsnodeid',
    ]);
  });

  it('is made from words without process ids', () => {
    expect(plan.basis).toEqual([
      'LPAR id 3 on 9009-42A*7800001, by uname -L and the HMC',
      'ctrmc is active',
      'IBM.DRM is inoperative',
      'TCP 657 is listening',
      'in no peer domain (lsrpdomain, rmcdomainstatus, IBM.MCP), in no cluster (lssrc)',
    ]);
    expect(canonicalJson(plan)).not.toMatch(/40000\d\d/);
  });

  it('takes the lock of the cluster too', () => {
    const collected = collectedOf('drm-down');
    const inCluster = { ...collected, target: { ...collected.target, cluster: 'erp' } };
    const proposal = nodeFix('rmc-restart').plan(inCluster, nothingElse);
    expect(proposal.kind === 'plan' && proposal.plan.locks).toEqual(['cluster:erp', 'node:lpar1']);
    expect(plan.locks).toEqual(['node:lpar1']);
  });

  it('promises on rolling back the state that was found', () => {
    const { rollback } = planOf('rmc-restart', 'ctrmc-stopped');
    expect(rollback.kind === 'steps' && rollback.verify).toEqual({
      kind: 'as-found',
      expected: [
        { kind: 'subsystem', name: 'ctrmc', status: 'inoperative' },
        { kind: 'tcp-657', listening: false },
      ],
    });
    expect(plan.rollback.kind === 'steps' && plan.rollback.verify).toEqual({
      kind: 'as-found',
      expected: [
        { kind: 'subsystem', name: 'ctrmc', status: 'active' },
        { kind: 'tcp-657', listening: true },
      ],
    });
  });

  it('is verified from both sides, twice', () => {
    expect(plan.verify).toEqual({ kind: 'rmc-active', reads: 2 });
  });
});

function planOf(fix: string, name: string): Plan {
  const proposal = nodeFix(fix).plan(collectedOf(name), nothingElse);
  if (proposal.kind !== 'plan') throw new Error(`${fix} for ${name}: ${JSON.stringify(proposal)}`);
  return proposal.plan;
}

function shown(proposal: Proposal, withReason: boolean): unknown {
  if (proposal.kind === 'nothing-to-do') return proposal;
  if (proposal.kind === 'refused') {
    const { kind, gate, reason } = proposal;
    return withReason ? { kind, gate, reason } : { kind, gate };
  }
  const { steps, rollback } = proposal.plan;
  return {
    kind: 'plan',
    steps: lines(steps),
    rollback: rollback.kind === 'steps' ? lines(rollback.steps) : [],
  };
}

function lines(steps: readonly Step[]): string[] {
  return steps
    .filter(isNodeStep)
    .flatMap((step) =>
      step.commands.map(({ command, always }) => `${renderCommand(command)}${always ? ' (always)' : ''}`),
    );
}

function isNodeStep(step: Step): step is NodeStep {
  return step.kind === undefined || step.kind === 'node';
}
