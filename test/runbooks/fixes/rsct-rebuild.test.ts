import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/core/canonical.js';
import type { KnownNode } from '../../../src/core/fleet.js';
import type { NodeStep, Plan, Proposal, Step } from '../../../src/core/plan.js';
import { renderCommand } from '../../../src/core/remote-command.js';
import { rsctRebuild } from '../../../src/runbooks/fixes/rsct-rebuild.js';
import { rebuildGates } from '../../../src/runbooks/fixes/rmc/gates.js';
import { rebuildWords } from '../../../src/runbooks/fixes/rmc/rebuild-words.js';
import { collectedOf, readCase, readingOf } from '../cases.js';

const healthyId = idOf('healthy');

function idOf(name: string): string {
  const { node } = readCase(name);
  if (node === undefined || !('nodeId' in node)) throw new Error('the case has no node ID');
  return (node['nodeId'] as { value: { nodeId: string } }).value.nodeId;
}

function known(
  name: string,
  nodeId: string | null,
  since: string,
  inCluster: boolean | null = false,
): KnownNode {
  return {
    name,
    nodeId,
    lparId: name === 'lpar1' ? 3 : 4,
    system: 'p9-a',
    machine: '9009-42A*7800001',
    addresses: [],
    readAt: '2030-05-02T06:00:00.000Z',
    nodeIdSince: since,
    inCluster,
  };
}

const old = '2029-01-01T06:00:00.000Z';
const recent = '2030-05-01T06:00:00.000Z';
/** lpar1 came yesterday with the ID that lpar2 has had for a year. */
const cloned = [known('lpar1', healthyId, recent), known('lpar2', healthyId, old)];
const apart = [known('lpar1', healthyId, recent), known('lpar2', '00000000000000aa', old)];

type Change = Readonly<Record<string, unknown>>;

function propose(words: readonly string[], fleet: readonly KnownNode[], node: Change = {}): Proposal {
  const healthy = collectedOf('healthy');
  const facts = Object.entries(node).map(
    ([name, value]) => [name, readingOf('lpar1', name, value as Parameters<typeof readingOf>[2])] as const,
  );
  const before = healthy.node.ok ? healthy.node.facts : {};
  const collected = {
    ...healthy,
    node: { ok: true, facts: { ...before, ...Object.fromEntries(facts) } } as const,
  };
  return rsctRebuild.plan(collected, { words, fleet });
}

function planOf(words: readonly string[], fleet: readonly KnownNode[], node: Change = {}): Plan {
  const proposal = propose(words, fleet, node);
  if (proposal.kind !== 'plan') throw new Error(JSON.stringify(proposal));
  return proposal.plan;
}

const isNode = (step: Step): step is NodeStep => step.kind === undefined || step.kind === 'node';
const lines = (steps: readonly Step[]) =>
  steps
    .filter(isNode)
    .flatMap((step) =>
      step.commands.map((one) => `${renderCommand(one.command)}${one.always ? ' (always)' : ''}`),
    );

const save = [
  '/usr/sbin/rsct/bin/rmcctrl -z',
  '/usr/bin/tar -cf var-ct.tar /var/ct',
  '/usr/sbin/rsct/bin/rmcctrl -A (always)',
  '/usr/sbin/rsct/bin/rmcctrl -p (always)',
];
const recfgct = (words: string) => [
  `/usr/sbin/rsct/install/bin/recfgct ${words}`,
  '/usr/sbin/rsct/bin/rmcctrl -A (always)',
  '/usr/sbin/rsct/bin/rmcctrl -p (always)',
];
const lost = {
  nodeId: {
    failure: { code: '2641-036', message: '2641-036 The node does not have an assigned node identifier.' },
  },
};
const stanza = (attribute: string, value: string) => ({
  class: 'CuAt',
  attributes: { name: 'cluster0', attribute, value, type: 'R', generic: 'DU', rep: 's', nls_index: '3' },
});

