/**
 * `lsrsrc CLASS`: the resources of an RMC class with their attributes.
 *
 *     Resource Persistent Attributes for IBM.MCP
 *     resource 1:
 *             MNName            = "10.20.1.11"
 *             NodeID            = 10362938475629384756
 *             IPAddresses       = {"10.20.0.11","10.20.0.12"}
 *             HMCAddIPv6s       = ""
 *             NodeNameList      = {"lpar1"}
 *
 * Strings are quoted, arrays stand in braces, 64-bit numbers are unsigned and stay strings; values hold colons and
 * `=`. A header alone, or with `-x` nothing at all, means that the class has no resource: for IBM.MCP that no HMC
 * is registered. Source: RSCT 3.2, lsrsrc and rmccli man pages; layout as in public captures.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { nodeRead } from '../core/remote-command.js';
import { linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed, failureIn } from './layouts/messages.js';
import { readRecords, type Layout } from './layouts/records.js';

export type Resource = Readonly<Record<string, string | readonly string[]>>;

type Value = string | readonly string[];
type Part =
  | { readonly kind: 'title' }
  | { readonly kind: 'resource'; readonly number: number }
  | { readonly kind: 'attribute'; readonly name: string; readonly value: Value };

const title = /^(?:Resource|Class) (?:Persistent|Dynamic|Persistent and Dynamic) Attributes for:? \S+$/;
const opening = /^resource (?<number>\d+):$/;
const attribute = /^(?<name>[A-Za-z]\w*)\s*=\s*(?<value>\S.*)$/;
const number = /^(?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|0x[0-9a-f]+)$/i;
const structured = /^\[(?:[^"[\]]|"(?:[^"\\]|\\.)*")*\]$/;
const item = /\s*(?:"(?:[^"\\]|\\.)*"|\[(?:[^"[\]]|"(?:[^"\\]|\\.)*")*\]|[^\s",{}[\]]+)\s*(?:,|$)/g;
const command = 'lsrsrc';

const layout: Layout<Part> = {
  starts: (text) => /^(?:(?:Resource|Class)\s|resource\s+\d|[A-Za-z]\w*\s*=(?:\s|$|["{[\d-]))/.test(text),
  read: readPart,
  wordWraps: false,
};

/** Reads the resources of any class, in the long layout that `lsrsrc` prints by default. */
export const lsrsrcReader: Reader<readonly Resource[]> = {
  id: 'lsrsrc',
  programs: ['lsrsrc'],
  read: readLsrsrc,
};

function readLsrsrc(text: string): Answer<readonly Resource[]> {
  const lines = linesOf(text);
  const failure = failureIn(command, lines, (line) => layout.starts(line));
  if (failure !== null) return failed(failure);
  const resources: Record<string, Value>[] = [];
  for (const [at, { value, line }] of readRecords(command, lines, layout).entries()) {
    if (value.kind === 'title') {
      if (at > 0) throw notUnderstood(command, 'a second class begins here', line);
    } else if (value.kind === 'resource') openResource(resources, value.number, line);
    else addAttribute(resources.at(-1), value, line);
  }
  refuseCut(resources, lines);
  return answer(resources);
}

function openResource(resources: Record<string, Value>[], found: number, line: Line): void {
  if (found !== resources.length + 1) throw notUnderstood(command, 'resources are numbered from 1 on', line);
  const last = resources.at(-1);
  if (last !== undefined && Object.keys(last).length === 0) {
    throw notUnderstood(command, 'the resource above has no attribute', line);
  }
  resources.push({});
}

function addAttribute(
  resource: Record<string, Value> | undefined,
  part: Part & { kind: 'attribute' },
  line: Line,
): void {
  if (resource === undefined) throw notUnderstood(command, 'an attribute without its resource', line);
  if (Object.hasOwn(resource, part.name))
    throw notUnderstood(command, 'this attribute was printed already', line);
  resource[part.name] = part.value;
}

/** Resources of one class carry the same attributes: a last one that stops earlier than the first was cut off. */
function refuseCut(resources: readonly Record<string, Value>[], lines: readonly Line[]): void {
  const last = resources.at(-1);
  const end = lines.at(-1);
  if (last === undefined || end === undefined) return;
  const names = Object.keys(last);
  const first = Object.keys(resources[0] ?? {});
  const cut = names.length < first.length && names.every((name, at) => name === first[at]);
  if (names.length === 0 || cut) throw notUnderstood(command, 'the last resource is cut off', end);
}

function readPart(text: string): Part | null {
  if (title.test(text.replace(/\s+/g, ' '))) return { kind: 'title' };
  const found = opening.exec(text.replace(/\s+/g, ' '))?.groups?.number;
  if (found !== undefined) return { kind: 'resource', number: Number(found) };
  const groups = attribute.exec(text)?.groups;
  if (groups?.name === undefined || groups.name === '__proto__') return null;
  const value = readValue(groups.value ?? '');
  return value === null ? null : { kind: 'attribute', name: groups.name, value };
}

/** A scalar, an array in braces, or structured data in brackets (kept as printed). */
function readValue(text: string): Value | null {
  if (text.startsWith('{')) return text.endsWith('}') ? readItems(text.slice(1, -1)) : null;
  return readScalar(text);
}

function readScalar(text: string): string | null {
  const quoted = /^"(?<inside>(?:[^"\\]|\\.)*)"$/.exec(text)?.groups?.inside;
  if (quoted !== undefined) return quoted.replaceAll('\\"', '"');
  if (number.test(text)) return text;
  return structured.test(text) ? text : null;
}

function readItems(text: string): readonly string[] | null {
  if (text.trim() === '') return [];
  const items = text.match(item) ?? [];
  if (items.join('') !== text || text.trimEnd().endsWith(',')) return null;
  const values = items.map((found) => readScalar(found.replace(/,$/, '').trim()));
  return values.every((value) => value !== null) ? values : null;
}

/** One class, by the command that can hang: it has a short limit. */
function resourcesOf(name: string): Fact<readonly Resource[]> {
  return {
    command: nodeRead('/usr/bin/lsrsrc', [name], 'RSCT 3.2, lsrsrc; IBM technote T1020611', {
      alternatives: ['/usr/sbin/rsct/bin/lsrsrc', '/opt/rsct/bin/lsrsrc'],
      needsRoot: true,
      timeoutMs: 20_000,
    }),
    reader: lsrsrcReader,
  };
}

/** The management control points (HMCs) that the node knows. */
export const managementControlPoints = resourcesOf('IBM.MCP');
