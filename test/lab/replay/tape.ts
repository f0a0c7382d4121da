/**
 * What the real-shell lab answered, kept to be answered again without a shell. A tape holds one HMC with one managed system
 * and its LPARs; a replayed estate is that system many times over, under other names.
 */
import { createHash } from 'node:crypto';

export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export interface Tape {
  /** By LPAR id, then by question. */
  readonly nodes: Readonly<Record<string, Readonly<Record<string, Answer>>>>;
  /** By question: what is asked of one system is asked by its name, the rest is the HMC's. */
  readonly hmc: Readonly<Record<string, Answer>>;
}

/** The names of one managed system and its HMC, wherever they stand in questions and answers. */
export interface Names {
  readonly hmc: string;
  readonly hmcAddress: string;
  readonly hmcNodeId: string;
  readonly system: string;
  readonly serial: string;
  /** Nodes are called `<nodes>-<lparId>`. */
  readonly nodes: string;
  /** The first three numbers of the nodes' addresses; the last is the LPAR id. */
  readonly network: string;
  /** The first 12 of the 16 hex digits of the nodes' RSCT node ids; the last four are the LPAR id in hex. */
  readonly nodeIds: string;
}

/** The names on a tape: none of them is part of another word. */
export const taped: Names = {
  hmc: 'tapehmc',
  hmcAddress: '127.66.6.6',
  hmcNodeId: 'beefcafe7a9e0001',
  system: 'Server-9009-42A-SNTAPE00X',
  serial: 'TAPE00X',
  nodes: 'tapenode',
  network: '127.77.7',
  nodeIds: '7a9e7a9e7a9e',
};

/** The names of the `index`th system (from 0) on the `hmc`th HMC (from 0). Addresses are loopback ones. */
export function namesOf(index: number, hmc: number): Names {
  const serial = `R${String(index).padStart(6, '0')}`;
  return {
    hmc: `hmc${hmc + 1}`,
    hmcAddress: `127.66.${Math.floor(hmc / 250)}.${(hmc % 250) + 1}`,
    hmcNodeId: `beefcafe0000${(hmc + 1).toString(16).padStart(4, '0')}`,
    system: `Server-9009-42A-SN${serial}`,
    serial,
    nodes: `s${String(index).padStart(4, '0')}`,
    network: `127.${100 + Math.floor(index / 250)}.${index % 250}`,
    nodeIds: `5e77e0${index.toString(16).padStart(6, '0')}`,
  };
}

/** Other names in a text. Longer names go first, so that none is torn by a shorter one within it. */
export function renamed(text: string, from: Names, to: Names): string {
  const pairs = (Object.keys(from) as (keyof Names)[]).map((key) => [from[key], to[key]] as const);
  return pairs
    .sort(([a], [b]) => b.length - a.length)
    .reduce((so, [old, now]) => so.replaceAll(old, now), text);
}

/** A script's own frame mark and folder, which are other ones each time. */
export interface Marks {
  readonly frame: string;
  readonly folder: string;
}

const fixed: Marks = { frame: '@FRAMEMARK', folder: 'aixops.FOLDERMARK' };

/** The marks of a framed script; null for any other text. */
export function marksOf(script: string): Marks | null {
  const frame = /^f=(?<frame>@[0-9A-Za-z-]+) /m.exec(script)?.groups?.['frame'];
  const folder = /aixops\.[0-9A-Za-z-]{16}/.exec(script)?.[0];
  return frame === undefined || folder === undefined ? null : { frame, folder };
}

/** Takes the marks out of a text, or puts them in. */
export const unmarked = (text: string, marks: Marks): string =>
  text.replaceAll(marks.frame, fixed.frame).replaceAll(marks.folder, fixed.folder);
export const marked = (text: string, marks: Marks): string =>
  text.replaceAll(fixed.frame, marks.frame).replaceAll(fixed.folder, marks.folder);

/** Under what an answer is kept: the command and what came on its standard input, in the tape's names. */
export function questionOf(command: string, stdin: string): string {
  if (stdin === '') return command;
  return `${command} < ${createHash('sha256').update(stdin).digest('hex').slice(0, 24)}`;
}
