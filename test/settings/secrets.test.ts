import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSecrets } from '../../src/settings/secret-rules.js';
import { wordsOf } from '../../src/settings/secret-command.js';
import { temporaryFolder } from '../temporary-folder.js';

const token = ['xoxb', '1', 'from-a-command'].join('-');
const key = Buffer.alloc(32, 7).toString('base64');
const path = process.env['PATH'] ?? '/usr/bin:/bin';

/** A program that does what the lines say, and its path. */
function program(...lines: readonly string[]): string {
  const file = join(temporaryFolder(), 'print-secret');
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(file, 0o755);
  return file;
}

const everything = { needed: [], slack: true } as const;
const read = (
  env: Readonly<Record<string, string>>,
  wanted: Parameters<typeof readSecrets>[1] = everything,
) => readSecrets({ PATH: path, ...env }, wanted);
const problem = (env: Readonly<Record<string, string>>) =>
  read(env)
    .problems.map((one) => one.problem)
    .join('\n');

describe('a command that prints a secret', () => {
  it('gives the first line that it prints', () => {
    const file = program(`echo '${token}'`, 'echo and more');
    expect(read({ SLACK_BOT_TOKEN_COMMAND: file }).values.botToken?.reveal()).toBe(token);
  });

  it('is run without a shell: what a shell would do with its words is not done', () => {
    const folder = temporaryFolder();
    const file = program('printf "%s\\n" "$@" >"$(dirname "$0")/words"', `echo '${token}'`);
    const hostile = `${file} "two words" $(touch ${folder}/ran) ; | 'a$HOME' b\\ c ""`;
    expect(read({ SLACK_BOT_TOKEN_COMMAND: hostile }).values.botToken?.reveal()).toBe(token);
    expect(existsSync(join(folder, 'ran'))).toBe(false);
    expect(
      readFileSync(join(file, '..', 'words'), 'utf8')
        .split('\n')
        .slice(0, -1),
    ).toEqual(['two words', '$(touch', `${folder}/ran)`, ';', '|', 'a$HOME', 'b c', '']);
  });

  it('sees nothing of our environment but what such programs need', () => {
    const file = program(
      'env | cut -d= -f1 | sort | tr "\\n" " " >"$(dirname "$0")/names"',
      `echo '${token}'`,
    );
    read({
      SLACK_BOT_TOKEN_COMMAND: file,
      SLACK_APP_TOKEN: 'xapp-1-abc',
      REDIS_URL: 'redis://:canary@x:1',
      VAULT_ADDR: 'https://vault.example.net',
      PASSWORD_STORE_DIR: '/store',
      HOME: '/home/ops',
      NODE_OPTIONS: '--trace-warnings',
    });
    const names = readFileSync(join(file, '..', 'names'), 'utf8');
    for (const name of ['PATH', 'HOME', 'VAULT_ADDR', 'PASSWORD_STORE_DIR']) expect(names).toContain(name);
    expect(names).not.toMatch(/SLACK|REDIS|STORE_KEY|NODE_OPTIONS/);
  });

  it('is not shown, whatever it prints and however it ends', () => {
    for (const lines of [
      ['echo hunter2canary', 'exit 3'],
      ['echo hunter2canary >&2', 'exit 0'],
      ['echo hunter2canary'],
    ])
      expect(problem({ SLACK_BOT_TOKEN_COMMAND: program(...lines) })).toMatch(/^(?!.*canary).+$/s);
    expect(problem({ SLACK_BOT_TOKEN_COMMAND: program('exit 3') })).toMatch(
      /print-secret ended with status 3\. Run it/,
    );
  });

  it.each([
    ['/no/such/program --x', '/no/such/program was not found'],
    ['vault "kv get', 'a quote in it is not closed'],
    ['   ', 'it is empty'],
  ])('says why %j gave nothing, and what to do', (command, why) => {
    const sentence = problem({ SLACK_BOT_TOKEN_COMMAND: command });
    expect(sentence).toContain(`gave no secret: ${why}. Run it by hand as the user that aixops runs as.`);
  });

  it('is not run for a secret of Slack where nobody talks to Slack', () => {
    const file = program('touch "$0.ran"', `echo '${token}'`);
    const { values, problems } = read({ SLACK_BOT_TOKEN_COMMAND: file }, { needed: [], slack: false });
    expect([values.botToken, problems, existsSync(`${file}.ran`)]).toEqual([null, [], false]);
  });

  it('is one way of three, and two at once are refused', () => {
    const both = { STORE_KEY: key, STORE_KEY_COMMAND: 'pass show x' };
    expect(problem(both)).toBe('STORE_KEY and STORE_KEY_COMMAND are both set: keep one.');
    expect(problem({ ...both, STORE_KEY_FILE: '/x' })).toContain('are all set: keep one.');
  });
});

describe('the key of stored documents', () => {
  it('is 32 bytes in base64, and anything else is refused without showing it', () => {
    expect(read({ STORE_KEY: key }).values.storeKey?.reveal()).toBe(key);
    for (const wrong of ['hunter2canary', key.slice(1), Buffer.alloc(16).toString('base64')])
      expect(problem({ STORE_KEY: wrong })).toBe(
        'STORE_KEY must be 32 random bytes in base64; make one with: openssl rand -base64 32',
      );
  });

  it('cannot be the old one alone', () => {
    expect(problem({ STORE_KEY_OLD: key })).toContain('STORE_KEY_OLD is set, but STORE_KEY is not');
  });
});

it('tells which files secrets came from', () => {
  const file = join(temporaryFolder(), 'token');
  writeFileSync(file, `${token}\n`);
  expect(read({ SLACK_BOT_TOKEN_FILE: file, STORE_KEY: key }).files).toEqual([
    { variable: 'SLACK_BOT_TOKEN_FILE', path: file },
  ]);
});

it.each([
  ['a b', ['a', 'b']],
  ['  a  "b c"d  ', ['a', 'b cd']],
  [String.raw`a\ b 'c\d' "e\"f" g\h`, ['a b', String.raw`c\d`, 'e"f', String.raw`g\h`]],
  ['a "', null],
  ["a 'b", null],
  ['', []],
])('splits %j into words', (command, words) => {
  expect(wordsOf(command)).toEqual(words);
});
