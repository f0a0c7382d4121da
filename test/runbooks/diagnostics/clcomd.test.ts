import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/core/verdict.js';
import { clcomd } from '../../../src/runbooks/diagnostics/clcomd.js';
import { findDiagnostic, findFix, fixes } from '../../../src/runbooks/index.js';
import { certificatesOn, clusterOf, type ClusterCase } from '../clusters.js';

const judge = (given: ClusterCase): readonly Finding[] => clcomd.judge(clusterOf(given));
const brief = (findings: readonly Finding[]) =>
  findings.map(({ id, severity, fixes, follows }) =>
    [severity, id, ...fixes, ...(follows === undefined ? [] : [`< ${follows}`])].join(' '),
  );
const three = ['erp1', 'erp2', 'erp3'];
const textOf = (findings: readonly Finding[]) =>
  findings.map(({ title, observed }) => `${title} ${observed}`).join('\n');

/** All tries into, out of, or between some nodes fail. */
const failing = (names: readonly string[], fails: (from: string, to: string) => boolean, how = 'xxx') =>
  Object.fromEntries(
    names.flatMap((from) => names.filter((to) => fails(from, to)).map((to) => [`${from}>${to}`, how])),
  );

const on = { CLUSTER_NAME: 'erp', LEVEL: 'HIGH', MECHANISM: 'OpenSSL', CERTIFICATE: '/etc/cluster/.cert-x' };
const secured = { security: { value: on } };

describe('a healthy cluster', () => {
  it('is ok, and says how that was proven', () => {
    expect(judge({})).toEqual([]);
    expect(clcomd.remark?.(clusterOf({}))).toBe(
      '4 pairs answered every time; PowerHA 7.2.7 SP1; message authentication off',
    );
    expect(clcomd.matrix?.(clusterOf({}))).toEqual({
      nodes: ['erp1', 'erp2'],
      rounds: 3,
      answered: [
        [3, 3],
        [3, 3],
      ],
    });
  });

  it('may have cluster services that are down everywhere', () => {
    const down = {
      manager: { value: { state: 'ST_INIT', vrmf: null, ibcastEvents: null, rmIbcastEvents: null } },
      groups: { failure: 'Cluster IPC error: The cluster manager is in ST_INIT or NOT_CONFIGURED state.' },
    };
    expect(judge({ nodes: { erp1: down, erp2: down } })).toEqual([]);
  });

  it('may be of PowerHA 6.1, which has its own subsystem and its own place for the list', () => {
    const old = {
      clcomd: { failure: '0513-085 The clcomd Subsystem is not on file.', code: '0513-085' },
      clcomdES: { value: [{ name: 'clcomdES', group: 'clcomdES', pid: 155_906, status: 'active' }] },
      members: null,
      atBoot: null,
      security: null,
      caa: { failure: 'lslpp: Fileset bos.cluster.rte not installed.' },
      rhosts: { failure: 'cat: 0652-050 Cannot open /etc/cluster/rhosts.', code: '0652-050' },
      rhostsFile: { failure: 'ls: 0653-341 The file does not exist.', code: '0653-341' },
      rhosts61: { value: { lines: ['10.20.1.11', '10.20.1.12'], endsWhole: true } },
      rhostsFile61: {
        value: {
          mode: '-rw-------',
          owner: 'root',
          group: 'system',
          path: '/usr/es/sbin/cluster/etc/rhosts',
        },
      },
    };
    expect(brief(judge({ nodes: { erp1: old, erp2: old } }))).toEqual([]);
    const stopped = {
      ...old,
      clcomdES: { value: [{ name: 'clcomdES', group: 'clcomdES', pid: null, status: 'inoperative' }] },
    };
    expect(
      judge({
        nodes: { erp1: old, erp2: stopped },
        tries: failing(['erp1', 'erp2'], (_, to) => to === 'erp2'),
      })[0]?.title,
    ).toBe('Cause found: clcomdES is not running on erp2.');
  });
});