describe('rsct-rebuild', () => {
  it('gives the clone a new ID, with or without words, and says whose ID it has', () => {
    for (const words of [[], ['-n']]) {
      const plan = planOf(words, cloned);
      expect(lines(plan.steps)).toEqual([...save, ...recfgct('-n')]);
      expect(plan.args).toEqual(['-n']);
      expect(plan.basis).toContain('the same node ID is also on lpar2');
    }
  });

  it('makes the same plan again from the words that it keeps', () => {
    const first = planOf([], cloned);
    expect(digestOf(planOf(first.args ?? [], cloned))).toBe(digestOf(first));
  });

  it('lets no two twins be changed at the same time', () => {
    expect(planOf(['-n'], cloned).locks).toEqual(['node:lpar1', 'node:lpar2']);
  });

  it('reads every gate before RMC is stopped and again before the rebuild', () => {
    const steps = planOf(['-n'], cloned).steps;
    expect(steps.map((step) => step.kind ?? 'node')).toEqual(['node', 'wait', 'node']);
    for (const step of steps.filter(isNode)) expect(step.gates).toEqual(rebuildGates);
    expect(steps.filter(isNode).map((step) => step.effect)).toEqual(['once', 'irreversible']);
  });

  it('takes recfgct’s refusal in words for a failure', () => {
    const commands = planOf(['-n'], cloned)
      .steps.filter(isNode)
      .flatMap((step) => step.commands);
    const refusing = commands.filter((one) => one.command.program.endsWith('recfgct'));
    expect(refusing.map((one) => one.failsOnOutput)).toEqual([['Cannot run']]);
  });

  it('has time enough for every command and the wait', () => {
    for (const step of planOf(['-n'], cloned).steps.filter(isNode)) {
      const needed = step.commands.map(
        (one) => one.command.timeoutMs + (one.waitUntilStopped?.timeoutMs ?? 0),
      );
      expect(step.timeoutMs).toBeGreaterThanOrEqual(needed.reduce((a, b) => a + b, 0));
    }
  });

  it('writes down everything that a command can show of what it removes', () => {
    expect(planOf(['-n'], cloned).captures.map((capture) => renderCommand(capture.command))).toEqual([
      '/usr/sbin/rsct/bin/lsnodeid',
      '/usr/bin/cat /etc/ct_node_id',
      '/usr/bin/cat /var/ct/cfg/ct_node_id',
      '/usr/bin/odmget -q name=cluster0 CuAt',
      '/usr/bin/lssrc -a',
      '/usr/sbin/rsct/bin/rmcdomainstatus -s ctrmc',
      '/usr/bin/lsrsrc IBM.MCP',
      '/usr/bin/lsrsrc IBM.Condition',
      '/usr/bin/lsrsrc IBM.EventResponse',
      '/usr/bin/lsrsrc IBM.Association',
      '/usr/bin/lscondresp',
      '/usr/bin/cat /var/ct/cfg/ctrmc.acls',
      '/usr/sbin/lsitab ctrmc',
    ]);
  });

  it('is undone by the old ID, and says that the fault comes back with it', () => {
    const { rollback, verify } = planOf(['-n'], cloned);
    if (rollback.kind !== 'steps') throw new Error('no steps');
    expect(lines(rollback.steps)).toEqual(recfgct(`-i ${healthyId}`));
    expect(rollback.note).toMatch(/lpar2 and lpar1 then have the same node ID again/);
    expect(rollback.steps[0]?.gates).toEqual(rebuildGates);
    expect(verify).toEqual({
      kind: 'checks',
      checks: [{ kind: 'node-id-is-not', nodeId: healthyId }, { kind: 'rmc-active' }],
      reads: 2,
    });
  });

  it('sets a known good ID where the old one is lost, and has no way back to none', () => {
    const plan = planOf(['-i', '0x5A1E0C7D3B92F846'], apart, lost);
    expect(lines(plan.steps)).toEqual([...save, ...recfgct('-i 5a1e0c7d3b92f846')]);
    expect(plan.args).toEqual(['-i', '5a1e0c7d3b92f846']);
    expect(plan.rollback.kind).toBe('none');
    expect(plan.verify.kind === 'checks' && plan.verify.checks[0]).toEqual({
      kind: 'node-id',
      nodeId: '5a1e0c7d3b92f846',
      places: 'all-three',
    });
  });

  it('keeps the ID of /etc/ct_node_id with -s', () => {
    expect(lines(planOf(['-s'], apart, lost).steps)).toEqual([...save, ...recfgct('-s')]);
  });

  it('removes cluster0 only with a reason, saves it, and puts it back literally', () => {
    const cluster0 = { value: [stanza('node_uuid', '8e2f6a10-4c1b-11ee-8001-2a9b4c5d6e7f')] };
    const words = ['-n', '--delete-cluster0', '--reason', 'c-7 brought the old ID back'];
    const plan = planOf(words, cloned, { cluster0 });
    expect(lines(plan.steps)).toEqual([
      ...save,
      '/usr/bin/odmget -q name=cluster0 CuAt',
      '/usr/bin/odmdelete -o CuAt -q name=cluster0',
      ...recfgct('-n'),
    ]);
    expect(plan.basis).toContain('asked for because: c-7 brought the old ID back');
    const last =
      plan.rollback.kind === 'steps' ? plan.rollback.steps.filter(isNode)[0]?.commands.at(-1) : undefined;
    expect(last?.command.program).toBe('/usr/bin/odmadd');
    expect(last?.stdin).toBe(
      'CuAt:\n\tname = "cluster0"\n\tattribute = "node_uuid"\n\tvalue = "8e2f6a10-4c1b-11ee-8001-2a9b4c5d6e7f"\n' +
        '\ttype = "R"\n\tgeneric = "DU"\n\trep = "s"\n\tnls_index = 3\n',
    );
    expect(propose(['-n', '--delete-cluster0'], cloned, { cluster0 })).toMatchObject({ gate: 'words' });
    expect(propose(['-s', '--delete-cluster0', '--reason', 'so it is'], cloned)).toMatchObject({
      gate: 'words',
    });
  });

  it.each([
    [
      'the original keeps its ID',
      ['-n'],
      [known('lpar1', healthyId, old), known('lpar2', healthyId, recent)],
      {},
      'twin|node-id',
    ],
    [
      'nobody can tell which is the clone',
      ['-n'],
      [known('lpar1', healthyId, old), known('lpar2', healthyId, old)],
      {},
      'twin',
    ],
    ['no duplicate is proven', ['-n'], apart, {}, 'not-proven'],
    ['no other node was read', ['-n'], [], {}, 'not-proven'],
    ['another node has the wanted ID', ['-i', 'aa'.padStart(16, '0')], apart, lost, 'node-id-in-use'],
    ['nobody was read to hold the wanted ID against', ['-i', '5a1e0c7d3b92f846'], [], lost, 'node-id-in-use'],
    ['the ID is sound and no reason was given', ['-i', '5a1e0c7d3b92f8ab'], apart, {}, 'not-proven'],
    ['the ID is sound and is to be kept for no reason', ['-s'], apart, {}, 'not-proven'],
    ['a button was clicked and only a person can say what is right', [], apart, lost, 'words'],
    ['/var/adm is too full', ['-n'], cloned, { space: { value: [{ availableKb: 100_000 }] } }, 'free-space'],
    [
      'nobody knows how full /var/adm is',
      ['-n'],
      cloned,
      { space: { unread: { class: 'LostError', message: 'x' } } },
      'free-space',
    ],
    [
      'nobody knows how much to copy',
      ['-n'],
      cloned,
      { rsctData: { unread: { class: 'LostError', message: 'x' } } },
      'free-space',
    ],
  ] as const)('is refused where %s', (_what, words, fleet, node, gate) => {
    const proposal = propose(words, fleet, node);
    expect(proposal.kind, JSON.stringify(proposal)).toBe('refused');
    if (proposal.kind !== 'refused') return;
    expect(proposal.gate).toMatch(new RegExp(`^(?:${gate})`));
    expect(proposal.reason).toMatch(/lpar1/);
  });

  it('has nothing to do where the wanted ID is in all three places', () => {
    expect(propose(['-i', healthyId], apart).kind).toBe('nothing-to-do');
  });

  it('rebuilds a sound node only where a person says why, and shows it to who approves', () => {
    const plan = planOf(['-s', '--reason', 'IBM case TS012345678 asks for it'], apart);
    expect(plan.basis).toContain('asked for because: IBM case TS012345678 asks for it');
  });
});

describe('the words of rsct-rebuild', () => {
  it.each([
    ['-i abc', null],
    ['-i', null],
    ['-i 0000000000000000', null],
    ['-i 5a1e0c7d3b92f8461', null],
    ['-n -s', null],
    ['-I 5a1e0c7d3b92f846', '-i 5a1e0c7d3b92f846'],
    ['--delete-cluster -n', '--delete-cluster0 -n'],
    ['new', '-n'],
    ['-n --reason', null],
    ['-n rm', null],
  ])('%s is not understood', (text, instead) => {
    const read = rebuildWords.read(text.split(' '));
    expect(read.kind).toBe('not-understood');
    if (read.kind === 'not-understood') expect(read.instead?.join(' ') ?? null).toBe(instead);
  });

  it('are kept in one form, which reads as itself', () => {
    const read = rebuildWords.read([
      '--delete-cluster0',
      '-i',
      '0xABCDEF012',
      '--reason',
      'it',
      'came',
      'back\u0007',
    ]);
    const words = ['-i', 'abcdef012', '--delete-cluster0', '--reason', 'it came back'];
    expect(read).toEqual({ kind: 'understood', words });
    expect(rebuildWords.read(words)).toEqual({ kind: 'understood', words });
  });
});
