/** The least that a login needs in sudoers, made from what the diagnostics and fixes run. Pure. */
import type { RemoteCommand } from '../../core/remote-command.js';
import type { ClusterTarget, NodeTarget } from '../../core/target.js';
import { certificateCommands, clusterCommands } from './declared.js';
import { rootFixes, rootReads, rootRebuilds, type RootCommand } from './root-commands.js';

/** What of an inventory decides which commands are run: nodes with declared certificates, and clusters. */
export interface Declared {
  readonly nodes: readonly NodeTarget[];
  readonly clusters: readonly ClusterTarget[];
}

/** The sudoers list for a login, as text that `visudo -cf` takes; with an inventory, also what that declares. */
export function sudoersText(user: string, declared: Declared | null): string {
  const parts = [head, part('READ', reading, rootReads, user), part('FIX', fixing, rootFixes, user)];
  parts.push(part('REBUILD', rebuilding, rootRebuilds, user));
  if (declared !== null) parts.push(...declaredParts(declared, user));
  return `${parts.join('\n\n')}\n`;
}

const head = `# What aixops runs as root on a node with "become: sudo", and nothing else. Made from its diagnostics and fixes.
# Put it where your sudoers files are, with your login name for aixops, and check it: visudo -cf FILE
# It is run as /usr/bin/sudo -n. Every path of a program is listed, for RSCT is not installed in the same place everywhere.`;
const reading = '# Reading. Without it most of what /rmc-status says would be "unknown".';
const fixing = '# Fixes of low and medium risk. Leave these lines out on nodes where it must change nothing.';
const rebuilding = `# Only rsct-rebuild and rmc-own-image-recovery. They remove data, and odmadd takes whatever it is given: whoever has
# these lines is as good as root. Leave them out where these two are not wanted.`;

function part(name: string, why: string, commands: readonly RootCommand[], user: string): string {
  const entries = [...new Set(commands.flatMap(entriesOf))].sort();
  const alias = `Cmnd_Alias AIXOPS_${name} = ${entries.join(', \\\n    ')}`;
  return `${why}\n${alias}\n${user} ALL=(root) NOPASSWD: AIXOPS_${name}`;
}

/** One command as sudoers has it: `""` allows no argument at all. */
function entriesOf([programs, args]: RootCommand): readonly string[] {
  const words = args.map(escaped).join(' ') || '""';
  return programs.map((program) => `${program} ${words}`);
}

/** These characters mean something in sudoers. Source: sudoers(5), "Other special characters". */
function escaped(word: string): string {
  // A node ID is a pattern on purpose.
  return /^(?:\[0-9a-f\])+$/.test(word) ? word : word.replace(/[,:=\\*?[\]!"# ]/g, (sign) => `\\${sign}`);
}

/** With a wildcard sudo would let pass any further argument, so a declared glob is not listed. */
function declaredParts({ nodes, clusters }: Declared, user: string): readonly string[] {
  const { commands, left } = certificateCommands(nodes);
  const certificates = `# Reading the certificates that the inventory declares. Labels in a GSKit database are known only once it is read:
# what each of its certificates says (-cert -details … -label …) is not in it, and is then "unreadable".`;
  const globs = left.map(
    (path) => `# Not listed, for a * here would allow any further argument: ${plain(path)}`,
  );
  const cluster = `# Clusters of the inventory: what is read, and starting, stopping and refreshing clcomd. What clcomd-rhosts and
# clcomd-renew-certificates run has the change's own paths in it and cannot be listed: these two need a login as root.`;
  const list = clusterCommands(clusters).filter(isForRoot).map(asRootCommand);
  return [
    ...(commands.length === 0 ? [] : [part('CERTIFICATES', certificates, commands.map(asRootCommand), user)]),
    ...(globs.length === 0 ? [] : [globs.join('\n')]),
    ...(list.length === 0 ? [] : [part('CLUSTER', cluster, list, user)]),
  ];
}

function plain(text: string): string {
  return text.replace(/\p{C}/gu, '?');
}

function isForRoot({ needsRoot }: RemoteCommand): boolean {
  return needsRoot;
}

function asRootCommand({ program, alternatives = [], args }: RemoteCommand): RootCommand {
  return [[program, ...alternatives], args];
}