describe('Q1: a node that SSH does not reach', () => {
  it('is no case for clcomd, and what its peers see of it is told', () => {
    const members = {
      value: [
        { name: 'erp1.example.com', state: 'UP', isLocal: true, pointsOfContact: 0 },
        { name: 'erp2.example.com', state: 'DOWN', isLocal: false, pointsOfContact: 0 },
      ],
    };
    const findings = judge({
      nodes: { erp2: 'unreachable', erp1: { members } },
      tries: { 'erp1>erp2': 'xxx', 'erp2>erp1': 'uuu', 'erp2>erp2': 'uuu' },
    });
    expect(brief(findings)).toEqual([
      'crit node.unreachable',
      'crit clcomd.pair-failing < node.unreachable',
      'warn cluster.manager-unstable < node.unreachable',
    ]);
    expect(findings[0]?.observed).toContain('erp1 sees it DOWN');
    expect(findings[0]?.observed).toContain('This is no fault of clcomd');
  });

  it('is unknown where its peers still see it up', () => {
    const findings = judge({
      nodes: { erp2: 'unreachable' },
      tries: { 'erp2>erp1': 'uuu', 'erp2>erp2': 'uuu' },
    });
    expect(brief(findings)).toEqual(['unknown node.unreachable']);
  });
});

describe('Q2: clcomd itself', () => {
  const down = { clcomd: { value: [{ name: 'clcomd', group: 'caa', pid: null, status: 'inoperative' }] } };
  const tries = failing(three, (from, to) => from === 'erp2' || to === 'erp2');

  it('is the cause found where it is down and clrsh fails: one root, and the pairs follow from it', () => {
    const findings = judge({ names: three, nodes: { erp2: down }, tries });
    expect(brief(findings)).toEqual([
      'crit clcomd.inoperative clcomd-start',
      'crit clcomd.pair-failing < clcomd.inoperative',
    ]);
    expect(findings[0]?.title).toBe('Cause found: clcomd is not running on erp2.');
    expect(findings[1]?.title).toBe('clrsh fails for 5 of 9 pairs of nodes.');
  });

  it('is no cause found without a clrsh that failed', () => {
    expect(judge({ nodes: { erp2: down } })[0]?.title).toBe('clcomd is not running on erp2.');
  });

  it('says that it does not come back after a boot where inittab has no entry', () => {
    const findings = judge({ names: three, nodes: { erp2: { ...down, atBoot: { value: null } } }, tries });
    expect(findings[0]?.observed).toContain('/etc/inittab has no entry for it');
  });

  it('is not offered a start where the SRC does not know it', () => {
    const missing = {
      clcomd: { failure: '0513-085 The clcomd Subsystem is not on file.', code: '0513-085' },
    };
    expect(brief(judge({ names: three, nodes: { erp2: missing }, tries }))).toEqual([
      'crit clcomd.not-installed',
      'crit clcomd.pair-failing < clcomd.not-installed',
    ]);
  });

  it('is not offered anything while it is stopping', () => {
    const stopping = { clcomd: { value: [{ name: 'clcomd', group: 'caa', pid: 77, status: 'stopping' }] } };
    expect(brief(judge({ nodes: { erp2: stopping } }))).toEqual(['warn clcomd.inoperative']);
  });
});

