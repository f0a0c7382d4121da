import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Inventory } from '../../src/inventory/inventory.js';
import { loadInventory, readInventory } from '../../src/inventory/load.js';
import { problemLine } from '../../src/settings/problem.js';
import { temporaryFolder } from '../temporary-folder.js';

const places = { folder: '/etc/aixops', home: '/home/ops' };
const whole = `
defaults: { user: root, port: 22, identityFile: ~/.ssh/id_ed25519, knownHosts: ./known_hosts }
bastions:
  bastion1: { host: 10.0.0.9, user: jump }
hmcs:
  hmc1: { host: 10.0.0.5, user: hscroot }
systems:
  p9-a: { hmc: hmc1, name: Server-9009-42A-SN7800001 }
nodes:
  lpar1: { host: 10.0.1.11, system: p9-a, lparId: 3, platform: hmc, tags: { env: prod }, owner: "@unix-oncall" }
  erp1:  { host: erp1.example.net, system: p9-a, lparId: 4, become: sudo, jump: bastion1, algorithms: legacy }
  erp2:  { host: "fd00::12", port: 2222, user: aixops, identityFile: keys/erp2, certificates: ["/ssl/*.pem"] }
  pvs1:  { host: 10.0.2.21, platform: powervs }
clusters:
  erp: { nodes: [erp1, erp2], certificates: ["/etc/cluster/.cert-*"], certificateTool: /usr/es/sbin/tool }
certificates:
  - { nodes: "tag:env=prod", files: ["/ssl_nimsh/certs/*.pem"], owner: "@nim-team" }
`;

function inventoryOf(text: string): Inventory {
  const loaded = readInventory('inventory.yaml', text, places);
  if (loaded.kind === 'problems') throw new Error(loaded.problems.map(problemLine).join('\n'));
  return loaded.inventory;
}

function problemsOf(text: string): readonly string[] {
  const loaded = readInventory('inventory.yaml', text, places);
  return loaded.kind === 'problems' ? loaded.problems.map(problemLine) : [];
}

describe('an inventory', () => {
  const inventory = inventoryOf(whole);

  it('follows every name to what it stands for', () => {
    const lpar1 = inventory.nodes.get('lpar1');
    expect(lpar1).toMatchObject({
      kind: 'node',
      platform: 'hmc',
      lparId: 3,
      cluster: null,
      tags: { env: 'prod' },
      owner: '@unix-oncall',
      system: { name: 'p9-a', hmcName: 'Server-9009-42A-SN7800001', hmc: { kind: 'hmc', name: 'hmc1' } },
    });
    expect(inventory.nodes.get('erp1')?.cluster).toBe('erp');
    expect(inventory.nodes.get('pvs1')).toMatchObject({ platform: 'powervs', system: null, lparId: null });
    expect([...inventory.nodes.keys()]).toEqual(['lpar1', 'erp1', 'erp2', 'pvs1']);
  });

  it('gives every endpoint the defaults that it does not override', () => {
    expect(inventory.nodes.get('lpar1')?.endpoint).toEqual({
      name: 'lpar1',
      host: '10.0.1.11',
      port: 22,
      user: 'root',
      identityFile: '/home/ops/.ssh/id_ed25519',
      agent: false,
      knownHosts: '/etc/aixops/known_hosts',
      become: null,
      algorithms: 'modern',
      jump: null,
    });
    expect(inventory.nodes.get('erp2')?.endpoint).toMatchObject({
      host: 'fd00::12',
      port: 2222,
      user: 'aixops',
      identityFile: '/etc/aixops/keys/erp2',
    });
  });

  it('gives a node its bastion, sudo and old algorithms', () => {
    expect(inventory.nodes.get('erp1')?.endpoint).toMatchObject({
      become: 'sudo',
      algorithms: 'legacy',
      jump: { name: 'bastion1', host: '10.0.0.9', user: 'jump', become: null, jump: null },
    });
  });

  it('logs in to an HMC as hscroot unless told otherwise, and never with sudo', () => {
    const hmc = inventoryOf('defaults: { user: root, become: sudo }\nhmcs: { h: { host: h1 } }').hmcs.get(
      'h',
    );
    expect(hmc?.endpoint).toMatchObject({ user: 'hscroot', become: null });
  });

  it('uses the agent where no key file is named', () => {
    const { nodes } = inventoryOf('nodes: { a: { host: a1 } }');
    expect(nodes.get('a')?.endpoint).toMatchObject({ agent: true, identityFile: null, user: 'root' });
  });

  it('may be empty', () => {
    expect(inventoryOf('').nodes.size).toBe(0);
  });
});

