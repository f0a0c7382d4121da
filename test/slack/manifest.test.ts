import { describe, expect, it } from 'vitest';
import { commands } from '../../commands/index.js';
import { leastScopes, manifest } from '../../src/slack/manifest.js';

describe('the manifest', () => {
  it('has every command, with its usage', () => {
    const made = manifest({ mode: 'socket' });
    expect(made.features.slash_commands.map((one) => one.command)).toEqual(commands.map((one) => one.name));
    expect(made.features.slash_commands[0]).toMatchObject({
      command: '/rmc-status',
      usage_hint: '<targets> [--deep] [--now]',
    });
  });

  it('asks for the least scopes, and for nobody’s messages', () => {
    const { bot } = manifest({ mode: 'socket' }).oauth_config.scopes;
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
  });

  it('has a Home tab, and lets Slack turn people into ids where a command takes people', () => {
    const { features, settings } = manifest({ mode: 'socket' });
    expect(features.app_home).toEqual({
      home_tab_enabled: true,
      messages_tab_enabled: true,
      messages_tab_read_only_enabled: true,
    });
    expect(settings.event_subscriptions.bot_events).toContain('app_home_opened');
    const escaped = features.slash_commands.filter((one) => one.should_escape);
    expect(escaped.map((one) => one.command)).toEqual(['/changes']);
  });

  it('uses a socket, and no address', () => {
    const made = manifest({ mode: 'socket' });
    expect(made.settings.socket_mode_enabled).toBe(true);
    expect(JSON.stringify(made)).not.toContain('url');
  });

  it('sends everything to one address in HTTP mode', () => {
    const made = manifest({ mode: 'http', url: 'https://aixops.example.com' });
    const address = 'https://aixops.example.com/slack/events';
    expect(made.settings.socket_mode_enabled).toBe(false);
    expect(made.features.slash_commands.every((one) => one.url === address)).toBe(true);
    expect(made.settings.event_subscriptions).toEqual({
      request_url: address,
      bot_events: ['app_home_opened', 'app_mention'],
    });
    expect(made.settings.interactivity).toEqual({
      is_enabled: true,
      request_url: address,
      message_menu_options_url: address,
    });
  });

  it('refuses an address that Slack would not take', () => {
    expect(() => manifest({ mode: 'http', url: 'http://aixops.example.com' })).toThrow(/https only/);
    expect(() => manifest({ mode: 'http', url: 'aixops' })).toThrow();
  });

  it('keeps to the lengths that Slack allows', () => {
    const made = manifest({ mode: 'socket' });
    expect(made.display_information.name.length).toBeLessThanOrEqual(35);
    expect(made.display_information.description.length).toBeLessThanOrEqual(140);
    expect(made.features.slash_commands.length).toBeLessThanOrEqual(50);
    for (const one of made.features.slash_commands) {
      expect(one.command.length).toBeLessThanOrEqual(32);
      expect(one.description.length).toBeLessThanOrEqual(2_000);
      expect(one.usage_hint.length).toBeLessThanOrEqual(1_000);
    }
  });
});