describe('Q3: the shape of what fails', () => {
  it('points at no certificate and at no fix where pairs answer now and then', () => {
    const caaLog = { value: { lines: ['unix: tcpsock_ndd_add2_sendq: Overflow, Dropping packet.'] } };
    const findings = judge({
      names: three,
      nodes: { erp1: secured, erp2: { ...secured, caaLog }, erp3: secured },
      tries: { 'erp1>erp2': 'oxo', 'erp3>erp2': 'oox' },
      certificates: three.map((name) => certificatesOn(name, -12)),
    });
    expect(brief(findings)).toEqual(['warn clcomd.pair-intermittent', 'ok clcomd.certificate-expired']);
    expect(findings[0]?.observed).toContain('syslog.caa of erp2 shows overflowing queues');
    expect(findings[0]?.observed).toContain('MTU: erp1 en0 1500');
    expect(findings[0]?.observed).not.toMatch(/certificate/i);
    expect(findings[1]?.title).toContain('it has no part in failures that come and go');
  });

  it.each([
    [
      'a node that does not reach itself',
      (_from: string, to: string) => to === 'erp2',
      'erp2 does not even reach itself',
      ['clcomd-refresh'],
    ],
    [
      'a node that nobody else reaches',
      (from: string, to: string) => to === 'erp2' && from !== to,
      'No other node reaches erp2',
      [],
    ],
    [
      'a node that reaches nobody else',
      (from: string, to: string) => from === 'erp2' && from !== to,
      'erp2 reaches no other node',
      [],
    ],
    [
      'a node that is cut off',
      (from: string, to: string) => (from === 'erp2' || to === 'erp2') && from !== to,
      'erp2 reaches itself over clrsh, and neither',
      [],
    ],
    [
      'a path between two nodes',
      (from: string, to: string) => from !== to && from !== 'erp3' && to !== 'erp3',
      'erp1 and erp2 do not reach each other',
      [],
    ],
    [
      'one direction',
      (from: string, to: string) => from === 'erp1' && to === 'erp3',
      'erp1 does not reach erp3',
      ['clcomd-refresh'],
    ],
    ['everything', () => true, 'clrsh fails between all nodes', ['clcomd-refresh']],
  ] as const)(
    'tells %s in one finding, and never that the cause is found',
    (_what, fails, words, offered) => {
      const findings = judge({ names: three, tries: failing(three, fails) });
      expect(findings).toHaveLength(1);
      expect(findings[0]?.title).toContain(words);
      expect(findings[0]?.title).toMatch(/likely|not determined/);
      expect(textOf(findings)).not.toContain('Cause found');
      expect(findings[0]?.fixes).toEqual(offered);
      expect(findings[0]?.observed).toContain('certificates and keys cannot be the cause');
    },
  );

  it('sees an address that the node has no more', () => {
    const addresses = { value: [{ name: 'en0', mtu: 1_500, address: '10.20.1.77' }] };
    const tries = failing(three, (from, to) => from === 'erp2' && from !== to);
    expect(judge({ names: three, nodes: { erp2: { addresses } }, tries })[0]?.observed).toContain(
      'PowerHA knows it by 10.20.1.12, which none of its interfaces has.',
    );
  });

  it('sees that nothing listens', () => {
    const tries = failing(three, (from, to) => to === 'erp2' && from !== to);
    const sockets = {
      value: { sockets: [{ protocol: 'tcp4', local: '*.22', foreign: '*.*', state: 'LISTEN' }] },
    };
    expect(judge({ names: three, nodes: { erp2: { sockets } }, tries })[0]?.observed).toContain(
      'Nothing listens there',
    );
  });
});

