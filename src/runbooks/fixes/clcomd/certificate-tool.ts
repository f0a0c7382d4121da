import { sumLine, sumOf } from '../../../aix/cksum.js';
import { fileType, type FileType } from '../../../aix/file-type.js';
import { entryAt, type LongEntry } from '../../../aix/ls-le.js';
import type { FactSet, Reading } from '../../../core/fact.js';
import type { FileSum } from '../../../core/plan.js';
import { renderCommand } from '../../../core/remote-command.js';
import type { ClusterTarget } from '../../../core/target.js';
import type { NodeSight } from '../../diagnostics/clcomd/sight.js';
import { notRead } from './facts.js';
import { cannotSay, firstReason, type Gate, type GateSight } from './gate.js';

const alternative =
  'Where the site has no such program, certificates from its own PKI are put in place by hand: see docs/fixes/clcomd-renew-certificates.md, "Without a certificate tool".';

/** What is asked of the site's certificate tool on every node: what it is, whose, and what it holds. */
export function toolFacts({ certificateTool }: ClusterTarget): FactSet {
  return {
    toolEntry: entryAt(certificateTool),
    toolSum: sumOf(certificateTool),
    toolType: fileType(certificateTool),
  };
}

/** The tool of one node, as a plan's basis has it; or why it may not be run. */
export type Tool =
  | { readonly ok: true; readonly sum: FileSum; readonly line: string }
  | { readonly ok: false; readonly reason: string };

/** Whether the tool of a node may be run as root: a regular file of root that nobody else may write to. */
export function toolOn(node: NodeSight, { certificateTool: path }: ClusterTarget): Tool {
  const what = `${path} on ${node.name} is the site's certificate tool`;
  const listed = node.reading('toolEntry') as Reading<readonly LongEntry[]> | undefined;
  if (listed?.kind === 'failure' && /does not exist|no such file/i.test(listed.failure.message))
    return no(`${path} is not on ${node.name}, so it cannot renew certificates. ${alternative}`);
  if (listed?.kind !== 'value')
    return no(cannotSay(what, notRead(node, commandOf('toolEntry', path), listed)));
  const [entry, second] = listed.value;
  if (entry === undefined || second !== undefined || entry.path !== path)
    return no(cannotSay(what, `ls showed something else than ${path}`));
  const bad = unsafe(node.name, entry);
  if (bad !== null) return no(bad);
  const sums = node.reading('toolSum') as Reading<readonly FileSum[]> | undefined;
  const type = node.reading('toolType') as Reading<FileType> | undefined;
  const sum = sums?.kind === 'value' ? sums.value.find((one) => one.path === path) : undefined;
  if (sum === undefined) return no(cannotSay(what, notRead(node, commandOf('toolSum', path), sums)));
  if (type?.kind !== 'value') return no(cannotSay(what, notRead(node, commandOf('toolType', path), type)));
  const line = `certificate tool on ${node.name}: ${entry.mode} ${entry.owner}:${entry.group}, cksum ${sumLine(sum)}, ${type.value.words}`;
  return { ok: true, sum, line };
}

function unsafe(node: string, { mode, owner, group, path, hasAcl, target }: LongEntry): string | null {
  const not = 'It is not run as root.';
  if (target !== null) return `${path} on ${node} is a link to ${target}, and no regular file. ${not}`;
  if (!mode.startsWith('-')) return `${path} on ${node} is no regular file (${mode}). ${not}`;
  if (owner !== 'root') return `${path} on ${node} belongs to ${owner}:${group}, and not to root. ${not}`;
  if (mode[5] === 'w' || mode[8] === 'w')
    return `${path} on ${node} can be written to by others than root (${mode}). ${not}`;
  if (hasAcl)
    return `${path} on ${node} has an access control list, which may let others write to it. ${not}`;
  if (!/[xs]/.test(mode[3] ?? '-')) return `${path} on ${node} cannot be executed by root (${mode}). ${not}`;
  return null;
}

function commandOf(name: 'toolEntry' | 'toolSum' | 'toolType', path: string): string {
  const own = { toolEntry: entryAt(path), toolSum: sumOf(path), toolType: fileType(path) };
  return renderCommand(own[name].command);
}

function no(reason: string): Tool {
  return { ok: false, reason };
}

/** C11: the site's certificate tool is sound on every node, and still what the plan was approved with. */
export const soundTool: Gate = {
  gate: 'C11',
  needs: [],
  source: 'the inventory (certificateTool); no document of IBM names such a program',
  test: (sight) => firstReason(sight, (node) => toolReason(node, sight)),
};

function toolReason(node: NodeSight, { collected, plan }: GateSight): string | null {
  const tool = toolOn(node, collected.cluster);
  if (!tool.ok) return tool.reason;
  if (plan === null || plan.basis.includes(tool.line)) return null;
  return `The certificate tool on ${node.name} is not what was approved. It is now: ${tool.line}`;
}