describe('a wrong inventory', () => {
  it('tells every problem at once, in the order of the file, each with its line and key', () => {
    const text = [
      'nodes:',
      '  lpar1: { hots: 10.0.1.11 }',
      '  lpar2:',
      '    host: 10.0.1.12',
      '    port: 99999',
      '    lparId: three',
      '  "my lpar": { host: a }',
      'hmc: {}',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      'inventory.yaml:2 nodes.lpar1.host: This must be a host name or an address.',
      'inventory.yaml:2 nodes.lpar1.hots: There is no such key here. Did you mean host?',
      'inventory.yaml:5 nodes.lpar2.port: A port is 1 to 65535.',
      'inventory.yaml:6 nodes.lpar2.lparId: This must be the LPAR number on its managed system.',
      'inventory.yaml:7 nodes.my lpar: A name has letters, digits, dots, underscores and hyphens, and no blanks.',
      'inventory.yaml:8 hmc: There is no such key here. Did you mean hmcs?',
    ]);
  });

  it('tells every name that leads nowhere', () => {
    const text = [
      'hmcs: { hmc1: { host: h1 } }',
      'systems:',
      '  p9-a: { hmc: hmc2, name: S1 }',
      '  p9-b: { hmc: hmc1, name: S2 }',
      'nodes:',
      '  n1: { host: a, system: p9-a }',
      '  n2: { host: b, system: p9-c, jump: b1 }',
      '  n3: { host: c, system: p9-b, lparId: 3 }',
      '  n4: { host: d, system: p9-b, lparId: 3 }',
      '  p9-b: { host: e }',
      '  pvs: { host: f, platform: powervs, system: p9-b }',
      'clusters:',
      '  c1: { nodes: [n1, n9] }',
      '  c2: { nodes: [n1] }',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      'inventory.yaml:3 systems.p9-a.hmc: There is no "hmc2" under hmcs. Did you mean hmc1?',
      'inventory.yaml:7 nodes.n2.system: There is no "p9-c" under systems. Did you mean p9-b?',
      'inventory.yaml:7 nodes.n2.jump: There is no "b1" under bastions.',
      'inventory.yaml:9 nodes.n4.lparId: n3 is LPAR 3 of p9-b already.',
      'inventory.yaml:10 nodes.p9-b: The name "p9-b" is already used under systems.',
      'inventory.yaml:11 nodes.pvs.system: A powervs node has no managed system of ours.',
      'inventory.yaml:13 clusters.c1.nodes[1]: There is no "n9" under nodes. Did you mean n1?',
      'inventory.yaml:14 clusters.c2.nodes[0]: n1 is in cluster c1 already.',
    ]);
  });

  it.each([
    ['nodes: [a, b', 'inventory.yaml:1 This is not YAML'],
    ['nodes:\n  a: { host: x }\n  a: { host: y }', 'inventory.yaml:3 This is not YAML'],
    ['- a\n- b', 'inventory.yaml:1 This must be a mapping'],
    ['nodes: yes please', 'inventory.yaml:1 nodes: This must be a mapping'],
    ['nodes: { a: { host: "-oProxyCommand=x" } }', 'nodes.a.host: This must be a host name or an address'],
    ['nodes: { a: { host: b, user: "x y" } }', 'nodes.a.user: This must be a login name'],
    ['nodes: { a: { host: b, become: su } }', 'nodes.a.become: The only value is sudo'],
    ['nodes: { all: { host: b } }', 'nodes.all: The name "all" means every node'],
    ['certificates: [{ nodes: 3, files: [/a] }]', 'certificates[0].nodes: This must be a target'],
    [
      'certificates: [{ nodes: all, files: [a.pem] }]',
      'certificates[0].files[0]: This must be an absolute path',
    ],
    ['certificates: [{ nodes: all, files: ["tls://web"] }]', 'on the node, or tls://host:port'],
    ['certificates: [{ nodes: all, files: ["tls://-x:443"] }]', 'on the node, or tls://host:port'],
    ['certificates: [{ nodes: all, files: ["tls://web:70000"] }]', 'on the node, or tls://host:port'],
    ['certificates: [{ nodes: all, files: [/a], passwordFile: "/b/*" }]', 'on the node, of one file'],
    ['certificates: [{ nodes: all, files: [/a], passwordfile: /b }]', 'Did you mean passwordFile?'],
    [
      'nodes: { a: { host: b, certificates: ["x"] } }',
      'nodes.a.certificates[0]: This must be an absolute path',
    ],
    ['clusters: { c: { nodes: [] } }', 'clusters.c.nodes: A cluster has at least one node'],
  ])('says what is wrong with %j', (text, sentence) => {
    expect(problemsOf(text).join('\n')).toContain(sentence);
  });

  it('refuses names that objects are made with', () => {
    expect(problemsOf('nodes: { n: { host: a, system: constructor } }')).toHaveLength(1);
    expect(problemsOf('nodes: { n: { host: a, jump: toString } }')).toHaveLength(1);
  });
});

