import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configFolder, loadConfig, type Config } from '../src/config.js';
import { problemLine } from '../src/settings/problem.js';
import { temporaryFolder } from './temporary-folder.js';

const slackSecrets = {
  SLACK_BOT_TOKEN: 'xoxb-1-abc',
  SLACK_APP_TOKEN: 'xapp-1-abc',
  SLACK_SIGNING_SECRET: '0123456789abcdef0123456789abcdef',
};

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

function configOf(yaml: string, env: Readonly<Record<string, string>> = {}): Config {
  const loaded = loadConfig({ folder: folderWith({ 'aixops.yaml': yaml }), env });
  if (loaded.kind === 'problems') throw new Error(loaded.problems.map(problemLine).join('\n'));
  return loaded.config;
}

function problemsOf(yaml: string, env: Readonly<Record<string, string>> = {}, needsSlack = false): string[] {
  const folder = folderWith({ 'aixops.yaml': yaml });
  const loaded = loadConfig({ folder, env, needsSlack });
  if (loaded.kind === 'config') return [];
  return loaded.problems.map((problem) => problemLine(problem).replace(`${folder}/`, ''));
}

describe('configuration', () => {
  it('has a default for everything, so that no file is needed', () => {
    const folder = folderWith({});
    const loaded = loadConfig({ folder, env: { HOME: '/home/ops' } });
    expect(loaded).toMatchObject({
      kind: 'config',
      config: {
        folder,
        home: '/home/ops',
        agentSocket: null,
        slack: { mode: 'socket', blocks: 'classic', apiUrl: 'https://slack.com/api/', botToken: null },
        verify: { gapSeconds: 60, deadlineMinutes: 15, pollSeconds: 30 },
        approvals: { expiryMinutes: 60 },
        ssh: { connectTimeoutSeconds: 10, idleCloseSeconds: 300, hmcSessions: 2, nodesAtOnce: 1000 },
        log: { level: 'info' },
        runDirectoryKeepDays: 7,
      },
    });
  });

  it('takes single values from the file and leaves the others at their defaults', () => {
    const config = configOf('slack: { blocks: rich }\nverify: { gapSeconds: 5 }\n');
    expect(config.slack).toMatchObject({ blocks: 'rich', mode: 'socket' });
    expect(config.verify).toEqual({ gapSeconds: 5, deadlineMinutes: 15, pollSeconds: 30 });
  });

  it('lets REDIS_URL go before the file, and a mounted file before neither', () => {
    expect(configOf('redis: { url: "redis://a:1" }').redis.url.reveal()).toBe('redis://a:1');
    expect(configOf('redis: { url: "redis://a:1" }', { REDIS_URL: 'redis://b:2' }).redis.url.reveal()).toBe(
      'redis://b:2',
    );
    const mounted = join(folderWith({ url: 'rediss://:pw@c:3\n' }), 'url');
    expect(configOf('', { REDIS_URL_FILE: mounted }).redis.url.reveal()).toBe('rediss://:pw@c:3');
  });

  it('reads secrets from variables and mounted files, and prints none of them', () => {
    const mounted = join(folderWith({ token: 'xoxb-from-a-file\n' }), 'token');
    const config = configOf('', { SLACK_BOT_TOKEN_FILE: mounted, SLACK_APP_TOKEN: 'xapp-1-abc' });
    expect(config.slack.botToken?.reveal()).toBe('xoxb-from-a-file');
    expect(config.slack.appToken?.reveal()).toBe('xapp-1-abc');
    expect(JSON.stringify(config)).not.toContain('from-a-file');
  });

  it('finds its folder by argument, by AIXOPS_CONFIG, or where it is', () => {
    expect(configFolder('/a', { AIXOPS_CONFIG: '/b' })).toBe('/a');
    expect(configFolder(undefined, { AIXOPS_CONFIG: '/b' })).toBe('/b');
    expect(configFolder(undefined, {})).toBe(process.cwd());
  });
});

describe('wrong configuration', () => {
  it('tells every problem of the file and the environment at once', () => {
    const yaml = 'slack:\n  mode: sockets\nverfy: {}\nssh: { hmcSessions: 0 }\nlog: info\n';
    expect(problemsOf(yaml, { SLACK_APP_TOKEN: 'xoxb-wrong-kind', REDIS_URL: 'localhost' })).toEqual([
      'aixops.yaml:2 slack.mode: This is socket or http.',
      'aixops.yaml:3 verfy: There is no such key here. Did you mean verify?',
      'aixops.yaml:4 ssh.hmcSessions: This is at least 1.',
      'aixops.yaml:5 log: This must be a mapping (`key: value`).',
      'environment SLACK_APP_TOKEN: SLACK_APP_TOKEN must begin with xapp-; make one under Basic Information → App-Level Tokens with connections:write.',
      'environment REDIS_URL: REDIS_URL must be a URL such as redis://127.0.0.1:6379 or rediss://:password@redis.example.net:6380.',
    ]);
  });

  it('asks for the secrets of the way in that is configured, and only where Slack is needed', () => {
    expect(problemsOf('', {})).toEqual([]);
    expect(problemsOf('', slackSecrets, true)).toEqual([]);
    expect(problemsOf('', { SLACK_BOT_TOKEN: 'xoxb-1' }, true)).toEqual([
      expect.stringContaining('Neither SLACK_APP_TOKEN nor SLACK_APP_TOKEN_FILE is set.'),
    ]);
    expect(problemsOf('slack: { mode: http }', { SLACK_BOT_TOKEN: 'xoxb-1' }, true)).toEqual([
      expect.stringContaining('Neither SLACK_SIGNING_SECRET nor'),
    ]);
  });

  it('never puts a secret into a sentence', () => {
    const env = { SLACK_BOT_TOKEN: 'hunter2', SLACK_SIGNING_SECRET: 'hunter2', REDIS_URL: ':hunter2@x' };
    const problems = problemsOf('', env);
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('says so when a secret is given twice, or its file is missing or empty', () => {
    const empty = join(folderWith({ empty: '\n' }), 'empty');
    expect(problemsOf('', { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_BOT_TOKEN_FILE: '/x' }).join()).toContain(
      'keep one',
    );
    expect(problemsOf('', { SLACK_BOT_TOKEN_FILE: '/no/such/file' }).join()).toContain('which is not there');
    expect(problemsOf('', { SLACK_BOT_TOKEN_FILE: empty }).join()).toContain(
      'is empty. SLACK_BOT_TOKEN must begin',
    );
  });
});
