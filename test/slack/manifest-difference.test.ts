import { describe, expect, it } from 'vitest';
import { manifestDifferences } from '../../src/slack/manifest-difference.js';
import { manifest } from '../../src/slack/manifest.js';

const socket = manifest({ mode: 'socket' });
const http = manifest({ mode: 'http', url: 'https://aixops.example.com' });

/** As Slack shows it: in another order, with fields of its own, and a copy to spoil. */
function shown(made: typeof socket) {
  const copy = JSON.parse(JSON.stringify(made)) as {
    display_information: { description: string };
    features: { slash_commands: { command: string; usage_hint: string }[] };
    oauth_config: { scopes: { bot: string[]; user?: string[] }; pkce_enabled?: boolean };
    settings: Record<string, unknown>;
  };
  copy.features.slash_commands.reverse();
  copy.oauth_config.scopes.bot.reverse();
  copy.oauth_config.pkce_enabled = false;
  copy.settings['is_mcp_enabled'] = false;
  return copy;
}

describe('what an app lacks of the manifest', () => {
  it('is nothing when Slack shows the same in its own way', () => {
    expect(manifestDifferences(socket, shown(socket))).toEqual([]);
    expect(manifestDifferences(http, shown(http))).toEqual([]);
    const bare = shown(socket);
    delete bare.settings['token_rotation_enabled'];
    expect(manifestDifferences(socket, bare)).toEqual([]);
  });

  it('names commands and scopes that are missing, too much, or other', () => {
    const other = shown(socket);
    other.features.slash_commands = other.features.slash_commands.filter((one) => one.command !== '/changes');
    other.features.slash_commands.push({ command: '/deploy', usage_hint: '' });
    other.features.slash_commands.find((one) => one.command === '/rmc-fix')!.usage_hint = '<target>';
    other.oauth_config.scopes = {
      bot: [...socket.oauth_config.scopes.bot.slice(1), 'channels:history'],
      user: ['chat:write'],
    };
    expect(manifestDifferences(socket, other)).toEqual([
      expect.stringMatching(/^different: the command \/rmc-fix, usage_hint is "<target>", should be "/),
      'missing: the command /changes',
      'too much: the command /deploy',
      'missing: the scope commands',
      'too much: the scope channels:history',
      'too much: the user scope chat:write',
    ]);
  });

  it('names switches and addresses that differ', () => {
    const lines = manifestDifferences(http, shown(socket));
    expect(lines).toContain('different: settings.socket_mode_enabled is true, should be false');
    expect(lines).toContain(
      'different: settings.event_subscriptions.request_url is missing, should be "https://aixops.example.com/slack/events"',
    );
    expect(lines).toContain(
      'different: settings.interactivity.message_menu_options_url is missing, should be "https://aixops.example.com/slack/events"',
    );
    expect(lines).toContain(
      'different: the command /aix-help, url is missing, should be "https://aixops.example.com/slack/events"',
    );
  });

  it.each([[null], ['text'], [[]], [{}], [{ features: 7, oauth_config: { scopes: [] } }]])(
    'misses everything in %j, and does not fail',
    (theirs) => {
      expect(manifestDifferences(socket, theirs).filter((line) => line.startsWith('missing'))).toHaveLength(
        (socket.features.slash_commands?.length ?? 0) + 6 + 2,
      );
    },
  );
});
