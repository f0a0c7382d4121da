import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

interface LogCall {
  readonly where: string;
  /** null where it depends on something, such as on whose fault it is. */
  readonly level: string | null;
  /** null for what is not written down as it is. */
  readonly message: string | null;
}

const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));

/** The calls of anything named `log`, by a level that is written down or computed. */
function logCalls(path: string, text = readFileSync(path, 'utf8')): readonly LogCall[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: LogCall[] = [];
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isCallExpression(node)) return;
    const { expression: callee } = node;
    if (!ts.isPropertyAccessExpression(callee) && !ts.isElementAccessExpression(callee)) return;
    if (!/(?:^|\.)log$/.test(callee.expression.getText(file))) return;
    const level = ts.isPropertyAccessExpression(callee) ? callee.name.text : null;
    if (level !== null && !levels.includes(level)) return;
    const last = node.arguments.at(-1);
    const message = last !== undefined && ts.isStringLiteralLike(last) ? last.text : null;
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
    found.push({ where: `${path.slice(root.length)}:${line + 1}`, level, message });
  };
  visit(file);
  return found;
}

const calls = ['src', 'jobs', 'commands'].flatMap(filesBelow).flatMap((path) => logCalls(path));

describe('what is logged', () => {
  it('was really read, and a message made of parts is found', () => {
    expect(calls.length).toBeGreaterThan(40);
    const odd = ['log.warn(`x ${y}`)', 'a.log?.info({}, z)', "log[l]({}, 'a' + b)", 'this.log.error(err)'];
    for (const text of odd) expect(logCalls('/x.ts', text)).toMatchObject([{ message: null }]);
    expect(logCalls('/x.ts', "tools.log.debug({ a }, 'plain'); dialog.info(x)")).toHaveLength(1);
  });

  it('has a constant message: details are fields', () => {
    expect(calls.filter(({ message }) => message === null)).toEqual([]);
  });

  it('is an error only where aixops itself is wrong, or somebody has altered the trail', () => {
    const errors = calls.filter(({ level }) => level === 'error').map(({ message }) => message);
    expect(errors.sort()).toEqual([
      'an entry from Slack ended with a fault',
      'stopping after an error of our own',
      'the audit trail was tampered with: aixops audit verify',
      'the health port made no answer',
    ]);
  });
});
