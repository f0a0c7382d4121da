import { describe, expect, it } from 'vitest';
import { rmc } from '../../../src/runbooks/diagnostics/rmc.js';
import { curedBy, curesOf } from '../../../src/runbooks/diagnostics/rmc/cures.js';
import { fixes } from '../../../src/runbooks/index.js';
import { caseNames, collectedOf } from '../cases.js';

/** The decision tree as a table: row, case, the root findings in their order, the fixes that are suggested for them. */
const rows: readonly (readonly [row: string, name: string, roots: string, fixes: string])[] = [
  ['1', 'lpar-not-running', 'rmc.lpar-not-running', ''],
  ['2', 'system-disconnected', 'rmc.system-disconnected', ''],
  ['2', 'system-connection-lost', 'rmc.system-disconnected', ''],
  ['3', 'hmc-views-disagree', 'rmc.hmc-views-disagree', 'hmc-rebuild-system'],
  ['3', 'hmc-views-disagree-reversed', 'rmc.hmc-views-disagree', 'hmc-rebuild-system'],
  ['4', 'limited-os', 'rmc.limited-os', ''],
  ['4', 'limited-os-node-not-reached', 'rmc.limited-os', ''],
  ['5', 'rsct-not-installed', 'rsct.not-installed', ''],
  ['6', 'level-too-old', 'rsct.level-too-old', ''],
  ['6', 'level-needs-apar', 'rsct.level-too-old', ''],
  ['6', 'powervs-level-too-old', 'rsct.level-too-old', ''],
  ['6', 'powervs-level-below-recommended', 'rsct.level-below-recommended', ''],
  ['6, 7', 'level-too-old-ctrmc-stopped', 'rsct.level-too-old', ''],
  ['7', 'ctrmc-stopped', 'rmc.daemon-down', 'rmc-restart'],
  ['7', 'management-domain-manager-stopped', 'rmc.daemon-down', 'rmc-restart'],
  [
    '8',
    'powervs-link-local-missing',
    'rmc.ipv6-link-local-missing',
    'rmc-ipv6-recovery rmc-own-image-recovery',
  ],
  ['9', 'node-id-duplicate', 'rsct.node-id-duplicate', 'rsct-rebuild'],
  ['9', 'node-id-duplicate-in-a-cluster', 'rsct.node-id-duplicate', 'rsct-rebuild'],
  ['9', 'node-id-duplicate-original', 'rsct.node-id-duplicate', ''],
  ['9', 'node-id-duplicate-undecided', 'rsct.node-id-duplicate', ''],
  ['9, by Z', 'flapping-no-twin-known', 'rsct.node-id-duplicate', ''],
  ['10', 'node-id-mismatch', 'rsct.node-id-mismatch', 'rsct-rebuild'],
  ['10', 'node-id-lost', 'rsct.node-id-mismatch', 'rsct-rebuild'],
  ['11', 'not-registered', 'rmc.not-registered', 'rmc-refresh-domain rmc-restart'],
  ['11', 'not-registered-nobody-in-band', 'rmc.not-registered', 'rmc-refresh-domain rmc-restart'],
  ['12', 'foreign-hmc', 'rmc.foreign-hmc', 'rmc-restart'],
  ['12', 'foreign-hmc-up', 'rmc.foreign-hmc', 'rmc-restart'],
  ['13', 'port-blocked', 'rmc.port-blocked', ''],
  ['13', 'port-blocked-no-route', 'rmc.port-blocked', ''],
  ['14', 'heartbeat-down-tcp-connects', 'rmc.heartbeat-down', ''],
  ['14', 'heartbeat-down-tcp-refused', 'rmc.heartbeat-down', 'rmc-refresh-domain'],
  ['14, closed', 'heartbeat-down-clients-disabled', 'rmc.heartbeat-down', 'rmc-enable-remote'],
  ['15', 'packet-size', 'rmc.packet-size', ''],
  ['16, once', 'pending-authentication', 'rmc.pending-authentication', ''],
  ['16, twice', 'pending-again', 'rmc.pending-authentication', 'rmc-restart'],
  ['17', 'drm-down', 'rmc.drm-down', 'rmc-restart'],
  ['17', 'dcaps-zero', 'rmc.dlpar-not-capable', 'rmc-restart'],
  ['17', 'capabilities-zero', 'rmc.dlpar-not-capable', 'rmc-restart'],
  ['18', 'address-recycled', 'rmc.stale-hmc-entry', 'hmc-rebuild-system hmc-autocorrect'],
  ['18', 'address-of-before', 'rmc.stale-hmc-entry', 'hmc-rebuild-system hmc-autocorrect'],
  ['18', 'address-of-another-node', 'rmc.stale-hmc-entry', 'hmc-rebuild-system hmc-autocorrect'],
  ['19', 'healthy', '', ''],
  // More than one at a time.
  ['2, 1', 'system-powered-off', 'rmc.lpar-not-running', ''],
  ['7, 3', 'ctrmc-stopped-hmc-view-behind', 'rmc.daemon-down', 'rmc-restart'],
  [
    '7, 9, 18',
    'ctrmc-stopped-twin-and-stale-address',
    'rmc.daemon-down rsct.node-id-duplicate rmc.stale-hmc-entry',
    'rmc-restart rsct-rebuild hmc-rebuild-system hmc-autocorrect',
  ],
  [
    '13, closed',
    'port-blocked-and-clients-disabled',
    'rmc.port-blocked rmc.heartbeat-down',
    'rmc-enable-remote',
  ],
  ['17, 6', 'powervs-level-below-recommended-drm-down', 'rmc.drm-down', 'rmc-restart'],
];

