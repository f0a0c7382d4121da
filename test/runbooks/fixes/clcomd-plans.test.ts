import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { sumOfText } from '../../../src/aix/cksum.js';
import { modeDigits } from '../../../src/aix/ls-le.js';
import { canonicalJson, digestOf } from '../../../src/core/canonical.js';
import type { NodeStep, Plan, Step } from '../../../src/core/plan.js';
import { renderCommand } from '../../../src/core/remote-command.js';
import { planLines } from '../../../src/slack/views/plan-text.js';
import { certificatesOn, type Changed, type ClusterCase } from '../clusters.js';
import { ask, changeable, listed, planOf, toolPath, type ClusterFixId } from './cluster-ground.js';

const down: Changed = {
  clcomd: { value: [{ name: 'clcomd', group: 'caa', pid: null, status: 'inoperative' }] },
};
const failing = { 'erp1>erp2': 'xxx', 'erp2>erp1': 'xxx' };
const security = { value: { LEVEL: 'HIGH', MECHANISM: 'OpenSSL', CERTIFICATE: '/etc/cluster/.cert-erp1' } };
const expired: ClusterCase = {
  nodes: { erp1: { security }, erp2: { security } },
  tries: failing,
  certificates: [certificatesOn('erp1', -12), certificatesOn('erp2', -12)],
};
const stale: ClusterCase = {
  nodes: { erp2: listed(['10.20.1.12', '10.20.1.251']) },
  tries: { 'erp1>erp2': 'xxx' },
};

const cases: readonly (readonly [ClusterFixId, ClusterCase])[] = [
  ['clcomd-start', { nodes: { erp2: down }, tries: failing }],
  ['clcomd-refresh', { tries: failing }],
  ['clcomd-rhosts', stale],
  ['clcomd-renew-certificates', expired],
];

function isOnNode(step: Step): step is NodeStep {
  return step.kind === undefined || step.kind === 'node';
}

function undoOf(plan: Plan): readonly Step[] {
  return plan.rollback.kind === 'steps' ? plan.rollback.steps : [];
}

/** Every command of a plan and its undo, with the node that it runs on. */
function commandsOf(plan: Plan): readonly string[] {
  return [...plan.steps, ...undoOf(plan)].flatMap((step) =>
    isOnNode(step)
      ? step.commands.map(({ command }) => `${step.node ?? 'none'}: ${renderCommand(command)}`)
      : [],
  );
}