describe('Q4: the list of trusted hosts', () => {
  const into = failing(three, (_, to) => to === 'erp2');
  const list = (lines: readonly string[]) => ({ rhosts: { value: { lines, endsWhole: true } } });
  const good = ['10.20.1.11', '10.20.1.12', '10.20.1.13'];

  it.each([
    [
      'missing',
      { rhosts: { failure: 'cat: 0652-050 Cannot open /etc/cluster/rhosts.', code: '0652-050' } },
      'there is no such file',
    ],
    ['empty', list([]), 'it is empty'],
    [
      'with carriage returns',
      list(good.map((line) => `${line}\r`)),
      'carriage returns at line ends (line 1, 2, 3)',
    ],
    ['with a blank line', list([good[0] ?? '', '', ...good.slice(1)]), 'blank lines (line 2)'],
    ['with blanks at ends', list(good.map((line) => `${line} `)), 'blanks around names'],
    ['with two words in a line', list(['10.20.1.11 erp1', ...good.slice(1)]), 'more than one word (line 1)'],
    [
      'without an address',
      list(['10.20.1.12']),
      '10.20.1.11 (erp1) is missing; 10.20.1.13 (erp3) is missing',
    ],
    [
      'with a mode that all may read',
      {
        rhostsFile: {
          value: { mode: '-rw-r--r--', owner: 'root', group: 'system', path: '/etc/cluster/rhosts' },
        },
      },
      'its mode is -rw-r--r--',
    ],
    [
      'of another owner',
      {
        rhostsFile: {
          value: { mode: '-rw-------', owner: 'bin', group: 'bin', path: '/etc/cluster/rhosts' },
        },
      },
      'it belongs to bin:bin',
    ],
  ] as const)('is the cause found where it is %s and clrsh into the node fails', (_what, changed, words) => {
    const findings = judge({ names: three, nodes: { erp2: changed }, tries: into });
    const [first, ...rest] = findings;
    expect(brief([first as Finding])).toEqual(['crit clcomd.rhosts-wrong clcomd-rhosts']);
    expect(first?.title).toBe('Cause found: /etc/cluster/rhosts is wrong on erp2.');
    expect(first?.observed).toContain(words);
    expect(rest[0]?.follows).toBe('clcomd.rhosts-wrong');
  });

  it('is a warning where clrsh still works: clcomd goes by what it read last', () => {
    const findings = judge({ names: three, nodes: { erp2: list(['10.20.1.12']) } });
    expect(brief(findings)).toEqual(['warn clcomd.rhosts-wrong clcomd-rhosts']);
    expect(findings[0]?.title).not.toContain('Cause found');
  });

  it('explains only the callers that it leaves out', () => {
    const findings = judge({
      names: three,
      nodes: { erp2: list(['10.20.1.11', '10.20.1.12']) },
      tries: into,
    });
    expect(brief(findings)).toEqual([
      'crit clcomd.rhosts-wrong clcomd-rhosts',
      'crit clcomd.pair-failing < clcomd.rhosts-wrong',
      'crit clcomd.pair-failing clcomd-refresh',
    ]);
    expect(findings[1]?.observed).toContain('erp3→erp2');
    expect(findings[2]?.title).toContain('erp2 does not even reach itself');
  });

  it('may hold labels that the node resolves to the right addresses', () => {
    expect(judge({ names: three, nodes: { erp2: list(three) } })).toEqual([]);
    const unknown = {
      ...list(['erp1', 'erp2', 'old-erp3']),
      'host old-erp3': { failure: 'host: 0827-801 Host name old-erp3 does not exist.', code: '0827-801' },
    };
    const nodes = {
      erp1: { 'host old-erp3': { failure: 'host: 0827-801 no', code: '0827-801' } },
      erp3: { 'host old-erp3': { failure: 'host: 0827-801 no', code: '0827-801' } },
    };
    expect(judge({ names: three, nodes: { ...nodes, erp2: unknown }, tries: into })[0]?.observed).toContain(
      '"old-erp3" resolves to nothing there',
    );
  });

  it('is one finding for all nodes whose list is wrong', () => {
    const short = list(['10.20.1.12']);
    const tries = failing(three, (from, to) => from !== 'erp2' && to !== 'erp2');
    const findings = judge({ names: three, nodes: { erp1: short, erp3: short }, tries });
    expect(brief(findings)).toEqual([
      'crit clcomd.rhosts-wrong clcomd-rhosts',
      'crit clcomd.pair-failing < clcomd.rhosts-wrong',
    ]);
    expect(findings[0]?.title).toBe('Cause found: /etc/cluster/rhosts is wrong on erp1 and erp3.');
  });
});

