import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EstateHmc, EstateSystem } from './estate.js';
import { findOnHost } from './node-programs.js';
import { bin, writeShellSettings } from './shell.js';

/** The folder that is a simulated HMC: its commands in `bin`, its systems in `state`, and where their LPARs are. */
export interface HmcPlace {
  readonly name: string;
  readonly root: string;
  readonly hmc: EstateHmc;
  readonly lab: string;
  readonly systems: readonly HmcSystem[];
}

export interface HmcSystem {
  readonly system: EstateSystem;
  /** LPAR id → root of its node. What the HMC shows of an LPAR is read from there at every call. */
  readonly lpars: readonly { readonly lparId: number; readonly root: string }[];
}

const commands = 'lssyscfg lspartition lssysconn lshmc chsysstate diagrmc lslparmigr chhwres fgrep'.split(
  ' ',
);

/** Makes the HMC's folder from nothing. */
export function buildHmcRoot(place: HmcPlace): void {
  const { root } = place;
  for (const folder of ['bin', 'home', 'lab/knobs', 'state/systems'])
    mkdirSync(join(root, folder), { recursive: true });
  for (const command of commands) symlinkSync(join(bin, 'hmc', command), join(root, 'bin', command));
  symlinkSync(findOnHost('grep') ?? '/usr/bin/grep', join(root, 'bin/grep'));
  place.systems.forEach((entry, index) => writeSystem(root, entry, index));
  writeFileSync(join(root, 'state/unknown-word'), `${place.hmc.unknownWord}\n`);
  writeFileSync(join(root, 'state/lshmc-V'), version);
  writeFileSync(join(root, 'state/lshmc-n'), network(place));
  writeShellSettings(root, { kind: 'hmc', user: place.hmc.user, lab: place.lab });
}

function writeSystem(root: string, { system, lpars }: HmcSystem, index: number): void {
  const folder = join(root, 'state/systems', String(index + 1).padStart(3, '0'));
  mkdirSync(join(folder, 'lpars'), { recursive: true });
  const files = {
    name: system.name,
    type_model: system.typeModel,
    serial: system.serial,
    ipaddr: system.serviceProcessor,
    state: system.state,
    connection: system.connection,
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), `${text}\n`);
  for (const lpar of lpars) writeFileSync(join(folder, 'lpars', String(lpar.lparId)), `${lpar.root}\n`);
}

/** `lshmc -V` in the shape of a V10R3 capture; the build level is invented. */
const version = `"version= Version: 10
 Release: 3
 Service Pack: 1060
HMC Build level 2408210001
","base_version=V10R3
"
`;

/** `lshmc -n` in the shape of a V8 capture, one interface, with RMC traffic allowed. */
function network({ name, hmc }: HmcPlace): string {
  const ip = hmc.address;
  return `${[
    `hostname=${name}`,
    'domain=lab.example',
    `ipaddr=${ip}`,
    'networkmask=255.0.0.0',
    'gateway=',
    'nameserver=',
    'domainsuffix=lab.example',
    `ipaddrlpar=${ip}`,
    'networkmasklpar=255.0.0.0',
    'clients=',
    'ipv6addrlpar=',
    `"slpipaddrs=${ip},fe80::5efe:7f00:105/64"`,
    `ipv4addr_eth0=${ip}`,
    'ipv4netmask_eth0=255.0.0.0',
    'ipv4dhcp_eth0=off',
    'ipv6addr_eth0=fe80:0:0:0:0:5efe:7f00:105/64',
    'ipv6auto_eth0=off',
    'ipv6privacy_eth0=off',
    'ipv6dhcp_eth0=off',
    'lparcomm_eth0=on',
    'jumboframe_eth0=off',
    'speed_eth0=auto',
    'duplex_eth0=auto',
    'tso_eth0=',
  ].join(',')}\n`;
}