describe.each(cases)('%s', (id, one) => {
  const plan = planOf(id, one);

  it('is this plan, to the letter', () => {
    expect(planLines(plan, digestOf(plan)).join('\n')).toMatchSnapshot();
  });

  it('has the same bytes for the same facts, and other ones where a file has another content', () => {
    expect(digestOf(planOf(id, one))).toBe(digestOf(plan));
    const text = canonicalJson(plan);
    // No clock and no process id: the certificates' own dates are facts.
    expect(text).not.toContain('2026-11-03');
    expect(text).not.toContain('5439966');
  });

  it('names a node of the cluster in every step of its own, and locks all of them', () => {
    for (const step of [...plan.steps, ...undoOf(plan)])
      if (isOnNode(step)) expect(['erp1', 'erp2']).toContain(step.node);
    for (const capture of plan.captures) expect(['erp1', 'erp2']).toContain(capture.node);
    expect(plan.locks).toEqual(['cluster:erp', 'node:erp1', 'node:erp2']);
  });

  it('never touches what it must not', () => {
    const forbidden =
      /clstrmgr|clconfd|cthags|ctcas|\/var\/ct|recfgct|rmcluster|clusterconf|chcluster|clctrl|clrcp|clcmd|clrsh|chdev|\bcldare\b|sync/;
    for (const command of commandsOf(plan)) expect(command).not.toMatch(forbidden);
    expect(commandsOf(plan).filter((command) => /stopsrc/.test(command)).length).toBe(
      id === 'clcomd-start' ? 1 : 0,
    );
  });

  it('runs no shell, and nothing that is written by a redirection', () => {
    for (const command of commandsOf(plan)) {
      expect(command).toMatch(/^erp[12]: \/[\w./-]+( |$)/);
      expect(command).not.toMatch(/\/(?:ba|k|c)?sh |[;&|<>`$]/);
    }
  });

  it('never empties, removes or writes over the list of hosts', () => {
    for (const command of commandsOf(plan)) {
      expect(command).not.toMatch(/(?:rm|tee|truncate|cp(?: -p)?) (?:\S+ )*\/etc\/cluster\/rhosts$/);
      expect(command).not.toMatch(/tar -x\S* (?:\S+ )*-C/);
      if (/ \/etc\/cluster\/rhosts$/.test(command))
        expect(command).toMatch(/cksum|mv -f \/etc\/cluster\/\.aixops-rhosts /);
    }
  });

  it('reads its gates again right before every step that changes something', () => {
    for (const step of [...plan.steps, ...undoOf(plan)])
      if (isOnNode(step)) expect(step.gates?.length, step.id).toBeGreaterThanOrEqual(9);
  });

  it('proves at the end every pair, the daemons, and that nothing of the cluster moved', () => {
    expect(plan.verify).toMatchObject({ kind: 'checks', reads: 2 });
    const kinds = plan.verify.kind === 'checks' ? plan.verify.checks.map(({ kind }) => kind) : [];
    for (const kind of ['clcomd', 'clrsh-pairs', 'cluster-manager', 'resource-groups', 'caa-nodes-up'])
      expect(kinds).toContain(kind);
  });

  it('refuses where clrsh was not tried, or fails now and then (but for a daemon that is down)', () => {
    for (const [tries, gate] of [
      ['xoo', 'clcomd.pair-intermittent'],
      ['uuu', 'fact.unreadable'],
    ] as const) {
      const proposal = ask(id, { ...one, tries: { ...one.tries, 'erp2>erp2': tries } });
      if (id === 'clcomd-start') expect(proposal.kind).toBe('plan');
      else expect(proposal).toMatchObject({ kind: 'refused', gate });
    }
  });
});

describe('the order of nodes', () => {
  it('begins with those without an online group, and knows them by their addresses', () => {
    const steps = planOf('clcomd-refresh', { tries: failing }).steps.filter(isOnNode);
    // erp1 has the group.
    expect(steps.map(({ node }) => node)).toEqual(['erp2', 'erp1']);
  });
});

describe('clcomd-start', () => {
  it('has nothing to do where clcomd runs everywhere', () => {
    expect(ask('clcomd-start', {})).toMatchObject({ kind: 'nothing-to-do' });
  });
});

describe('clcomd-refresh', () => {
  it('has nothing to do while every pair answers, and nothing to refresh where clcomd is down', () => {
    expect(ask('clcomd-refresh', {})).toMatchObject({ kind: 'nothing-to-do' });
    const proposal = ask('clcomd-refresh', { nodes: { erp2: down }, tries: failing });
    expect(proposal).toMatchObject({ kind: 'refused', gate: 'clcomd.inoperative' });
  });
});

describe('clcomd-rhosts', () => {
  const rows = (...all: readonly (readonly [node: string, address: string])[]): Changed => ({
    interfaces: {
      value: all.map(([node, address]) => ({
        label: node,
        type: 'boot',
        network: 'n',
        netType: 'ether',
        attribute: 'public',
        node,
        address,
      })),
    },
  });
  const everywhere = (changed: Changed): ClusterCase => ({ nodes: { erp1: changed, erp2: changed } });

  it('has nothing to do where every list is as it should be', () => {
    expect(ask('clcomd-rhosts', {})).toMatchObject({ kind: 'nothing-to-do' });
  });

  it('never proposes an empty list', () => {
    const service = { ...rows(['erp1', '10.20.1.11']) };
    const value = [{ ...(service['interfaces'] as { value: object[] }).value[0], type: 'service' }];
    expect(ask('clcomd-rhosts', everywhere({ interfaces: { value } }))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('an empty list is never written') as string,
    });
  });

  it('never leaves a node of the cluster out', () => {
    expect(ask('clcomd-rhosts', everywhere(rows(['erp1', '10.20.1.11'])))).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/erp2: with this list it would be locked out/) as string,
    });
  });

  it('refuses where nodes disagree about the cluster, or know a stranger', () => {
    const own = rows(['erp1', '10.20.1.11'], ['erp2', '10.20.1.12'], ['erp2', '10.20.1.13']);
    expect(ask('clcomd-rhosts', { nodes: { erp2: own } })).toMatchObject({
      reason: expect.stringContaining('not synchronised') as string,
    });
    const third = rows(['erp1', '10.20.1.11'], ['erp2', '10.20.1.12'], ['erp3', '10.20.1.13']);
    expect(ask('clcomd-rhosts', everywhere(third))).toMatchObject({
      reason: expect.stringContaining('erp3') as string,
    });
  });

  it.each(['rhosts', 'sums', 'entries', 'interfaces', 'addresses'])(
    'refuses where %s was not read',
    (fact) => {
      const proposal = ask('clcomd-rhosts', { ...stale, nodes: { ...stale.nodes, erp1: { [fact]: null } } });
      expect(proposal.kind).toBe('refused');
    },
  );

  it('refuses what a copy would not bring back', () => {
    const link = {
      hasAcl: false,
      owner: 'root',
      group: 'system',
      mode: 'lrwxrwxrwx',
      path: '/etc/cluster/x',
      target: '/y',
    };
    const entries = changeable(stale).nodes[0]?.node;
    const listedThere =
      entries?.ok === true ? (entries.facts as Record<string, { value: object[] }>)['entries'] : undefined;
    const value = [...(listedThere?.value ?? []), link];
    expect(
      ask('clcomd-rhosts', { ...stale, nodes: { ...stale.nodes, erp1: { entries: { value } } } }),
    ).toMatchObject({
      kind: 'refused',
      gate: 'backup',
    });
  });

  it('shows what an editor hides', () => {
    const plan = planOf('clcomd-rhosts', {
      nodes: { erp2: listed(['10.20.1.11\r', '', '10.20.1.12 '], { mode: '-rw-r--r--' }) },
    });
    expect(plan.comparison?.lines).toMatchInlineSnapshot(`
      [
        "entry           proposed         erp1 now  erp2 now",
        "10.20.1.11      yes              yes       no",
        "10.20.1.12      yes              yes       no",
        "(a blank line)  no               no        yes",
        ""10.20.1.11\\r"  no               no        yes",
        ""10.20.1.12 "   no               no        yes",
        "mode and owner  600 root:system  the same  -rw-r--r-- root:system",
      ]
    `);
  });
});

describe('clcomd-renew-certificates', () => {
  const renew = (one: ClusterCase) => ask('clcomd-renew-certificates', one);
  const said = (text: RegExp) => ({ kind: 'refused', reason: expect.stringMatching(text) as string });

  it('has nothing to do while no certificate ends within 30 days', () => {
    const certificates = [certificatesOn('erp1', 31), certificatesOn('erp2', 31)];
    expect(renew({ ...expired, certificates })).toMatchObject({ kind: 'nothing-to-do' });
  });

  it('renews before the end where certificates are in use, and only then where everything works', () => {
    const certificates = [certificatesOn('erp1', 29), certificatesOn('erp2', 29)];
    expect(renew({ ...expired, certificates, tries: {} }).kind).toBe('plan');
    const nodes = { erp1: { security: null }, erp2: { security: null } };
    expect(renew({ nodes, certificates })).toMatchObject(said(/not determined/));
    expect(renew({ nodes, certificates, tries: failing }).kind).toBe('plan');
  });

  it('refuses where certificates are not in use', () => {
    const off = { security: { value: { LEVEL: 'DISABLE' } } };
    expect(renew({ ...expired, nodes: { erp1: off, erp2: off } })).toMatchObject(
      said(/authentication is off/),
    );
    const keys = { security: { value: { LEVEL: 'HIGH', MECHANISM: 'SSH' } } };
    expect(renew({ ...expired, nodes: { erp1: keys, erp2: keys } })).toMatchObject(said(/symmetric keys/));
  });

  it('refuses what it cannot read, judge or save', () => {
    const [own] = expired.certificates ?? [];
    const other = (over: Parameters<typeof certificatesOn>[2]) => ({
      ...expired,
      certificates: [own!, certificatesOn('erp2', -12, over)], // the case has two
    });
    expect(renew({ ...expired, certificates: [own!] })).toMatchObject(said(/erp2.*were not read/)); // the case has two
    expect(renew(other({ error: { class: 'LostError', message: 'lost' } }))).toMatchObject(said(/erp2/));
    expect(renew(other({ stores: [] }))).toMatchObject(said(/has none of them/));
    expect(renew(other({ clockSkewMs: 90_000 }))).toMatchObject(said(/mend NTP first/));
    const store = certificatesOn('erp2', -12).stores[0]!; // made with one
    expect(renew(other({ stores: [{ ...store, status: 'unreadable', reason: 'cut off' }] }))).toMatchObject(
      said(/cut off/),
    );
    expect(renew(other({ stores: [{ ...store, path: '/opt/x.pem' }] }))).toMatchObject(
      said(/not below \/etc\/cluster/),
    );
    const broken = { label: '1', kind: 'leaf', certificate: null, problem: 'broken' } as const;
    expect(renew(other({ stores: [{ ...store, certificates: [broken] }] }))).toMatchObject(said(/broken/));
  });

  it('is of the highest risk, and its basis has the tool of every node', () => {
    const plan = planOf('clcomd-renew-certificates', expired);
    expect(plan.risk).toBe('high');
    const tools = plan.basis.filter((line) => line.startsWith('certificate tool on'));
    expect(tools).toEqual(
      ['erp1', 'erp2'].map(
        (node) =>
          `certificate tool on ${node}: -r-x------ root:system, cksum 1234567890 4211 ${toolPath}, shell script - ksh (Korn shell)`,
      ),
    );
    expect(plan.basis).toContain(
      'evidence for the certificate tool: named by a community article, not by IBM; it is the site’s own program',
    );
  });

  it('runs the tool on one node, once, and compares its sum right before', () => {
    const steps = planOf('clcomd-renew-certificates', expired).steps.filter(isOnNode);
    const [run, ...others] = steps.filter((step) =>
      step.commands.some(({ command }) => command.program === toolPath),
    );
    expect(others).toEqual([]);
    expect(run?.node).toBe('erp2');
    expect(run?.effect).toBe('once');
    expect(run?.commands[0]?.mustPrint).toEqual([`1234567890 4211 ${toolPath}`]);
  });
});

describe('what the bytes of a file are', () => {
  it('is what cksum says of them', () => {
    for (const text of ['', 'a', '10.20.1.11\n10.20.1.12\n', 'x'.repeat(70_000)]) {
      const printed = execFileSync('cksum', { input: text }).toString().trim().split(' ').map(Number);
      const { crc, bytes } = sumOfText('/f', text);
      expect([crc, bytes]).toEqual(printed.slice(0, 2));
    }
  });

  it.each([
    ['-rw-------', '600'],
    ['-r-xr-x---', '550'],
    ['-rwsr-xr-x', '4755'],
    ['-rwxr-sr-t', '3755'],
    ['-rwSr--r-T', '5644'],
  ])('%s is mode %s', (letters, digits) => {
    expect(modeDigits(letters)).toBe(digits);
  });
});
