import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { manifestExplained } from '../../src/slack/manifest-words.js';
import {
  appScopes,
  botEvents,
  botScopes,
  freeMethods,
  leastScopes,
  notAskedFor,
} from '../../src/slack/scopes.js';

const root = new URL('../..', import.meta.url).pathname;

/**
 * The scope that Slack wants of a bot token for each method; null for none. Written from docs.slack.dev/reference/methods,
 * apart from what src/slack/scopes.ts says. `filesUploadV2` is the client's name for two methods.
 */
const documented: Readonly<Record<string, readonly (string | null)[]>> = {
  'apps.connections.open': ['connections:write'],
  'auth.test': [null],
  'chat.getPermalink': [null],
  'chat.postEphemeral': ['chat:write'],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  filesUploadV2: ['files:write'],
  'usergroups.users.list': ['usergroups:read'],
  'users.info': ['users:read'],
  'views.open': [null],
  'views.publish': [null],
  'views.update': [null],
};
/** docs.slack.dev/reference/events: "Required Scopes". */
const wantedByEvents: Readonly<Record<string, readonly string[]>> = {
  app_mention: ['app_mentions:read'],
  app_home_opened: [],
};

describe('scopes', () => {
  const called = methodsCalled();

  it('knows every method that is called, and calls every method that it knows', () => {
    expect([...called].sort()).toEqual(Object.keys(documented).sort());
  });

  it('asks for what the methods and events need: no more, no less', () => {
    const byMethods = [...called].flatMap((method) => documented[method] ?? []);
    const byEvents = botEvents.flatMap(({ event }) => wantedByEvents[event]);
    // Slash commands come by no event.
    const needed = new Set(['commands', ...byEvents, ...byMethods.filter((scope) => scope !== null)]);
    needed.delete('connections:write');
    expect([...leastScopes].sort()).toEqual([...needed].sort());
    expect(appScopes.map(({ scope }) => scope)).toEqual(['connections:write']);
  });

  it('says of each method with which scope it is called', () => {
    const said = Object.fromEntries([
      ...[...botScopes, ...appScopes].flatMap(({ scope, methods }) => methods.map((one) => [one, [scope]])),
      ...freeMethods.map((one) => [one, [null]]),
    ]) as Record<string, unknown>;
    const { filesUploadV2, ...rest } = documented;
    const upload = {
      'files.getUploadURLExternal': filesUploadV2,
      'files.completeUploadExternal': filesUploadV2,
    };
    expect(said).toEqual({ ...rest, ...upload });
  });

  it('explains each scope and each event, and says what is not asked for', () => {
    const text = manifestExplained('socket', false);
    for (const { scope, why } of [...botScopes, ...appScopes])
      expect(text).toContain(`${scope.padEnd(20)}${why}`);
    for (const { event } of botEvents) expect(text).toContain(event);
    expect(text).toContain('*:history');
    expect(manifestExplained('http', false)).not.toContain('connections:write');
    expect(manifestExplained('socket', true)).not.toMatch(/^ {2}commands/m);
  });

  it('has the same words in the manual', () => {
    const page = readFileSync(join(root, 'docs/slack-app.md'), 'utf8');
    for (const { scope, why, methods } of [...botScopes, ...appScopes]) {
      const names = methods.map((one) => `\`${one}\``).join(', ');
      expect(page).toContain(`| \`${scope}\` | ${why} | ${names} |`.replace('|  |', '| |'));
    }
    for (const { event, why } of botEvents) expect(page).toContain(`| \`${event}\` | ${why} |`);
    for (const line of notAskedFor) expect(page).toContain(`- ${line.replace('*:history', '`*:history`')}`);
  });

  it('finds methods however they are written', () => {
    const found = methodsIn(
      'sample.ts',
      'client\n  .chat\n  .update({}); const f = c.views.open; a?.auth.test(); x.users.list;',
    );
    expect([...found].sort()).toEqual(['auth.test', 'chat.update', 'users.list', 'views.open']);
    expect(methodsIn('sample.ts', 'const { chat } = client; chat.delete({})')).toEqual(
      new Set(['chat.delete']),
    );
    expect(methodsIn('sample.ts', "client['chat']['update']({})")).toEqual(new Set(['chat.update']));
    expect(methodsIn('sample.ts', "client.apiCall('chat.update')")).toEqual(new Set(['apiCall']));
  });
});

/** Every method of the Web API that anything of ours names: through properties, whatever the client is called. */
function methodsCalled(): Set<string> {
  const files = ['src', 'jobs', 'commands'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(root, folder, name)),
  );
  expect(files.length).toBeGreaterThan(200);
  return new Set(files.flatMap((file) => [...methodsIn(file, readFileSync(file, 'utf8'))]));
}

function methodsIn(file: string, text: string): Set<string> {
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    const chain = chainOf(node);
    // The longest first: `usergroups.users.list` ends like `users.list`.
    const method = chain.map((_, from) => chain.slice(from).join('.')).find((name) => known.has(name));
    if (method !== undefined) found.add(method);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false));
  return found;
}

/** `a.b['c']` → a, b, c; what stands before the names, such as a call, is left out. */
function chainOf(node: ts.Node): string[] {
  if (ts.isIdentifier(node)) return [node.text];
  if (ts.isPropertyAccessExpression(node)) return [...chainOf(node.expression), node.name.text];
  if (ts.isElementAccessExpression(node) && ts.isStringLiteral(node.argumentExpression))
    return [...chainOf(node.expression), node.argumentExpression.text];
  return [];
}

/** The names of all methods that the client has. `apiCall` and the like would hide which. */
const known = methodNames();

function methodNames(): ReadonlySet<string> {
  const client = new WebClient();
  const names = new Set(['apiCall', 'paginate', 'chatStream', 'filesUploadV2']);
  const walk = (value: object, path: readonly string[]): void => {
    for (const [name, inner] of Object.entries(value) as [string, unknown][]) {
      if (typeof inner === 'function' && path.length > 0) names.add([...path, name].join('.'));
      else if (typeof inner === 'object' && inner !== null && path.length < 3 && isPlain(inner))
        walk(inner, [...path, name]);
    }
  };
  walk(client, []);
  // It was really read.
  expect(names.size).toBeGreaterThan(200);
  return names;
}

function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}
