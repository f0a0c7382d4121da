import type { Product, Scenario } from './scenario.js';

type Fileset = readonly [fileset: string, level: string, description: string];

const rsctFilesets = [
  ['auditrm', 'RSCT Audit Log Resource Manager'],
  ['errm', 'RSCT Event Response Resource Manager'],
  ['fsrm', 'RSCT File System Resource Manager'],
  ['hostrm', 'RSCT Host Resource Manager'],
  ['lprm', 'RSCT Least Privilege Resource Manager'],
  ['rmc', 'RSCT Resource Monitoring and Control'],
  ['sec', 'RSCT Security'],
  ['sensorrm', 'RSCT Sensor Resource Manager'],
  ['sr', 'RSCT Registry'],
  ['utils', 'RSCT Utilities'],
] as const;

/** Names as the products have them; levels and most descriptions are invented. */
const productFilesets: Readonly<Record<Product, readonly Fileset[]>> = {
  powerha: [
    ['cluster.es.client.rte', '7.2.7.0', 'PowerHA SystemMirror Client Runtime'],
    ['cluster.es.server.rte', '7.2.7.0', 'Base Server Runtime'],
  ],
  tsamp: [['sam.core.rte', '4.1.0.7', 'SA CRM']],
  ssp: [['ios.cli.rte', '7.2.5.102', 'Virtual I/O Server Command Line Interface']],
  gpfs: [['gpfs.base', '5.1.9.4', 'GPFS File Manager']],
  vmrm: [['ksys.vmmon.rte', '1.7.0.0', 'VM Monitor']],
  errm: [],
  acls: [],
  mcproxy: [],
};

/** `lslpp -Lcq` rows: 18 fields. */
export function filesets(rsctLevel: string, scenario: Scenario, powerhaLevel: string): string {
  const rsct: Fileset[] =
    scenario.rsct === 'missing'
      ? []
      : rsctFilesets.map(([part, text]) => [`rsct.core.${part}`, rsctLevel, text]);
  const rows: Fileset[] = [...rsct, ['bos.rte.security', '7.2.5.102', 'Base Security Function']];
  if (scenario.clustered || scenario.caa) rows.push(['bos.cluster.rte', '7.2.5.102', 'Cluster Aware AIX']);
  if (scenario.clustered || scenario.peerDomain !== 'none')
    rows.push(['rsct.basic.rte', rsctLevel, 'RSCT Basic Function']);
  for (const product of scenario.products) {
    const known = productFilesets[product];
    rows.push(
      ...(product === 'powerha' ? known.map(([name, , text]): Fileset => [name, powerhaLevel, text]) : known),
    );
  }
  for (const text of scenario.filesets) {
    const [fileset = '', level = '0.0.0.0'] = text.split(' ');
    rows.push([fileset, level, 'named by the scenario']);
  }
  return rows
    .map(([fileset, vrmf, text]) => {
      const product = fileset.split('.').slice(0, 2).join('.');
      return `${product}:${fileset}:${vrmf}: : :C:F:${text}: : : : : : :1:0:/:2148`;
    })
    .join('\n');
}

const flags =
  'UP,BROADCAST,NOTRAILERS,RUNNING,SIMPLEX,MULTICAST,GROUPRT,64BIT,CHECKSUM_OFFLOAD(ACTIVE),CHAIN';
const buffers = '\t tcp_sendspace 262144 tcp_recvspace 262144 rfc1323 1';

/** `ifconfig -a`: one Ethernet interface with this address, on PowerVS a second with the link-local one, and lo0. */
export function interfaces(address: string, linkLocal: string | null): string {
  return [
    `en0: flags=1e084863,480<${flags}>`,
    `\tinet ${address} netmask 0xffffff00 broadcast ${address.replace(/\d+$/, '255')}`,
    buffers,
    ...(linkLocal === null ? [] : [`en1: flags=1e084863,480<${flags}>`, `\tinet6 ${linkLocal}/64`, buffers]),
    'lo0: flags=e08084b,c0<UP,BROADCAST,LOOPBACK,RUNNING,SIMPLEX,MULTICAST,GROUPRT,64BIT,LARGESEND,CHAIN>',
    '\tinet 127.0.0.1 netmask 0xff000000 broadcast 127.255.255.255',
    '\tinet6 ::1%1/0',
    '\t tcp_sendspace 131072 tcp_recvspace 131072 rfc1323 1',
  ].join('\n');
}

/** The IPv6 address that the service injected, made from the MAC address as such addresses are. */
export function linkLocalOf(nodeId: string): string {
  return `fe80::f816:3eff:fe${nodeId.slice(-6, -4)}:${nodeId.slice(-4).replace(/^0{1,3}/, '')}`;
}

/** MAC address of en0 (0) or en1 (1); en1's is the one in the link-local address. */
export function macOf(nodeId: string, adapter: 0 | 1): string {
  const tail = nodeId.slice(-6).match(/../g) ?? [];
  return [adapter === 1 ? 'fa' : 'fe', '16', '3e', ...tail].join(':');
}

/** The address table in cloud-init's log, as Linux captures have it: AIX's own is not known. */
export function cloudInitLog(address: string, nodeId: string): string {
  const linkLocal = `${linkLocalOf(nodeId)}/64`;
  const rows = [
    ['Device', 'Up', 'Address', 'Mask', 'Scope', 'Hw-Address'],
    ['en0', 'True', address, '255.255.255.0', 'global', macOf(nodeId, 0)],
    ['en1', 'True', linkLocal, '.', 'link', macOf(nodeId, 1)],
    ['lo0', 'True', '127.0.0.1', '255.0.0.0', 'host', '.'],
  ];
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;
  const lines = rows.map(
    (row) => `|${row.map((cell, column) => ` ${cell.padEnd(widths[column] ?? 0)} `).join('|')}|`,
  );
  const title = 'Net device info'.padStart(Math.floor((rule.length + 15) / 2), '+').padEnd(rule.length, '+');
  const table = [title, rule, lines[0] ?? '', rule, ...lines.slice(1), rule];
  return [
    "Cloud-init v. 22.2.2 running 'init' at Tue, 04 Mar 2025 10:11:12 +0000. Up 35.10 seconds.",
    ...table.map((line) => `ci-info: ${line}`),
    'Cloud-init v. 22.2.2 finished at Tue, 04 Mar 2025 10:11:40 +0000. Up 63.42 seconds',
    '',
  ].join('\n');
}
