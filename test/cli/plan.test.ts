import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/core/canonical.js';
import { aixops, type Ended } from './aixops.js';
import { startEstate, type TestEstate } from './estate.js';

let estate: TestEstate;
beforeAll(async () => {
  estate = await startEstate();
});
afterAll(() => estate.stop());

function plan(...args: string[]): Promise<Ended> {
  return aixops(['plan', '--config', estate.config, ...args]);
}

interface Printed {
  readonly kind: string;
  readonly digest: string;
  readonly plan: { readonly fix: string; readonly target: string };
}

describe.concurrent('plan', { timeout: 60_000 }, () => {
  it('shows every command and the digest, and says where it can be run', async () => {
    const { code, stdout, stderr } = await plan('rmc-restart', 'lpar2');
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Restart RMC on lpar2, keeping its configuration\n/);
    for (const words of ['rmcctrl -z', 'rmcctrl -A', 'rmcctrl -p', 'Undone by', 'Counts as done when'])
      expect(stdout).toContain(words);
    expect(stdout).toMatch(/^SHA-256 {4}[0-9a-f]{64}$/m);
    expect(stdout).toMatch(
      /\nNothing of it was run\. To have it approved and run, type in Slack: \/rmc-fix lpar2 rmc-restart\n$/,
    );
  });

  it('gives the same digest for the same facts, of the plan that it prints, in words and in JSON', async () => {
    const [a, b, text] = await Promise.all([
      plan('rmc-restart', 'lpar2', '--json'),
      plan('rmc-restart', 'lpar2', '--json'),
      plan('rmc-restart', 'lpar2'),
    ]);
    const printed = JSON.parse(a.stdout) as Printed;
    expect(Object.keys(printed)).toEqual(['kind', 'digest', 'plan']);
    expect(printed).toMatchObject({ kind: 'plan', plan: { fix: 'rmc-restart', target: 'lpar2' } });
    expect(printed.digest).toBe(digestOf(printed.plan));
    expect(b.stdout).toBe(a.stdout);
    expect(text.stdout).toContain(printed.digest);
  });

  it('runs nothing of it', async () => {
    const { lab } = estate;
    const stateBefore = lab.node('lpar2').state();
    await plan('rmc-restart', 'lpar2');
    for (const program of ['rmcctrl', 'startsrc', 'stopsrc', 'refresh'])
      expect(await lab.node('lpar2').ran(program)).toEqual([]);
    expect(lab.node('lpar2').state()).toEqual(stateBefore);
  });

  it('shows the plan of a cluster, node by node, for the cluster’s name and for a node’s', async () => {
    const [text, json] = await Promise.all([
      plan('clcomd-renew-certificates', 'erp'),
      plan('clcomd-renew-certificates', 'erp2', '--json'),
    ]);
    expect([text.code, json.code], text.stdout + json.stderr).toEqual([0, 0]);
    expect(text.stdout).toMatch(/^Renew the certificates of cluster erp with .*clrexec_cert_setup\n/);
    expect(text.stdout).toMatch(/^Cluster {4}erp$/m);
    for (const words of [
      '— on erp1',
      '— on erp2',
      'gates C1',
      'Runs on erp',
      'named by a community article, not by IBM',
    ])
      expect(text.stdout).toContain(words);
    expect(text.stdout).toMatch(/type in Slack: \/clcomd-fix erp clcomd-renew-certificates\n$/);
    const printed = JSON.parse(json.stdout) as Printed;
    expect(printed.plan.target).toBe('erp');
    expect(printed.digest).toBe(digestOf(printed.plan));
    for (const program of ['refresh', 'clrexec_cert_setup', 'tar'])
      expect(await estate.lab.node('erp2').ran(program)).toEqual([]);
  });

  it('says what is no cluster, and what is in none', async () => {
    const [unknown, outside] = await Promise.all([
      plan('clcomd-start', 'epr'),
      plan('clcomd-start', 'lpar1'),
    ]);
    expect([unknown.code, outside.code]).toEqual([64, 64]);
    expect(unknown.stderr).toContain('Did you mean erp');
    expect(outside.stderr).toContain('lpar1 is in no cluster');
  });

  it('says when there is nothing to do', async () => {
    const [text, json] = await Promise.all([
      plan('rmc-enable-remote', 'lpar1'),
      plan('rmc-enable-remote', 'lpar1', '--json'),
    ]);
    expect([text.code, json.code]).toEqual([0, 0]);
    expect(text.stdout).toMatch(/^Nothing to do: TCP 657 is already listening on lpar1/);
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: 'nothing-to-do' });
  });

  it('ends with 2 when a gate refuses, and with 3 when the node was not read', async () => {
    const [refused, unread] = await Promise.all([
      plan('rmc-restart', 'lpar5'),
      plan('rmc-restart', 'lpar8', '--json'),
    ]);
    expect(refused.code).toBe(2);
    expect(refused.stdout).toMatch(
      /^Refused: lpar5 is not running.*\nGate \S+ Nothing was changed on lpar5\.\n$/,
    );
    expect(unread.code).toBe(3);
    expect(JSON.parse(unread.stdout)).toMatchObject({ kind: 'refused', gate: 'node.host-key-changed' });
  });

  it.each([
    ['an unknown fix', ['rmc-restrt', 'lpar1'], 'Unknown fix "rmc-restrt". Did you mean rmc-restart?'],
    ['an unknown node', ['rmc-restart', 'lpra1'], 'Unknown target "lpra1". Did you mean lpar1?'],
    ['many nodes', ['rmc-restart', 'all'], 'A plan is for one node; "all" names 10.'],
    ['no node', ['rmc-restart'], "Missing required argument 'target'."],
  ])('ends with 64 for %s', async (_what, args, words) => {
    const { code, stdout, stderr } = await plan(...args);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain(`aixops: ${words}`);
  });
});
