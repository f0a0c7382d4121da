import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Estate } from './estate.js';
import { clusterPlaceOf } from './cluster.js';
import type { HmcSystem } from './hmc-root.js';
import { foreignManager, managerOf } from './managers.js';
import type { NodePlace } from './node-state.js';
import { plainPath } from './rewrite.js';

const marker = '.aixops-lab';

/** Makes the folder or empties it; refuses one that holds something else. Returns its real path. */
export function prepareFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = realpathSync(folder);
  if (!plainPath.test(path)) throw new Error(`the lab's folder must have a plain path, not ${path}`);
  const content = readdirSync(path);
  if (content.length > 0 && !content.includes(marker))
    throw new Error(`${path} is not empty and not a lab's folder`);
  for (const part of ['nodes', 'hmcs', 'ids', 'certificates'])
    rmSync(join(path, part), { recursive: true, force: true });
  writeFileSync(
    join(path, marker),
    'The simulated estate of aixops lives here; it is emptied at every start.\n',
  );
  return path;
}

/** Where a node's or an HMC's root is. */
export function rootOf(folder: string, kind: 'nodes' | 'hmcs', name: string): string {
  return join(folder, kind, name);
}

/** Everything that a node's root is made from; throws if the estate does not have the node. */
export function placeOf(estate: Estate, folder: string, name: string, settleMs: number): NodePlace {
  const node = estate.nodes[name];
  if (node === undefined) throw new Error(`the estate has no node ${name}`);
  return {
    name,
    root: rootOf(folder, 'nodes', name),
    node,
    cluster: clusterPlaceOf(estate, name),
    manager: managerOf(estate, name),
    foreign: foreignManager(estate, name),
    lab: folder,
    settleMs,
  };
}

/** The managed systems of an HMC, and where the roots of their LPARs are. */
export function systemsOf(estate: Estate, folder: string, hmc: string): HmcSystem[] {
  return Object.entries(estate.systems)
    .filter(([, system]) => system.hmc === hmc)
    .map(([key, system]) => ({
      system,
      lpars: Object.entries(estate.nodes)
        .filter(([, node]) => node.system === key)
        .map(([name, { lparId }]) => ({ lparId, root: rootOf(folder, 'nodes', name) })),
    }));
}

/** What ran in a root, oldest first, without the times; with a program's name only that. */
export function readRan(root: string, program?: string): string[] {
  const file = join(root, 'lab/ran.log');
  if (!existsSync(file)) return [];
  const all = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const commands = all.map((line) => line.slice(line.indexOf(' ') + 1));
  return program === undefined
    ? commands
    : commands.filter((line) => line === program || line.startsWith(`${program} `));
}
