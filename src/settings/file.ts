import { readFileSync } from 'node:fs';
import type { Problem } from './problem.js';

/** A file's text, its absence, or the reason that it cannot be read. */
export type FileText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly problem: Problem };

/** Reads a small settings file as UTF-8. */
export function readText(file: string): FileText {
  try {
    return { kind: 'text', text: readFileSync(file, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ENOENT') return { kind: 'missing' };
    return { kind: 'unreadable', problem: { file, line: null, key: '', problem: reason(code) } };
  }
}

function reason(code: string): string {
  if (code === 'EACCES') return 'This file cannot be read: the user that aixops runs as may not open it.';
  if (code === 'EISDIR') return 'This is a folder, and a file is needed.';
  if (code === 'ENOTDIR')
    return 'This file cannot be read: what is given as its folder is a file. Name the folder that holds the settings.';
  return `This file cannot be read (${code}).`;
}
