import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cloudInitLogReader, loggedLinkLocals, type LoggedAddress } from '../../src/aix/cloud-init-log.js';
import { trustCheck, untrusted } from '../../src/aix/ctsvhbac.js';
import { freeSpace } from '../../src/aix/df.js';
import { effectiveUser } from '../../src/aix/id.js';
import { interfaceAttributes } from '../../src/aix/lsattr.js';
import { saysNoCluster } from '../../src/aix/lscluster.js';
import { clusterFilesets, saysNotInstalled } from '../../src/aix/lslpp.js';
import { repositoryDisks } from '../../src/aix/lspv.js';
import { caaNodeUuid, cluster0 } from '../../src/aix/odmget.js';
import { ParseError } from '../../src/core/errors.js';
import { renderCommand } from '../../src/core/remote-command.js';

const fixture = (path: string) => readFileSync(new URL(`../fixtures/aix/${path}`, import.meta.url), 'utf8');

describe('the commands', () => {
  it('are what IBM documents, word for word', () => {
    expect(renderCommand(cluster0.command)).toBe('/usr/bin/odmget -q name=cluster0 CuAt');
    expect(renderCommand(clusterFilesets.command)).toBe('/usr/bin/lslpp -Lcq cluster.es.server.rte');
    expect(renderCommand(freeSpace('/var/adm').command)).toBe('/usr/bin/df -kP /var/adm');
    expect(renderCommand(interfaceAttributes('en1').command)).toBe('/usr/sbin/lsattr -El en1');
    expect(effectiveUser.command.needsRoot).toBe(true);
  });

  it('take no word that is not what it should be', () => {
    for (const path of ['var', '/var; reboot', '/var adm', ''])
      expect(() => freeSpace(path)).toThrow(TypeError);
    for (const name of ['-a', 'en', 'en0 en1', 'en0;ls', ''])
      expect(() => interfaceAttributes(name)).toThrow(TypeError);
  });
});

describe('signs of a cluster', () => {
  it('knows a repository disk by its volume group, varied on or not', () => {
    const disk = { name: 'hdisk1', pvid: '00f6a1b2c3d4e5f7' };
    const volumes = [
      { ...disk, volumeGroup: 'caavg_private', state: null },
      { ...disk, volumeGroup: 'rootvg', state: 'active' },
      { ...disk, volumeGroup: null, state: null },
    ];
    expect(repositoryDisks(volumes)).toEqual([volumes[0]]);
  });

  it('tells a UUID of zeros, and none, from one that is set', () => {
    const object = (attribute: string, value: string) => ({
      class: 'CuAt',
      attributes: { attribute, value },
    });
    expect(caaNodeUuid([])).toBeNull();
    expect(caaNodeUuid([object('clvdisk', '3f2504e0')])).toBeNull();
    expect(caaNodeUuid([object('node_uuid', '00000000-0000-0000-0000-000000000000')])).toBeNull();
    expect(caaNodeUuid([object('node_uuid', '8E2F6A10')])).toBe('8e2f6a10');
  });

  it('does not take a stopped cluster for none', () => {
    const says = (message: string, code: string | null = null) => saysNoCluster({ code, message });
    expect(says('Cluster services are not active.')).toBe(true);
    expect(says('lscluster: Cluster services are not active on this node.')).toBe(true);
    expect(says('Cluster services are not active on this node because it has been stopped.')).toBe(false);
    expect(says('Cluster services are not active.', '0513-085')).toBe(false);
  });

  it('knows the message of a fileset that is not installed, with and without its number', () => {
    const says = (code: string | null, message: string) => saysNotInstalled({ code, message });
    expect(says('0504-132', 'lslpp: 0504-132  Fileset x not installed.')).toBe(true);
    expect(says(null, 'lslpp: Fileset x not installed.')).toBe(true);
    expect(says('0504-111', 'lslpp: 0504-111 The ODM cannot be read.')).toBe(false);
  });
});

describe('trust', () => {
  it('names every identity that is not a trusted host, whatever else its status says', () => {
    const check = {
      files: [],
      keyParity: '',
      identities: [
        { identity: 'lpar1', status: 'Trusted host' },
        { identity: '10.20.1.11', status: 'ATTENTION - Not a trusted host' },
      ],
    };
    expect(untrusted(check)).toEqual([check.identities[1]]);
    expect(trustCheck.exits).toEqual([10, 20]);
  });
});

describe("cloud-init's log", () => {
  const whole = fixture('cloud-init-log/link-local.txt').trimEnd().split('\n');

  it.each(['Connection to 10.20.1.11 closed.', '...', 'root@lpar1:/# ', 'ci-info: what is this?'])(
    'refuses %j anywhere inside a table',
    (line) => {
      for (let at = 1; at < 8; at += 1) {
        const lines = whole.toSpliced(at, 0, line);
        expect(() => cloudInitLogReader.read(lines.join('\n'))).toThrow(ParseError);
      }
    },
  );

  it('gives the link-local addresses, the latest boot first and each once', () => {
    const row = (device: string, address: string | null, boot: number): LoggedAddress => ({
      device,
      up: true,
      address,
      mask: null,
      scope: 'link',
      hardwareAddress: null,
      boot,
    });
    const rows = [
      row('en1', 'fe80::1/64', 1),
      row('lo0', '::1/128', 1),
      row('en1', null, 2),
      row('en2', 'fe80::2/64', 2),
      row('en1', 'fe80::1/64', 3),
    ];
    expect(loggedLinkLocals(rows)).toEqual([rows[4], rows[3]]);
  });
});