describe('Q5: names', () => {
  const wrong = { 'host erp2': { value: { name: 'erp2', addresses: ['10.99.1.12'], aliases: [] } } };

  it('is the cause found where the caller resolves the other wrongly and clrsh fails, with the line that mends it', () => {
    const findings = judge({ nodes: { erp1: wrong }, tries: { 'erp1>erp2': 'xxx' } });
    expect(brief(findings)).toEqual([
      'crit clcomd.name-resolution',
      'crit clcomd.pair-failing < clcomd.name-resolution',
    ]);
    expect(findings[0]?.title).toBe('Cause found: names of the cluster are resolved wrongly on erp1.');
    expect(findings[0]?.observed).toContain(
      'erp2 is 10.99.1.12 and not 10.20.1.12. In its /etc/hosts belongs "10.20.1.12 erp2"',
    );
  });

  it('is a warning where clrsh works', () => {
    expect(brief(judge({ nodes: { erp1: wrong } }))).toEqual(['warn clcomd.name-resolution']);
  });

  it('asks for addresses too', () => {
    const reverse = {
      'host 10.20.1.12': { value: { name: 'old-name', addresses: ['10.20.1.12'], aliases: [] } },
    };
    expect(judge({ nodes: { erp1: reverse } })[0]?.observed).toContain(
      '10.20.1.12 is called old-name and not erp2',
    );
  });
});

describe('Q6: clocks', () => {
  it('is what answers with other dates follow from', () => {
    const ahead = { utc: { value: { faceMs: Date.parse('2026-11-03T10:05:00Z'), zone: 'UTC' } } };
    const findings = judge({ nodes: { erp2: ahead }, tries: { 'erp1>erp2': 'ddd', 'erp2>erp1': 'ddd' } });
    expect(brief(findings)).toEqual(['warn node.clock-skew', 'crit clcomd.pair-failing < node.clock-skew']);
    expect(findings[0]?.title).toBe('The clocks of the cluster are 300 s apart.');
  });

  it('lets a minute pass', () => {
    expect(
      judge({
        nodes: { erp2: { utc: { value: { faceMs: Date.parse('2026-11-03T10:01:00Z'), zone: 'UTC' } } } },
      }),
    ).toEqual([]);
  });
});

describe('Q7: what protects the messages', () => {
  const everything = failing(['erp1', 'erp2'], () => true);
  const expired = ['erp1', 'erp2'].map((name) => certificatesOn(name, -12));
  const both = { erp1: secured, erp2: secured };

  it('proves no link between an expired certificate and a failing clrsh', () => {
    const findings = judge({ nodes: both, tries: everything, certificates: expired });
    expect(brief(findings)).toEqual([
      'crit clcomd.pair-failing clcomd-refresh',
      'crit clcomd.certificate-expired clcomd-renew-certificates',
    ]);
    expect(findings[1]?.title).toBe(
      'Expired certificate found on erp1 and erp2; link to the failure not proven.',
    );
    expect(textOf(findings)).not.toContain('Cause found');
  });

  it('takes certificates for information where message authentication is off, and says why', () => {
    const findings = judge({ tries: everything, certificates: expired });
    expect(brief(findings)).toEqual([
      'crit clcomd.pair-failing clcomd-refresh',
      'ok clcomd.certificate-expired',
    ]);
    expect(textOf(findings)).toContain(
      'Message authentication is off: certificates and keys cannot be the cause.',
    );
  });

  it('is healthy with an expired certificate that nothing uses', () => {
    expect(judge({ certificates: expired }).map(({ severity }) => severity)).toEqual(['ok']);
  });

  it('warns of certificates in use that end soon, while clrsh works', () => {
    const soon = ['erp1', 'erp2'].map((name) => certificatesOn(name, 9));
    expect(brief(judge({ nodes: both, certificates: soon }))).toEqual([
      'warn clcomd.certificate-expiring clcomd-renew-certificates',
    ]);
    expect(
      judge({ nodes: both, certificates: ['erp1', 'erp2'].map((name) => certificatesOn(name, 31)) }),
    ).toEqual([]);
  });

  it('says "not determined" where the nodes do not say it', () => {
    const silent = { security: { value: { CLUSTER_NAME: 'erp' } } };
    const findings = judge({
      nodes: { erp1: silent, erp2: silent },
      tries: everything,
      certificates: expired,
    });
    expect(brief(findings)).toEqual([
      'crit clcomd.pair-failing clcomd-refresh',
      'warn clcomd.certificate-expired',
    ]);
    expect(textOf(findings)).toContain('not determined: clmgr query cluster does not show LEVEL on erp1');
  });

  it('points at keys where they are symmetric', () => {
    const keys = { security: { value: { LEVEL: 'MED', MECHANISM: '' } } };
    expect(textOf(judge({ nodes: { erp1: keys, erp2: keys }, tries: everything }))).toContain(
      'symmetric keys',
    );
  });

  it('is unknown where declared certificates were not read', () => {
    const declared = ['/etc/cluster/.cert-*'];
    expect(brief(judge({ declared }))).toEqual(['unknown fact.unreadable', 'unknown fact.unreadable']);
    const lost = ['erp1', 'erp2'].map((name) =>
      certificatesOn(name, 100, { error: { class: 'LostError', message: 'lost' }, stores: [] }),
    );
    expect(brief(judge({ declared, certificates: lost }))).toEqual([
      'unknown fact.unreadable',
      'unknown fact.unreadable',
    ]);
  });
});

