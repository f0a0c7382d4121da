import type { ClusterCheck } from '../../core/plan.js';

/** One check of a cluster as a statement. */
export function clusterCheckWords(check: ClusterCheck): string {
  switch (check.kind) {
    case 'clcomd':
      return `clcomd on ${check.node} is ${check.status}`;
    case 'clrsh-pairs':
      return pairsWords(check);
    case 'rhosts':
      return `/etc/cluster/rhosts is ${check.file === null ? 'the same' : `cksum ${check.file.crc} ${check.file.bytes}`} on ${check.nodes.join(', ')}, of root, mode 600`;
    case 'files':
      return check.files.length === 1
        ? `${check.files[0]?.path ?? ''} on ${check.node} is byte for byte as before (cksum ${check.files[0]?.crc ?? ''})`
        : `${check.files.length} files below /etc/cluster on ${check.node} are byte for byte as before (cksum)`;
    case 'cluster-manager':
      return `the cluster manager on ${check.node} is in ${check.state}, as before`;
    case 'resource-groups':
      return check.groups.length === 0
        ? 'no resource group has come online'
        : `resource groups are as before (${check.groups.join(', ')})`;
    case 'caa-nodes-up':
      return 'lscluster shows every node UP';
    case 'certificates-later':
      return certificatesWords(check);
  }
}

function pairsWords({ nodes, also = [], rounds }: Extract<ClusterCheck, { kind: 'clrsh-pairs' }>): string {
  const [first, ...others] = nodes;
  const among =
    first === undefined
      ? []
      : others.length === 0
        ? [`from ${first} to itself`]
        : [`among ${nodes.join(', ')}, each with itself`];
  const pairs = also.map(({ from, to }) => `from ${from} to ${from === to ? 'itself' : to}`);
  return `clrsh works ${[...among, ...pairs].join(', ')}: ${rounds} of ${rounds} times`;
}

function certificatesWords({ than }: Extract<ClusterCheck, { kind: 'certificates-later' }>): string {
  const nodes = [...new Set(than.map(({ node }) => node))];
  return `${than.length} certificates on ${nodes.join(', ')} are valid for longer than before`;
}
