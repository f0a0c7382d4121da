import { sumLine } from '../../aix/cksum.js';
import type { NodeStep, Plan, Proposal, Step } from '../../core/plan.js';
import { nodeChange } from '../../core/remote-command.js';
import { namedBy } from '../checks-cluster.js';
import { clusterFix, type Asked, type ClusterCollected } from '../definition.js';
import { look } from '../diagnostics/clcomd/sight.js';
import { securityOf, type Security } from '../diagnostics/clcomd/security.js';
import { refreshOneByOne } from './clcomd-refresh.js';
import { backupBasis, backupOf, saveOn, type Backup } from './clcomd/backup.js';
import { toolFacts, toolOn } from './clcomd/certificate-tool.js';
import { datedCertificates, type Dated } from './clcomd/cluster-certificates.js';
import { files, run } from './clcomd/commands.js';
import { clusterFacts } from './clcomd/facts.js';
import type { Refusal } from './clcomd/gate.js';
import { renewGates } from './clcomd/gates.js';
import {
  active,
  answering,
  asBefore,
  basisOf,
  betweenRounds,
  capturesOf,
  groundOf,
  locksOf,
  refusalByPairs,
  refused,
  settled,
  verifyRounds,
  type Ground,
} from './clcomd/ground.js';
import { backFrom } from './clcomd/undo.js';

const id = 'clcomd-renew-certificates';

const interrupts =
  'Cluster communication: from the run of the certificate tool until the last node has read the new certificates, nodes may refuse each other; nothing can be synchronised or administered meanwhile. ' +
  'Heartbeats and resource groups do not go through clcomd.';

const toolSource =
  'named by a community article, not by IBM: the inventory declares it (certificateTool); https://www.progressiverobot.com/?p=128616';

/** Has the site's certificate tool make new certificates, after a copy of everything that it may change. */
export const clcomdRenewCertificates = clusterFix({
  id,
  title: 'Renew the certificates of the cluster’s communication',
  risk: 'high',
  summary:
    'Saves /etc/cluster on every node, runs the site’s certificate tool on one, proves the new dates on all, and refreshes clcomd node by node.',
  interrupts,
  cures: ['clcomd.certificate-expired', 'clcomd.certificate-expiring'],
  node: clusterFacts,
  ofCluster: toolFacts,
  certificatesNamed: namedBy,
  rounds: betweenRounds,
  plan: propose,
});

interface Work {
  readonly ground: Ground;
  readonly backup: Backup;
  readonly dated: Dated;
  readonly security: Security;
}

function propose(collected: ClusterCollected, asked: Asked): Proposal {
  const ground = groundOf(id, collected, asked, renewGates);
  if (ground.kind === 'refused') return ground;
  const security = securityOf(look(collected));
  const notFor = refusalByPairs(ground) ?? refusalByState(ground, security);
  if (notFor !== null) return notFor;
  const dated = datedCertificates(ground);
  if (dated.kind === 'refused') return dated;
  if (dated.due.length === 0)
    return {
      kind: 'nothing-to-do',
      reason: `No certificate of ${collected.cluster.name} has expired or expires within 30 days: the first ends ${firstEnd(dated)}.`,
    };
  const works = ground.pairs.every(({ state }) => state === 'ok');
  if (works && security.kind === 'unknown')
    return refused(
      'certificates',
      `clrsh works in every pair of ${collected.cluster.name}, and whether certificates are in use is not determined (${security.why}): that a certificate is old is no reason for a change by itself.`,
      'PowerHA SystemMirror 7.2, cluster security',
    );
  const backup = backupOf(ground);
  if (backup.kind === 'refused') return backup;
  return { kind: 'plan', plan: planFor({ ground, backup, dated, security }) };
}

function firstEnd({ all }: Dated): string {
  return [...all].map(({ notAfter }) => notAfter).sort()[0] ?? 'never';
}

/** Certificates that are not in use are no cause of anything, and a daemon that is down reads none. */
function refusalByState({ nodes, collected }: Ground, security: Security): Refusal | null {
  const source = 'PowerHA SystemMirror 7.2, cluster security (clmgr query cluster)';
  const { name } = collected.cluster;
  const down = nodes.find(({ clcomd }) => clcomd !== 'active');
  if (down !== undefined)
    return refused(
      'clcomd.inoperative',
      `clcomd on ${down.name} is down: start it first (clcomd-start).`,
      source,
    );
  if (security.kind === 'off')
    return refused(
      'certificates',
      `Message authentication is off in ${name}: certificates cannot be the cause of anything there.`,
      source,
    );
  if (security.kind === 'keys')
    return refused(
      'certificates',
      `${name} protects its messages with symmetric keys (${security.mechanism}), which have no dates: new certificates change nothing.`,
      source,
    );
  return null;
}

