import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readRan } from './lab-folder.js';

/** What a node held at one moment, and how many commands had run. */
export interface NodeSnapshot {
  readonly files: ReadonlyMap<string, string>;
  readonly ran: number;
}

/** Programs of the lab that change something, whatever their arguments. */
const changing =
  /^(?:recfgct|rmcctrl|startsrc|stopsrc|refresh|rmcrefreshMD|refrsrc|odmdelete|odmadd|chdev|chown|clrexec_cert_setup|chsysstate|chhwres)(?: |$)|^diagrmc .*--autocorrect/;

/**
 * The heartbeat comes and goes by itself, readings work in folders of their own below /tmp, and clcomd logs and counts
 * every try to reach a node.
 */
const restless =
  /^(?:var\/hacmp\/clcomd\/.*|state\/clcomd\/tries-\d+|state\/rmc\/link|state\/\.new\..*|tmp\/aixops\..*|lab\/(?!knobs).*|lab\/knobs\/pending-reads)$/;

/** Takes down what is in a root now. */
export function takeSnapshot(root: string): NodeSnapshot {
  const files = new Map<string, string>();
  for (const folder of ['etc', 'var', 'tmp', 'home', 'usr', 'ssl_nimsh', 'state', 'lab/knobs'])
    walk(root, folder, files);
  return { files, ran: readRan(root).length };
}

/** What has changed since: files, and the changing commands that ran. Nothing but reads: an empty list. */
export function changesSince(root: string, before: NodeSnapshot): string[] {
  const now = takeSnapshot(root);
  const ran = readRan(root)
    .slice(before.ran)
    .filter((command) => changing.test(command))
    .map((command) => `ran ${command}`);
  const gone = [...before.files.keys()]
    .filter((file) => !now.files.has(file))
    .map((file) => `removed ${file}`);
  const other = [...now.files]
    .filter(([file, hash]) => before.files.get(file) !== hash)
    .map(([file]) => `${before.files.has(file) ? 'changed' : 'added'} ${file}`);
  return [...ran, ...gone, ...other];
}

function walk(root: string, path: string, files: Map<string, string>): void {
  if (restless.test(path)) return;
  const stat = lstatSync(join(root, path), { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (stat.isDirectory()) {
    files.set(`${path}/`, '');
    for (const name of readdirSync(join(root, path))) walk(root, `${path}/${name}`, files);
  } else if (stat.isFile()) {
    files.set(
      path,
      createHash('sha256')
        .update(readFileSync(join(root, path)))
        .digest('hex'),
    );
  } else files.set(path, 'link');
}