describe('certificates of a node', () => {
  it('come from rules, from its own entry and from its cluster; the first that names a path counts', () => {
    const { nodes } = inventoryOf(`
nodes:
  a: { host: x, owner: "@a-team", certificates: ["/own.pem", "/ldap.p12", "tls://:636"] }
  b: { host: y, tags: { env: prod } }
clusters:
  c: { nodes: [a, b], certificates: ["/etc/cluster/.cert-*"] }
certificates:
  - { nodes: a, files: ["/ldap.p12"], owner: "@ldap-team", passwordFile: /etc/ldap.password }
  - { nodes: [b, "tag:env=prod"], files: ["tls://[::1]:443", "tls://web.example:443"] }
`);
    expect(nodes.get('a')?.certificates).toEqual([
      { path: '/ldap.p12', owner: '@ldap-team', passwordFile: '/etc/ldap.password' },
      { path: '/own.pem', owner: '@a-team' },
      { path: 'tls://:636', owner: '@a-team' },
      { path: '/etc/cluster/.cert-*', owner: '@a-team' },
    ]);
    expect(nodes.get('b')?.certificates).toEqual([
      { path: 'tls://[::1]:443', owner: null },
      { path: 'tls://web.example:443', owner: null },
      { path: '/etc/cluster/.cert-*', owner: null },
    ]);
  });
});

describe('the file', () => {
  it('says what to write when it is missing', () => {
    const folder = temporaryFolder();
    const loaded = loadInventory({ folder, home: '/' });
    expect(loaded).toMatchObject({ kind: 'problems', problems: [{ file: join(folder, 'inventory.yaml') }] });
    expect(JSON.stringify(loaded)).toContain('nodes: { lpar1: { host: 10.0.1.11 } }');
  });

  it('says so when there is a folder in its place', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'inventory.yaml'));
    expect(JSON.stringify(loadInventory({ folder, home: '/' }))).toContain('a file is needed');
  });

  it('is read from the folder', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'inventory.yaml'), 'nodes: { a: { host: b } }\n');
    const loaded = loadInventory({ folder, home: '/' });
    expect(loaded.kind === 'inventory' && loaded.inventory.nodes.get('a')?.endpoint.knownHosts).toBe(
      join(folder, 'known_hosts'),
    );
  });
});
