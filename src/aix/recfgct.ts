/**
 * `recfgct`: what the rebuild of RSCT reported. It is destructive; only its output is read here.
 *
 *     /usr/lib/dr/scripts/all/ctrmc_MDdr               DR script to refresh Management Domain configuration
 *     0513-071 The ctcas Subsystem has been added.
 *     0513-071 The ctrmc Subsystem has been added.
 *     0513-059 The ctrmc Subsystem has been started. Subsystem PID is 11993300.
 *
 * It refuses with a sentence that has no message number: `Cannot run if an online Peer Domain exists (see output of
 * lsrpdomain).` and a second line. Any other message number is a failure. Printing nothing is no answer.
 * Source: AIX 7.1 commands, recfgct; texts as in public captures.
 */
import type { Answer, Reader } from '../core/fact.js';
import { endsEarly, linesOf } from './layouts/lines.js';
import { answer, failed, failureIn, isMessage } from './layouts/messages.js';
import { readRecords, type Layout } from './layouts/records.js';

export interface Rebuilt {
  /** Scripts registered for dynamic reconfiguration. */
  readonly scripts: readonly string[];
  /** Subsystems added to the SRC, in order. */
  readonly added: readonly string[];
  readonly started: readonly { readonly name: string; readonly pid: number }[];
}

type Part =
  | { readonly kind: 'script'; readonly path: string }
  | { readonly kind: 'added'; readonly name: string }
  | { readonly kind: 'started'; readonly name: string; readonly pid: number };

const script =
  /^(?<path>\/usr\/lib\/dr\/scripts\/\S+)\s+DR script to refresh Management Domain configuration$/;
const added = /^0513-071 The (?<name>\S+) Subsystem has been added\.$/;
const started = /^0513-059 The (?<name>\S+) Subsystem has been started\. Subsystem PID is (?<pid>\d+)\.$/;
const refusal = /^Cannot run if an online Peer Domain exists/;

const layout: Layout<Part> = {
  starts: (text) => text.startsWith('/usr/lib/dr/scripts/') || isMessage(text),
  read: readPart,
};

/** Reads what `recfgct` printed. */
export const recfgctReader: Reader<Rebuilt> = { id: 'recfgct', programs: ['recfgct'], read: readRecfgct };

function readRecfgct(text: string): Answer<Rebuilt> {
  const lines = linesOf(text);
  const [first] = lines;
  if (first === undefined) throw endsEarly('recfgct', 'nothing was printed', lines);
  const reports = /^0513-0(?:71|59)\s/;
  const failure = reports.test(first.text)
    ? null
    : failureIn('recfgct', lines, (line) => layout.starts(line), refusal);
  if (failure !== null) return failed(failure);
  const parts = readRecords('recfgct', lines, layout).map(({ value }) => value);
  return answer({
    scripts: parts.flatMap((part) => (part.kind === 'script' ? [part.path] : [])),
    added: parts.flatMap((part) => (part.kind === 'added' ? [part.name] : [])),
    started: parts.flatMap((part) => (part.kind === 'started' ? [{ name: part.name, pid: part.pid }] : [])),
  });
}

function readPart(text: string): Part | null {
  const collapsed = text.replace(/\s+/g, ' ');
  const path = script.exec(collapsed)?.groups?.path;
  if (path !== undefined) return { kind: 'script', path };
  const name = added.exec(collapsed)?.groups?.name;
  if (name !== undefined) return { kind: 'added', name };
  const start = started.exec(collapsed)?.groups;
  return start?.name === undefined ? null : { kind: 'started', name: start.name, pid: Number(start.pid) };
}
