/**
 * `lshmc -V` and `lshmc -n`: the level of the HMC, and its network settings.
 *
 *     "version= Version: 10
 *      Release: 3
 *      Service Pack: 1060
 *     HMC Build level 2408210051
 *     MF71689 - HMC V10R3 M1060
 *     ","base_version=V10R3
 *     "
 *
 *     hostname=hmc1,domain=example.net,"ipaddr=10.20.9.1,0.0.0.0",gateway=,lparcomm_eth0=on
 *
 * The level is two quoted pairs with line ends inside; an HMC without fixes has no fix lines. Each network
 * attribute is printed once; one that holds commas is a list. Printing nothing is not an answer of either.
 * Source: IBM Power Systems HMC commands, lshmc; captures of V7R7.9.0, V10R3 and V11R2 in public repositories.
 */
import type { Answer, Fact, Reader } from '../core/fact.js';
import { hmcRead } from '../core/remote-command.js';
import { splitHmcRecord } from './layouts/csv.js';
import { hmcFailure } from './layouts/failure.js';
import { notUnderstood, readPrinted, type PrintedLine } from './layouts/printed.js';
import { pairRecords, type HmcPair } from './layouts/rows.js';

export interface HmcVersion {
  readonly version: string;
  readonly release: string;
  readonly servicePack: string;
  readonly buildLevel: string;
  readonly baseVersion: string;
  /** One line for each fix, as printed. */
  readonly fixes: readonly string[];
}

/** Lists are arrays, everything else is text; an attribute without a value is `''`. */
export type HmcNetwork = Readonly<Record<string, string | readonly string[]>>;

/** Reads what `lshmc -V` prints. */
export const lshmcVersion: Reader<HmcVersion> = {
  id: 'lshmc-v',
  programs: ['lshmc'],
  read: (text) => readWith('lshmc-v', text, versionOf),
};

/** Reads what `lshmc -n` prints. */
export const lshmcNetwork: Reader<HmcNetwork> = {
  id: 'lshmc-n',
  programs: ['lshmc'],
  read: (text) => readWith('lshmc-n', text, networkOf),
};

function readWith<T>(id: string, text: string, read: (lines: readonly PrintedLine[]) => T): Answer<T> {
  return readPrinted(text, ['lshmc'], ({ lines }) => {
    const failure = hmcFailure(lines);
    if (failure !== null) return { kind: 'failure', failure };
    if (lines.length === 0) throw notUnderstood(id, 'nothing was printed', undefined);
    return { kind: 'facts', facts: read(lines) };
  });
}

/** The lines of the level in their order; the last three close the first pair and hold the second. */
const levelLines = {
  version: /^\s*"version=\s*Version:\s*(?<value>\S+)\s*$/,
  release: /^\s*Release:\s*(?<value>\S+)\s*$/,
  servicePack: /^\s*Service Pack:\s*(?<value>\S+)\s*$/,
  buildLevel: /^\s*HMC Build level:?\s*(?<value>\S+)\s*$/,
  baseVersion: /^\s*","base_version=\s*(?<value>[^\s"]+)\s*$/,
} as const;

const fixLine = /^\s*[A-Z]{2}\d{5}[A-Z]?(?:\b.*)?$/;

function versionOf(lines: readonly PrintedLine[]): HmcVersion {
  const rest = [...lines];
  const version = take(rest, lines, levelLines.version);
  const release = take(rest, lines, levelLines.release);
  const servicePack = take(rest, lines, levelLines.servicePack);
  const buildLevel = take(rest, lines, levelLines.buildLevel);
  const fixes = takeFixes(rest);
  const baseVersion = take(rest, lines, levelLines.baseVersion);
  const end = rest.shift();
  if (end?.text.trim() !== '"')
    throw notUnderstood('lshmc-v', 'the closing quote is missing', end ?? lines.at(-1));
  if (rest.length > 0) throw notUnderstood('lshmc-v', 'nothing comes behind the base version', rest[0]);
  return { version, release, servicePack, buildLevel, baseVersion, fixes };
}

function take(rest: PrintedLine[], all: readonly PrintedLine[], form: RegExp): string {
  const line = rest.shift();
  const value = form.exec(line?.text ?? '')?.groups?.['value'];
  if (value === undefined) throw notUnderstood('lshmc-v', `expected ${nameOf(form)}`, line ?? all.at(-1));
  return value;
}

function nameOf(form: RegExp): string {
  return Object.entries(levelLines).find(([, candidate]) => candidate === form)?.[0] ?? 'another line';
}

/** A long fix line that a terminal broke is put together again; its lower part never begins like a fix. */
function takeFixes(rest: PrintedLine[]): readonly string[] {
  const fixes: { text: string; width: number }[] = [];
  for (let line = rest[0]; line !== undefined && !/^\s*"/.test(line.text); line = rest[0]) {
    const above = fixes.at(-1);
    if (fixLine.test(line.text)) fixes.push({ text: line.text.trim(), width: line.text.length });
    else if (above !== undefined && above.width >= 40 && line.text.length <= above.width)
      above.text += line.text;
    else break;
    rest.shift();
  }
  return fixes.map((fix) => fix.text);
}

function networkOf(lines: readonly PrintedLine[]): HmcNetwork {
  const [record, second] = pairRecords('lshmc-n', lines);
  if (record === undefined || second !== undefined)
    throw notUnderstood('lshmc-n', 'more than one record', lines.at(-1));
  return Object.fromEntries(record.map((pair) => [pair.name, listOrText(pair)] as const));
}

function listOrText(pair: HmcPair): string | readonly string[] {
  const items = pair.quoted ? splitHmcRecord(pair.value) : null;
  return items?.map((item) => item.value) ?? pair.value;
}

const source = 'IBM Power Systems HMC commands, lshmc';

/** The HMC's own level. */
export const hmcLevel: Fact<HmcVersion> = { command: hmcRead('lshmc', ['-V'], source), reader: lshmcVersion };

/** The HMC's network settings: which of its interfaces may talk to LPARs, and by what packet size. */
export const hmcNetwork: Fact<HmcNetwork> = {
  command: hmcRead('lshmc', ['-n'], source),
  reader: lshmcNetwork,
};
