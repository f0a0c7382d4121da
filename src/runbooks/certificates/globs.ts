/**
 * Paths in which `*` and `?` stand for part of one name, as the inventory declares them. The node's shell expands
 * nothing: `find` looks into one folder at a time, with flags that every AIX has.
 *
 *     /etc/cluster/./.cert-erp1
 *     /etc/cluster/./.cert-erp2
 *
 * Printing nothing means that nothing in that folder has such a name. Source: AIX 7.2 commands, find (-prune, -name).
 */
import type { Answer, Fact, Reader } from '../../core/fact.js';
import { ParseError } from '../../core/errors.js';
import { nodeRead } from '../../core/remote-command.js';

/** A pattern may stand for so many names; more is a mistake in the inventory, and is said rather than read. */
export const mostMatches = 200;

/** The part of a path before its first name with `*` or `?`, that name, and what follows it (beginning with a slash, or ''). */
export interface GlobStep {
  readonly folder: string;
  readonly pattern: string;
  readonly rest: string;
}

/** The first step into a path that has `*` or `?`; null for a plain path. */
export function nextStep(path: string): GlobStep | null {
  const names = path.split('/').filter((name) => name !== '');
  const at = names.findIndex((name) => /[*?]/.test(name));
  const pattern = names[at];
  if (pattern === undefined) return null;
  const folder = `/${names.slice(0, at).join('/')}`;
  const rest = names.slice(at + 1);
  return { folder, pattern, rest: rest.length === 0 ? '' : `/${rest.join('/')}` };
}

/** The paths in the step's folder whose names fit its pattern. */
export function matchesOf({ folder, pattern }: GlobStep): Fact<readonly string[]> {
  const base = folder === '/' ? '' : folder;
  // As in a shell, a name with a leading dot is only meant by a pattern with one.
  const hidden = pattern.startsWith('.') ? [] : ['!', '-name', '.*'];
  const args = [`${base}/.`, '!', '-name', '.', '-prune', '-name', literal(pattern), ...hidden, '-print'];
  return {
    command: nodeRead('/usr/bin/find', args, 'AIX 7.2 commands, find', { needsRoot: true }),
    reader: pathsIn(base),
  };
}

/** `[` and `\` stand for themselves here, and for more in find. */
function literal(pattern: string): string {
  return pattern.replace(/[[\]\\]/g, '\\$&');
}

function pathsIn(base: string): Reader<readonly string[]> {
  const start = `${base}/./`;
  const read = (text: string): Answer<readonly string[]> => {
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    const facts = lines.map((line, at) => {
      const name = line.slice(start.length);
      // A name with a line end in it would look like two: its second half does not begin as a path here does.
      const isOne = line.startsWith(start) && name !== '' && !/[/\p{Cc}]/u.test(name);
      if (!isOne) throw new ParseError('find', 'not a path in the folder that was asked for', line, at + 1);
      return `${base}/${name}`;
    });
    return { kind: 'facts', facts };
  };
  return { id: 'find', programs: ['find'], read };
}
