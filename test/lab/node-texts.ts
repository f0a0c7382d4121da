/** `lslpp -Lcq` rows: 18 fields, descriptions invented in part. */
export function filesets(level: string, isClustered: boolean): string {
  const rows: [fileset: string, level: string, description: string][] = [
    ['rsct.core.auditrm', level, 'RSCT Audit Log Resource Manager'],
    ['rsct.core.errm', level, 'RSCT Event Response Resource Manager'],
    ['rsct.core.fsrm', level, 'RSCT File System Resource Manager'],
    ['rsct.core.hostrm', level, 'RSCT Host Resource Manager'],
    ['rsct.core.lprm', level, 'RSCT Least Privilege Resource Manager'],
    ['rsct.core.rmc', level, 'RSCT Resource Monitoring and Control'],
    ['rsct.core.sec', level, 'RSCT Security'],
    ['rsct.core.sensorrm', level, 'RSCT Sensor Resource Manager'],
    ['rsct.core.sr', level, 'RSCT Registry'],
    ['rsct.core.utils', level, 'RSCT Utilities'],
    ['bos.rte.security', '7.2.5.102', 'Base Security Function'],
  ];
  if (isClustered) rows.push(['bos.cluster.rte', '7.2.5.102', 'Cluster Aware AIX']);
  return rows
    .map(([fileset, vrmf, text]) => {
      const product = fileset.split('.').slice(0, 2).join('.');
      return `${product}:${fileset}:${vrmf}: : :C:F:${text}: : : : : : :1:0:/:2148`;
    })
    .join('\n');
}

/** `ifconfig -a`: one Ethernet interface with this address, and lo0. */
export function interfaces(address: string): string {
  const flags =
    'UP,BROADCAST,NOTRAILERS,RUNNING,SIMPLEX,MULTICAST,GROUPRT,64BIT,CHECKSUM_OFFLOAD(ACTIVE),CHAIN';
  return [
    `en0: flags=1e084863,480<${flags}>`,
    `\tinet ${address} netmask 0xffffff00 broadcast ${address.replace(/\d+$/, '255')}`,
    '\t tcp_sendspace 262144 tcp_recvspace 262144 rfc1323 1',
    'lo0: flags=e08084b,c0<UP,BROADCAST,LOOPBACK,RUNNING,SIMPLEX,MULTICAST,GROUPRT,64BIT,LARGESEND,CHAIN>',
    '\tinet 127.0.0.1 netmask 0xff000000 broadcast 127.255.255.255',
    '\tinet6 ::1%1/0',
    '\t tcp_sendspace 131072 tcp_recvspace 131072 rfc1323 1',
  ].join('\n');
}