describe('the cluster manager', () => {
  it.each(['ST_JOINING', 'ST_VOTING', 'ST_RP_RUNNING', 'ST_BARRIER', 'ST_CBARRIER', 'ST_UNSTABLE'])(
    'is not at rest in %s',
    (state) => {
      const manager = { value: { state, vrmf: null, ibcastEvents: 0, rmIbcastEvents: 0 } };
      expect(brief(judge({ nodes: { erp2: { manager } } }))).toEqual(['warn cluster.manager-unstable']);
    },
  );

  it('is not believed to be stable while a group is unmanaged or an event waits', () => {
    const groups = { value: [{ group: 'erp_rg', state: 'UNMANAGED', node: 'erp1' }] };
    expect(judge({ nodes: { erp1: { groups }, erp2: { groups } } })[0]?.observed).toContain(
      'erp1 and erp2: resource group erp_rg is UNMANAGED on erp1',
    );
    const manager = { value: { state: 'ST_STABLE', vrmf: null, ibcastEvents: 1, rmIbcastEvents: 0 } };
    expect(judge({ nodes: { erp1: { manager } } })[0]?.observed).toContain('1 event waits in its queue');
  });

  it('is critical after an event that failed', () => {
    const manager = { value: { state: 'RP_FAILED', vrmf: null, ibcastEvents: 0, rmIbcastEvents: 0 } };
    expect(brief(judge({ nodes: { erp1: { manager } } }))).toEqual(['crit cluster.manager-unstable']);
  });
});

describe('what it suggests', () => {
  it('is registered, where these fixes are', () => {
    expect(findDiagnostic('clcomd')).toBe(clcomd);
    const wanted = ['clcomd-start', 'clcomd-refresh', 'clcomd-rhosts', 'clcomd-renew-certificates'];
    for (const id of wanted.filter((one) => fixes.some((fix) => fix.id === one)))
      expect(findFix(id).id).toBe(id);
  });

  it('reads only', () => {
    for (const fact of Object.values(clcomd.node)) expect(fact.command.effect).toBe('read');
    for (const fact of Object.values(clcomd.followUp?.(clusterOf({}).nodes) ?? {}))
      expect(fact.command.effect).toBe('read');
  });

  it('asks each node for every label and address of the cluster', () => {
    expect(Object.keys(clcomd.followUp?.(clusterOf({}).nodes) ?? {})).toEqual([
      'host erp1',
      'host 10.20.1.11',
      'host erp2',
      'host 10.20.1.12',
      'host erp-svc',
      'host 10.20.1.99',
    ]);
  });
});