function planFor({ ground, backup, dated, security }: Work): Plan {
  const { cluster } = ground.collected;
  const names = ground.nodes.map(({ name }) => name);
  const everything = ground.order.map((node) => ({ node, files: backup.files.get(node.name) ?? [] }));
  return {
    version: 1,
    fix: id,
    title: `Renew the certificates of cluster ${cluster.name} with ${cluster.certificateTool}`,
    risk: 'high',
    target: cluster.name,
    basis: [
      ...basisOf(ground),
      securityLine(security),
      ...dated.all.map(
        ({ node, path, label, notAfter }) => `${node}: ${path} (${label}) is valid until ${notAfter}`,
      ),
      'evidence for the certificate tool: named by a community article, not by IBM; it is the site’s own program',
      ...toolLines(ground),
      ...backupBasis(backup),
    ],
    interrupts,
    captures: capturesOf(ground),
    steps: [
      ...ground.nodes.map((node) => saveOn(ground, backup, node)),
      ...renew(ground, dated),
      ...refreshOneByOne(ground),
    ],
    verify: {
      kind: 'checks',
      checks: [
        { kind: 'certificates-later', than: dated.all },
        ...active(ground.nodes),
        answering(ground.nodes, verifyRounds),
        ...(isListShared(backup, names) ? [{ kind: 'rhosts', nodes: names, file: null } as const] : []),
        ...asBefore(ground),
      ],
      reads: 2,
    },
    rollback: backFrom(
      ground,
      backup,
      everything,
      `Every file of /etc/cluster comes back byte for byte from ${backup.directory}, the old certificates too: what failed for them before fails again. Files that the tool has added stay, and are named.`,
    ),
    ifItFails:
      'Roll back with the button, which puts every file back as it was. Where the tool has failed, its owner at the site reads its output in the thread; IBM support knows cluster security, and not this tool.',
    locks: locksOf(ground),
  };
}

function securityLine(security: Security): string {
  if (security.kind === 'certificate')
    return `message authentication is on with certificates (${security.mechanism})`;
  return 'expired certificates were found; whether they are in use, and whether the failure comes of them, is not determined';
}

/** Only a list that was right before is one that can be found right afterwards. */
function isListShared({ files: saved }: Backup, names: readonly string[]): boolean {
  const lists = names.map((name) => saved.get(name)?.find(({ path }) => path.endsWith('/rhosts')));
  const key = lists.map((file) =>
    file === undefined ? 'none' : `${file.crc} ${file.bytes} ${file.mode} ${file.owner}:${file.group}`,
  );
  return new Set(key).size === 1 && key[0]?.endsWith(' 600 root:system') === true;
}

function toolLines({ nodes, collected }: Ground): readonly string[] {
  return nodes.flatMap((node) => {
    const tool = toolOn(node, collected.cluster);
    return tool.ok ? [tool.line] : [];
  });
}

/** The tool runs once, on the node that has least to lose, right after its sum was compared; then every node is read. */
function renew(ground: Ground, dated: Dated): readonly Step[] {
  const [node] = ground.order;
  const path = ground.collected.cluster.certificateTool;
  const tool = node === undefined ? null : toolOn(node, ground.collected.cluster);
  // The gates have seen two nodes and a sound tool on each.
  if (node === undefined || tool?.ok !== true) throw new TypeError('a renewal needs a node and its tool');
  const step: NodeStep = {
    id: 'renew',
    title: `Run ${path} on ${node.name}`,
    effect: 'once',
    node: node.name,
    commands: [
      { ...run(files('cksum', [path])), mustPrint: [sumLine(tool.sum)] },
      run(nodeChange('once', path, [], toolSource, { timeoutMs: 300_000 })),
    ],
    timeoutMs: 420_000,
    gates: renewGates,
    undo: 'roll back with the button: every file of /etc/cluster on every node comes back from the copy',
  };
  const title = `See that certificates on ${ground.nodes.map(({ name }) => name).join(', ')} are valid for longer than before`;
  return [step, settled('renewed', title, [{ kind: 'certificates-later', than: dated.all }])];
}
