import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { commands } from '../../commands/index.js';
import { manifest, type Manifest } from '../../src/slack/manifest.js';
import { leastScopes } from '../../src/slack/scopes.js';

const schema = JSON.parse(readFileSync(new URL('manifest.schema.json', import.meta.url), 'utf8')) as object;
// `strict` refuses a schema with a keyword that it does not know, such as one that is misspelt.
const takes = new Ajv({ strict: true, strictRequired: false, allErrors: true }).compile(schema);

/** Where Slack would refuse it; none when it would not. */
function refusals(made: unknown): string[] {
  takes(made);
  return (takes.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}

const socket = manifest({ mode: 'socket' });
const http = manifest({ mode: 'http', url: 'https://aixops.example.com' });
const slashCommands = ({ features }: Manifest) => features.slash_commands ?? [];

describe('the manifest', () => {
  it('has every command, with its usage', () => {
    expect(slashCommands(socket).map((one) => one.command)).toEqual(commands.map((one) => one.name));
    expect(slashCommands(socket)[0]).toMatchObject({
      command: '/rmc-status',
      usage_hint: '<targets> [--deep] [--now]',
    });
  });

  it('asks for the least scopes, and for nobody’s messages', () => {
    const { bot } = socket.oauth_config.scopes;
    expect(bot).toEqual(leastScopes);
    expect([...bot].sort()).toEqual([
      'app_mentions:read',
      'chat:write',
      'commands',
      'files:write',
      'usergroups:read',
      'users:read',
    ]);
    expect(bot.join()).not.toMatch(/history|admin|public/);
    expect(Object.keys(socket.oauth_config.scopes)).toEqual(['bot']);
  });

  it('has a Home tab, and lets Slack turn people into ids where a command takes people', () => {
    const { features, settings } = socket;
    expect(features.app_home).toEqual({
      home_tab_enabled: true,
      messages_tab_enabled: true,
      messages_tab_read_only_enabled: true,
    });
    expect(settings.event_subscriptions.bot_events).toContain('app_home_opened');
    const escaped = slashCommands(socket).filter((one) => one.should_escape);
    expect(escaped.map((one) => one.command)).toEqual(['/changes']);
  });

  it('uses a socket, and no address', () => {
    expect(socket.settings.socket_mode_enabled).toBe(true);
    expect(JSON.stringify(socket)).not.toContain('url');
  });

  it('sends everything to one address in HTTP mode', () => {
    const address = 'https://aixops.example.com/slack/events';
    expect(http.settings.socket_mode_enabled).toBe(false);
    expect(slashCommands(http).every((one) => one.url === address)).toBe(true);
    expect(http.settings.event_subscriptions).toEqual({
      request_url: address,
      bot_events: ['app_home_opened', 'app_mention'],
    });
    expect(http.settings.interactivity).toEqual({
      is_enabled: true,
      request_url: address,
      message_menu_options_url: address,
    });
  });

  it('differs between a socket and HTTP in addresses only', () => {
    const bare = JSON.stringify(http, (key, value: unknown) => (/url$/.test(key) ? undefined : value));
    expect(JSON.parse(bare)).toEqual({
      ...socket,
      settings: { ...socket.settings, socket_mode_enabled: false },
    });
  });

  it('refuses an address that Slack would not take', () => {
    expect(() => manifest({ mode: 'http', url: 'http://aixops.example.com' })).toThrow(/https only/);
    expect(() => manifest({ mode: 'http', url: 'aixops' })).toThrow();
  });
});

describe('a second app', () => {
  it('has a name of its own, and a handle that Slack takes', () => {
    const { display_information: shown, features } = manifest({ mode: 'socket', name: 'AIX Ops (Köln)' });
    expect(shown.name).toBe('AIX Ops (Köln)');
    expect(features.bot_user.display_name).toBe('aix-ops-k-ln');
    expect(refusals(manifest({ mode: 'socket', name: 'AIX Ops (Köln)' }))).toEqual([]);
  });

  it.each([
    ['', '1 to 35 characters'],
    ['x'.repeat(36), '1 to 35 characters'],
    ['日本', 'behind an @'],
  ])('is refused the name %j', (name, words) => {
    expect(() => manifest({ mode: 'socket', name })).toThrow(words);
  });

  it('takes no commands from the first when it has mentions only, and asks for no scope for them', () => {
    const made = manifest({ mode: 'socket', name: 'aixops-staging', mentionsOnly: true });
    expect('slash_commands' in made.features).toBe(false);
    expect(made.oauth_config.scopes.bot).toEqual(leastScopes.filter((scope) => scope !== 'commands'));
    expect(made.settings).toEqual(socket.settings);
  });
});

describe('the manifest against what Slack documents', () => {
  it.each([
    ['a socket', socket],
    ['HTTP', http],
    ['a socket, mentions only', manifest({ mode: 'socket', mentionsOnly: true })],
    ['HTTP, mentions only', manifest({ mode: 'http', url: 'https://a.example', mentionsOnly: true })],
    ['the longest name', manifest({ mode: 'socket', name: 'x'.repeat(35) })],
  ])('is taken over %s', (_name, made) => {
    expect(refusals(made)).toEqual([]);
  });

  /** The manifest with one thing changed. */
  function spoilt(made: Manifest, spoil: (copy: Loose) => void): unknown {
    const copy = structuredClone(made) as unknown as Loose;
    spoil(copy);
    return copy;
  }
  interface Loose {
    display_information: Record<string, unknown>;
    features: { slash_commands: Record<string, unknown>[]; bot_user: Record<string, unknown> };
    oauth_config: { scopes: { bot: string[] } };
    settings: Record<string, Record<string, unknown> | boolean>;
    [key: string]: unknown;
  }
  const url = (copy: Loose, key: string) =>
    delete (copy.settings[key] as Record<string, unknown>)['request_url'];

  it.each<[string, Manifest, (copy: Loose) => void, string]>([
    [
      'a name that is too long',
      socket,
      (copy) => (copy.display_information['name'] = 'x'.repeat(36)),
      '/name',
    ],
    [
      'a short description of 141',
      socket,
      (copy) => (copy.display_information['description'] = 'x'.repeat(141)),
      '/description',
    ],
    [
      'a long description of 174',
      socket,
      (copy) => (copy.display_information['long_description'] = 'x'.repeat(174)),
      '/long_description',
    ],
    [
      'a long description of 4,001',
      socket,
      (copy) => (copy.display_information['long_description'] = 'x'.repeat(4_001)),
      '/long_description',
    ],
    [
      'a colour by name',
      socket,
      (copy) => (copy.display_information['background_color'] = 'navy'),
      '/background_color',
    ],
    [
      'a misspelt field',
      socket,
      (copy) => (copy.display_information['longDescription'] = 'x'),
      'additional properties',
    ],
    ['a field at the top that is none', socket, (copy) => (copy['scopes'] = []), 'additional properties'],
    [
      'a handle with a capital',
      socket,
      (copy) => (copy.features.bot_user['display_name'] = 'Aixops'),
      '/display_name',
    ],
    [
      'a command without its slash',
      socket,
      (copy) => (copy.features.slash_commands[0]!['command'] = 'rmc'),
      '/command',
    ],
    [
      'a command of 33',
      socket,
      (copy) => (copy.features.slash_commands[0]!['command'] = `/${'x'.repeat(32)}`),
      '/command',
    ],
    [
      'an empty usage',
      socket,
      (copy) => (copy.features.slash_commands[0]!['usage_hint'] = ''),
      '/usage_hint',
    ],
    ['an empty list of commands', socket, (copy) => (copy.features.slash_commands = []), '/slash_commands'],
    [
      '51 commands',
      socket,
      (copy) =>
        (copy.features.slash_commands = Array.from({ length: 51 }, () => copy.features.slash_commands[0]!)),
      '/slash_commands',
    ],
    ['a scope twice', socket, (copy) => copy.oauth_config.scopes.bot.push('commands'), '/scopes/bot'],
    [
      'events without an address over HTTP',
      http,
      (copy) => url(copy, 'event_subscriptions'),
      '/event_subscriptions',
    ],
    ['clicks without an address over HTTP', http, (copy) => url(copy, 'interactivity'), '/interactivity'],
    [
      'a command without an address over HTTP',
      http,
      (copy) => delete copy.features.slash_commands[3]!['url'],
      '/slash_commands/3',
    ],
    [
      'an address in the clear',
      http,
      (copy) => (copy.features.slash_commands[3]!['url'] = 'http://a.example'),
      '/slash_commands/3/url',
    ],
    [
      'no socket and no address',
      socket,
      (copy) => (copy.settings['socket_mode_enabled'] = false),
      '/event_subscriptions',
    ],
  ])('would be refused with %s', (_name, made, spoil, where) => {
    expect(refusals(spoilt(made, spoil)).join('\n')).toContain(where);
  });
});