const words = (text: string) => text.split(' ').filter((word) => word !== '');

describe('the decision tree', () => {
  it.each(rows)('row %s: %s', (_row, name, roots, suggested) => {
    const found = rmc
      .judge(collectedOf(name))
      .filter((one) => one.follows === undefined && one.severity !== 'ok');
    expect(found.map((one) => one.id)).toEqual(words(roots));
    expect(found.flatMap((one) => one.fixes)).toEqual(words(suggested));
  });

  it('has a case for each of its rows', () => {
    const seen = new Set(rows.flatMap(([row]) => row.match(/\d+/g) ?? []));
    expect([...seen].map(Number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 19 }, (_, at) => at + 1),
    );
  });

  it('shows for every root the lines that prove it, unless nothing was printed', () => {
    for (const [, name] of rows)
      for (const finding of rmc.judge(collectedOf(name)))
        if (finding.follows === undefined && finding.severity === 'crit')
          expect(finding.evidence.length, `${finding.id} in ${name}`).toBeGreaterThan(0);
  });

  it('asks for a second look where the tree asks for one, and only there', () => {
    const asking = caseNames.filter((name) =>
      rmc.judge(collectedOf(name)).some((one) => one.needsSecondRead === true),
    );
    expect(asking).toEqual([
      'messages-queued',
      'pending-after-down',
      'pending-authentication',
      'pending-before-unread',
    ]);
  });
});

describe('the map of findings to fixes', () => {
  it('suggests no fix that the map does not have for the finding', () => {
    for (const name of caseNames)
      for (const finding of rmc.judge(collectedOf(name)))
        for (const fix of finding.fixes) expect(curedBy(fix), `${fix} in ${name}`).toContain(finding.id);
  });

  it('names only fixes that are registered, and those cure what it says', () => {
    const ids = fixes.map((fix) => fix.id);
    const named = new Set(rows.flatMap(([, , , suggested]) => words(suggested)));
    expect([...named].filter((fix) => !ids.includes(fix))).toEqual([]);
    for (const fix of fixes)
      for (const finding of curedBy(fix.id)) expect(fix.cures, fix.id).toContain(finding);
  });

  it('lists the least risky fix first', () => {
    expect(curesOf('rmc.not-registered')).toEqual(['rmc-refresh-domain', 'rmc-restart']);
  });
});
