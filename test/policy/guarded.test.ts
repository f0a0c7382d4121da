/** Read from the source: between what people can cause and a job there is always a question to the policy. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;

/** Asking the policy; what is not allowed goes no further. */
const guards = ['mayI', 'mayAsk', 'refuseUnlessAllowed'];
/** Only to be called by who has asked: `submit` is checked at each of its callers instead. */
const handedOnTrust = ['submit'];

interface Call {
  readonly name: string;
  readonly at: number;
  /** `queue.add(…)`: a job. */
  readonly isJob: boolean;
}

interface Fn {
  readonly name: string;
  readonly file: string;
  readonly calls: readonly Call[];
}

/** Functions and methods of a file; what is nested in one belongs to it. */
function functionsOf(file: string, text: string): readonly Fn[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Fn[] = [];
  const visit = (node: ts.Node): void => {
    const isFunction = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node);
    if (isFunction && node.name !== undefined && node.body !== undefined)
      found.push({ name: node.name.getText(source), file, calls: callsIn(node.body, source) });
    else ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function callsIn(body: ts.Node, source: ts.SourceFile): readonly Call[] {
  const calls: Call[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const { expression } = node;
      const name = ts.isPropertyAccessExpression(expression)
        ? expression.name.text
        : expression.getText(source);
      const isJob = /\bqueues?\.add$/.test(expression.getText(source));
      calls.push({ name, at: node.getStart(source), isJob });
    }
    // A function that is handed on, as in `onWaiting(id, who, goOn)`, is as good as called.
    if (ts.isIdentifier(node) && ts.isCallExpression(node.parent) && node.parent.arguments.includes(node))
      calls.push({ name: node.text, at: node.getStart(source), isJob: false });
    ts.forEachChild(node, visit);
  };
  visit(body);
  return calls.sort((a, b) => a.at - b.at);
}

/** Names of functions that ask before they do anything else, directly or by one of their own file. */
function askersOf(all: readonly Fn[]): ReadonlySet<string> {
  const asking = new Set<string>(guards);
  for (let before = -1; before < asking.size; ) {
    before = asking.size;
    for (const { name, file, calls } of all) {
      const near = new Set(all.filter((one) => one.file === file).map((one) => one.name));
      if (
        calls.some(
          (call) => guards.includes(call.name) || (asking.has(`${file}#${call.name}`) && near.has(call.name)),
        )
      )
        asking.add(`${file}#${name}`);
    }
  }
  return asking;
}

/** Functions from which a job is reached without a question on the way. */
function exposedOf(all: readonly Fn[]): ReadonlyMap<string, Fn> {
  const asking = askersOf(all);
  const exposed = new Map<string, Fn>();
  const names = new Set<string>();
  for (let before = -1; before < exposed.size; ) {
    before = exposed.size;
    for (const one of all) {
      const reached = one.calls.find(({ name, isJob }) => isJob || names.has(name));
      if (reached === undefined) continue;
      const asked = one.calls.find(({ name }) => guards.includes(name) || asking.has(`${one.file}#${name}`));
      if (asked !== undefined && asked.at <= reached.at) continue;
      exposed.set(`${one.file}#${one.name}`, one);
      names.add(one.name);
    }
  }
  return exposed;
}

/** What the entries from Slack are handed: the members of the interfaces that end in `Desk`. */
function handedTo(file: string, text: string): readonly string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return source.statements
    .filter(ts.isInterfaceDeclaration)
    .filter(({ name }) => /^Slack\w*Desk$/.test(name.text))
    .flatMap(({ members }) => members.flatMap(({ name }) => name?.getText(source) ?? []));
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);
}

let all: readonly Fn[] = [];
let handed: readonly string[] = [];
beforeAll(() => {
  // Views are pure and reach nothing, which the house's own test sees to.
  const slack = filesBelow('src/slack').filter((file) => !file.includes('/views/'));
  const files = [...filesBelow('src/desk'), ...slack, 'src/bot-tools.ts'];
  const texts = files.map((file) => [file, readFileSync(join(root, file), 'utf8')] as const);
  all = texts.flatMap(([file, text]) => functionsOf(file, text));
  handed = texts.flatMap(([file, text]) => handedTo(file, text));
});

describe('a job', () => {
  it('is looked for in the whole source: the checks below would pass on nothing', () => {
    expect(all.filter(({ calls }) => calls.some(({ isJob }) => isJob)).length).toBeGreaterThanOrEqual(3);
    expect(handed).toEqual(expect.arrayContaining(['decide', 'rollBack', 'takeOffer', 'submit', 'recheck']));
    expect([...exposedOf(all).keys()]).toEqual(
      expect.arrayContaining(['src/desk/decisions.ts#startChange', 'src/desk/desk.ts#submit']),
    );
  });

  it('is reached by no entry from Slack without asking the policy first', () => {
    const exposed = [...exposedOf(all)].filter(([, { file }]) => /^src\/(?:slack|bot)/.test(file));
    expect(exposed.map(([key]) => key)).toEqual([]);
  });

  it('is reached by nothing that a desk hands to the entries without asking the policy first', () => {
    const exposed = [...exposedOf(all).values()].filter(
      ({ name, file }) => /desk/i.test(file) && handed.includes(name) && !handedOnTrust.includes(name),
    );
    expect(exposed.map(({ file, name }) => `${file}#${name}`)).toEqual([]);
  });

  it('would be found behind a new button that does not ask', () => {
    const careless = functionsOf(
      'src/slack/careless.ts',
      'export async function press(id: string, { desk }: Tools) { await desk.submit(wish, "", origin); }',
    );
    expect([...exposedOf([...all, ...careless]).keys()]).toContain('src/slack/careless.ts#press');
    const late = functionsOf(
      'src/desk/late.ts',
      'class Late { async recheck(id: string) { await startChange(id, tools); await this.mayI(who, "propose", id); } }',
    );
    expect([...exposedOf([...all, ...late]).keys()]).toContain('src/desk/late.ts#recheck');
  });
});
