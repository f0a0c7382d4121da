/**
 * What the script of script.ts prints, between noise that a profile may print before it:
 *
 *     @3f9c… begin 0
 *     <stdout as it came>
 *     @3f9c… err 0
 *     <stderr as it came>
 *     @3f9c… end 0 ran 0 12 340 0 0
 *     @3f9c… done
 *
 * `end` tells the section, how it ended, the exit status, then lines and bytes of stdout and of stderr. Every frame is
 * preceded by a newline of its own. A section without its end, or with other lines than it tells, is no section. Lines
 * are compared and bytes are not: what rewrites names in between (the lab does) changes bytes, a loss changes both.
 * Printing nothing at all means that the script did not run.
 */
import type { Outcome } from '../core/outcome.js';
import type { ReadCommand } from '../core/remote-command.js';
import { decode } from './decode.js';
import { marks } from './script.js';
import { signalName } from './signals.js';

export type SectionState = 'ran' | 'late' | 'missing' | 'broken';

export interface Section {
  readonly state: SectionState;
  /** As the shell tells it; null when it could not. */
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Bytes into the whole output at which its first and its last frame begin. */
  readonly beginsAt: number;
  readonly endsAt: number;
}

export interface Sections {
  /** Why the node could not make the private directory, so that nothing was run; null when it could. */
  readonly noDirectory: string | null;
  /** The whole sections in order; those after the last one here never came, or not whole. */
  readonly sections: readonly Section[];
  /** At least one frame came, so the script ran. */
  readonly isStarted: boolean;
  /** The script came to its end. */
  readonly isDone: boolean;
}

interface Frame {
  readonly text: string;
  /** First byte of the frame's own newline, and first byte after the frame. */
  readonly start: number;
  readonly end: number;
}

/** Takes the script's output apart. Never throws: nothing is believed from the first section on that is not whole. */
export function parseSections(output: Buffer, marker: string, count: number): Sections {
  const frames = allFrames(output, `\n@${marks(marker).frame} `);
  const [first] = frames;
  if (first?.text.startsWith('nodir ') === true) {
    const noDirectory = first.text.slice('nodir '.length) || 'no reason given';
    return { noDirectory, sections: [], isStarted: true, isDone: false };
  }
  if (!isInOrder(frames, count)) return { noDirectory: null, sections: [], isStarted: true, isDone: false };
  const sections: Section[] = [];
  for (let index = 0; index < count; index += 1) {
    const section = readSection(output, frames.slice(index * 3, index * 3 + 3), index);
    if (section === null) break;
    sections.push(section);
  }
  const isDone = sections.length === count && frames.length === count * 3 + 1;
  return { noDirectory: null, sections, isStarted: first !== undefined, isDone };
}

/** The outcome of one command from its section. */
export function sectionOutcome(command: ReadCommand, section: Section, durationMs: number): Outcome {
  const { maxBytes } = command;
  const isTooLong = section.stdout.length > maxBytes || section.stderr.length > maxBytes;
  const stdout = decode(section.stdout.subarray(0, maxBytes), section.stdout.length > maxBytes);
  const stderr = decode(section.stderr.subarray(0, maxBytes), section.stderr.length > maxBytes);
  const said = { exitCode: null, signal: null, stdout, stderr, durationMs };
  if (section.state === 'missing')
    return { ...said, ended: 'exited', exitCode: 127, stderr: missingText(command) };
  // Too much comes before too late: once stopped, a command prints nothing more.
  if (isTooLong) return { ...said, ended: 'too-long' };
  if (section.state === 'late') return { ...said, ended: 'timed-out' };
  if (section.state === 'broken' || section.status === null) {
    return { ...said, ended: 'lost', stderr: `${stderr}${brokenText}` };
  }
  const signal = signalName(section.status);
  if (signal !== null) return { ...said, ended: 'killed', signal };
  return { ...said, ended: 'exited', exitCode: section.status };
}

const brokenText = 'aixops: the output could not be kept on the node; is its temporary file system full?\n';

function missingText(command: ReadCommand): string {
  const tried = [command.program, ...(command.alternatives ?? [])].join(' ');
  return `aixops: not found or not executable: ${tried}\n`;
}

function allFrames(output: Buffer, mark: string): Frame[] {
  const frames: Frame[] = [];
  let at = output.indexOf(mark);
  while (at >= 0) {
    const newline = output.indexOf('\n', at + 1);
    if (newline < 0) break;
    const text = output.toString('latin1', at + mark.length, newline);
    frames.push({ text, start: at, end: newline + 1 });
    at = output.indexOf(mark, newline + 1);
  }
  return frames;
}

/** Frames come in one order only. Any other means that something in between forged one: then nothing is believed. */
function isInOrder(frames: readonly Frame[], count: number): boolean {
  return frames.every(({ text }, at) => {
    const index = Math.floor(at / 3);
    if (index >= count) return at === count * 3 && text === 'done';
    const start = [`begin ${index}`, `err ${index}`, `end ${index} `][at % 3] ?? '';
    return at % 3 === 2 ? text.startsWith(start) : text === start;
  });
}

function readSection(output: Buffer, frames: readonly Frame[], index: number): Section | null {
  const [begin, err, end] = frames;
  if (begin === undefined || err === undefined || end === undefined) return null;
  const told = endPattern.exec(end.text)?.groups;
  if (told?.index !== String(index)) return null;
  const stdout = output.subarray(begin.end, Math.max(begin.end, err.start));
  const stderr = output.subarray(err.end, Math.max(err.end, end.start));
  if (lines(stdout) !== Number(told.outLines) || lines(stderr) !== Number(told.errLines)) return null;
  return {
    state: told.state as SectionState,
    status: told.status === 'none' ? null : Number(told.status),
    stdout,
    stderr,
    beginsAt: begin.start,
    endsAt: end.start,
  };
}

const endPattern =
  /^end (?<index>\d+) (?<state>ran|late|missing|broken) (?<status>none|\d+) (?<outLines>\d+) (?<outBytes>\d+) (?<errLines>\d+) (?<errBytes>\d+)$/;

function lines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}
