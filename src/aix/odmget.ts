/**
 * `odmget -q CRITERIA CLASS`: objects of the Object Data Manager, one stanza each.
 *
 *     CuAt:
 *             name = "cluster0"
 *             attribute = "node_uuid"
 *             value = "8e2f6a10-4c1b-11ee-8001-2a9b4c5d6e7f"
 *             type = "R"
 *             generic = "DU"
 *             rep = "s"
 *             nls_index = 3
 *
 * Strings are quoted, with `\"` and `\\` inside; numbers are bare. A class without a matching object prints nothing,
 * which is an answer. `cluster0` is the device of Cluster Aware AIX: having it does not prove an active cluster.
 * Source: AIX 7.2 commands, odmget; stanzas as in public captures.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';
import { readRecords, type Layout } from './layouts/records.js';

export interface OdmObject {
  readonly class: string;
  readonly attributes: Readonly<Record<string, string>>;
}

type Part =
  | { readonly kind: 'class'; readonly name: string }
  | { readonly kind: 'attribute'; readonly name: string; readonly value: string };

interface Open {
  readonly class: string;
  readonly attributes: Map<string, string>;
}

const command = 'odmget';
const opening = /^(?<name>[A-Za-z_]\w*):$/;
const attribute = /^(?<name>[A-Za-z_]\w*) = (?:"(?<text>(?:[^"\\]|\\.)*)"|(?<number>-?\d+))$/;

const layout: Layout<Part> = {
  starts: (text) => opening.test(text) || /^[A-Za-z_]\w* = (?:"|-?\d)/.test(text),
  read: readPart,
  wordWraps: false,
};

/** Reads the stanzas of any object class. */
export const odmgetReader: Reader<readonly OdmObject[]> = {
  id: 'odmget',
  programs: ['odmget'],
  read: readOdmget,
};

function readOdmget(text: string): Answer<readonly OdmObject[]> {
  const lines = linesOf(text);
  const failure = failureIn(command, lines, (line) => layout.starts(line));
  if (failure !== null) return failed(failure);
  const objects: Open[] = [];
  for (const { value, line } of readRecords(command, lines, layout)) {
    if (value.kind === 'class') open(objects, value.name, line);
    else add(objects, value, line);
  }
  refuseCut(objects, lines);
  return answer(objects.map((one) => ({ class: one.class, attributes: Object.fromEntries(one.attributes) })));
}

function open(objects: Open[], name: string, line: Line): void {
  const last = objects.at(-1);
  if (last?.attributes.size === 0) throw notUnderstood(command, 'the stanza above is empty', line);
  if (last !== undefined && last.class !== name)
    throw notUnderstood(command, 'a second class begins here', line);
  objects.push({ class: name, attributes: new Map() });
}

function add(objects: readonly Open[], part: Part & { kind: 'attribute' }, line: Line): void {
  const last = objects.at(-1);
  if (last === undefined) throw notUnderstood(command, 'a value without its stanza', line);
  if (last.attributes.has(part.name)) throw notUnderstood(command, 'this value was printed already', line);
  last.attributes.set(part.name, part.value);
}

/** The objects of one class have the same fields in the same order. A shorter last one was cut off. */
function refuseCut(objects: readonly Open[], lines: readonly Line[]): void {
  const last = objects.at(-1);
  if (last === undefined) return;
  const fields = [...(knownFields[last.class] ?? objects[0]?.attributes.keys() ?? [])];
  const isWhole = objects.every((one) => [...one.attributes.keys()].join() === fields.join());
  if (!isWhole || last.attributes.size === 0) throw endsEarly(command, 'a stanza is not whole', lines);
}

/** AIX 7.2 technical reference, customized attribute (CuAt) object class. */
const knownFields: Readonly<Record<string, readonly string[]>> = {
  CuAt: ['name', 'attribute', 'value', 'type', 'generic', 'rep', 'nls_index'],
};

function readPart(text: string): Part | null {
  const name = opening.exec(text)?.groups?.name;
  if (name !== undefined) return { kind: 'class', name };
  const groups = attribute.exec(text)?.groups;
  if (groups?.name === undefined) return null;
  const value = groups.text?.replaceAll(/\\(["\\])/g, '$1') ?? groups.number ?? '';
  return { kind: 'attribute', name: groups.name, value };
}

/** The attributes of the CAA device, as a stanza that `odmadd` takes back; empty where there is none. */
export const cluster0: Fact<readonly OdmObject[]> = {
  command: nodeRead('/usr/bin/odmget', ['-q', 'name=cluster0', 'CuAt'], 'AIX 7.2 commands, odmget'),
  reader: odmgetReader,
};

/** The node's UUID in its CAA device, lower case; null where it has none or only zeros. */
export function caaNodeUuid(objects: readonly OdmObject[]): string | null {
  const found = objects.find(({ attributes }) => attributes['attribute'] === 'node_uuid');
  const uuid = found?.attributes['value']?.toLowerCase() ?? '';
  return /[1-9a-f]/.test(uuid) ? uuid : null;
}
