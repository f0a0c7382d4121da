import { join } from 'node:path';
import { byLine, keyOf, readDocument, suggestKeys } from '../settings/document.js';
import { readText } from '../settings/file.js';
import type { Problem } from '../settings/problem.js';
import type { Inventory } from './inventory.js';
import { resolveInventory, type Places } from './resolve.js';
import { inventoryKeys, inventorySchema } from './schema.js';

export type LoadedInventory =
  | { readonly kind: 'inventory'; readonly inventory: Inventory }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/** Reads `inventory.yaml` in a folder and follows every name in it; tells every problem at once. */
export function loadInventory(places: Places): LoadedInventory {
  const file = join(places.folder, 'inventory.yaml');
  const content = readText(file);
  if (content.kind === 'unreadable') return { kind: 'problems', problems: [content.problem] };
  if (content.kind === 'missing') return { kind: 'problems', problems: [missing(file)] };
  return readInventory(file, content.text, places);
}

/** The same for text that is at hand; `file` is only named in problems. */
export function readInventory(file: string, text: string, places: Places): LoadedInventory {
  const checked = readDocument(file, text, inventorySchema);
  if (checked.kind === 'problems') {
    return { kind: 'problems', problems: suggestKeys(checked.problems, inventoryKeys) };
  }
  const { inventory, mismatches } = resolveInventory(checked.value, places);
  if (mismatches.length === 0) return { kind: 'inventory', inventory };
  const problems = mismatches.map(({ path, problem }) => ({
    file,
    line: checked.lineOf(path),
    key: keyOf(path),
    problem,
  }));
  return { kind: 'problems', problems: byLine(problems) };
}

function missing(file: string): Problem {
  const example = 'nodes: { lpar1: { host: 10.0.1.11 } }';
  return {
    file,
    line: null,
    key: '',
    problem: `This file is missing, so there is nothing to look at. Write one that begins with: ${example}`,
  };
}
