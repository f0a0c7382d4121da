import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ClusterTarget, NodeTarget } from '../../src/core/target.js';
import { hmcRoleText, isAccountedFor, withoutOperation } from '../../src/runbooks/privileges/hmc-role.js';
import { sudoersText } from '../../src/runbooks/privileges/sudoers.js';

function node(name: string, ...paths: readonly string[]): NodeTarget {
  const endpoint = {
    ...{ name, host: '127.0.0.1', port: 22, user: 'aixops', identityFile: null, agent: false, jump: null },
    knownHosts: '/k',
    become: 'sudo',
    algorithms: 'modern',
  } as const;
  return {
    kind: 'node',
    platform: 'hmc',
    ...{ name, endpoint, system: null, lparId: null, cluster: null },
    ...{ tags: {}, owner: null },
    certificates: paths.map((path) => ({ path, owner: null, passwordFile: '/etc/pw,file' })),
  } as const;
}

const cluster: ClusterTarget = {
  kind: 'cluster',
  name: 'erp',
  nodes: [node('erp1'), node('erp2')],
  certificates: [],
  certificateTool: '/opt/site/tool',
};

/** Entries of one part of the list, as they stand there. */
function entries(text: string, name: string): readonly string[] {
  const found = new RegExp(`Cmnd_Alias AIXOPS_${name} = (?<list>[\\s\\S]*?)\\naixops `).exec(text)?.groups;
  return (found?.['list'] ?? '').split(', \\\n    ');
}

describe('the sudoers list with an inventory', () => {
  const declared = [
    node('a', '/etc/a.pem', '/ssl/b.p12', '/ssl/c.kdb', '/etc/cluster/.cert-*', 'tls://:443'),
  ];
  const text = sudoersText('aixops', { nodes: declared, clusters: [cluster] });

  it('has the declared files by name, each with what reads its kind', () => {
    const list = entries(text, 'CERTIFICATES');
    expect(list).toContainEqual(expect.stringMatching(/^\/usr\/bin\/sed -n .* \/etc\/a\.pem$/));
    expect(list).toContain('/usr/bin/openssl pkcs12 -in /ssl/b.p12 -nokeys -passin file\\:/etc/pw\\,file');
    expect(list).toContain('/usr/bin/gsk8capicmd_64 -cert -list -db /ssl/c.kdb -stashed');
  });

  it('lists no glob and says so, and lets nothing further be said', () => {
    expect(text).toContain(
      '# Not listed, for a * here would allow any further argument: /etc/cluster/.cert-*',
    );
    for (const entry of [...entries(text, 'CERTIFICATES'), ...entries(text, 'CLUSTER')]) {
      expect(entry).toMatch(/^\/[\w./-]+ \S/);
      expect(entry).not.toMatch(/(?<!\\)[*?]|^\/\S*\/(?:ba|k|c)?sh /);
    }
  });

  it('has what a cluster is asked and told, with its own nodes and its own tool', () => {
    const list = entries(text, 'CLUSTER');
    for (const entry of [
      '/usr/sbin/clrsh erp2 /usr/bin/date',
      '/usr/bin/startsrc -s clcomd',
      '/usr/bin/refresh -s clcomd',
      '/usr/bin/cksum /opt/site/tool',
    ])
      expect(list).toContain(entry);
  });

  it('is the plain list where the inventory declares nothing', () => {
    expect(sudoersText('ops', { nodes: [node('a')], clusters: [] })).toBe(sudoersText('ops', null));
    expect(sudoersText('ops', null)).not.toContain('aixops ALL');
  });
});

describe('the HMC role', () => {
  it('accounts for every command that is run on an HMC', () => {
    const calls = hmcCalls();
    expect(calls.map(([program]) => program)).toEqual(
      expect.arrayContaining(['lssyscfg', 'diagrmc', 'chsysstate']),
    );
    expect(calls.filter(([program, words]) => !isAccountedFor(program, words))).toEqual([]);
  });

  it('names no operation that nothing run here asks for', () => {
    const programs = new Set(hmcCalls().map(([program]) => program));
    expect(withoutOperation.filter((program) => !programs.has(program))).toEqual([]);
    expect(hmcRoleText('aixops')).toContain(
      `mkaccfg -t taskrole -i 'name=aixops-read,parent=hmcsuperadmin,"resources=HMCConsole:ListConnections+ListHMCConfiguration,cec:ListCECProperty,lpar:ListLPARProperty"'`,
    );
    expect(hmcRoleText('aixops')).toContain('cec:ListCECProperty+RebuildCEC,');
  });

  it('says that it is not proven', () => {
    expect(hmcRoleText('aixops')).toContain('NOT PROVEN on an HMC');
  });
});

/** Programs and words of every call of `hmcRead` and `hmcChange` in the source. */
function hmcCalls(): readonly (readonly [string, readonly string[]])[] {
  const root = new URL('../../src/', import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return files.flatMap((name) => {
    const text = readFileSync(new URL(name, root), 'utf8');
    const found = text.matchAll(/hmc(?:Read|Change)\(\s*(?:'(?:once|idempotent)',\s*)?'(?<program>[a-z]+)'/g);
    // Words of the arguments stand close by, in the call or in the line above it.
    return [...found].map((call): readonly [string, readonly string[]] => {
      const around = text.slice(Math.max(call.index - 300, 0), call.index + 300);
      return [
        call.groups?.['program'] ?? '',
        [...around.matchAll(/'(?<word>[\w-]+)'/g)].map((one) => one[1] ?? ''),
      ];
    });
  });
}
