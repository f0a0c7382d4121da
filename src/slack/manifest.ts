import { commands } from '../../commands/index.js';
import { usageOf } from '../../commands/command.js';

/**
 * The least that the bot can work with. There is no `*:history` scope: it reads nobody's messages and keeps its own
 * state. There is no `chat:write.public`: it posts where it was invited, and answers a person directly elsewhere.
 */
export const leastScopes = [
  // Slash commands.
  'commands',
  // Being asked in threads, where Slack has no slash commands.
  'app_mentions:read',
  // Cards, threads and private replies.
  'chat:write',
  // Long output as a file in the thread.
  'files:write',
  // Whether who acts is a full member of this workspace: nothing is taken from guests and other workspaces.
  'users:read',
  // Who is in the user groups that policy.yaml names, and owners such as @unix-oncall.
  'usergroups:read',
] as const;

/** How Slack reaches the bot: by a socket that the bot opens, or over HTTPS at `url`. */
export type ManifestOptions = { readonly mode: 'socket' } | { readonly mode: 'http'; readonly url: string };

/** The path that Slack posts everything to, in HTTP mode. */
export const eventsPath = '/slack/events';

interface SlashCommandEntry {
  readonly command: string;
  readonly description: string;
  readonly usage_hint: string;
  readonly should_escape: boolean;
  readonly url?: string;
}

/** The parts of Slack's app manifest that are set here. Source: docs.slack.dev, "App manifest reference". */
export interface Manifest {
  readonly display_information: { readonly name: string; readonly description: string };
  readonly features: {
    readonly app_home: {
      readonly home_tab_enabled: boolean;
      readonly messages_tab_enabled: boolean;
      readonly messages_tab_read_only_enabled: boolean;
    };
    readonly bot_user: { readonly display_name: string; readonly always_online: boolean };
    readonly slash_commands: readonly SlashCommandEntry[];
  };
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } };
  readonly settings: {
    readonly event_subscriptions: { readonly bot_events: readonly string[]; readonly request_url?: string };
    readonly interactivity: {
      readonly is_enabled: boolean;
      readonly request_url?: string;
      readonly message_menu_options_url?: string;
    };
    readonly org_deploy_enabled: boolean;
    readonly socket_mode_enabled: boolean;
    readonly token_rotation_enabled: boolean;
  };
}

/** The Slack app manifest, made from the commands. Throws TypeError when `url` is not an https address. */
export function manifest(options: ManifestOptions): Manifest {
  const url = options.mode === 'http' ? eventsUrl(options.url) : null;
  const request = url === null ? {} : { request_url: url };
  return {
    display_information: {
      name: 'aixops',
      description: 'Diagnoses and mends AIX LPARs, HMCs and PowerHA clusters, with approval',
    },
    features: {
      // The messages tab is where people read what was told to them alone; they ask in channels.
      app_home: {
        home_tab_enabled: true,
        messages_tab_enabled: true,
        messages_tab_read_only_enabled: true,
      },
      bot_user: { display_name: 'aixops', always_online: true },
      slash_commands: commands.map((one) => ({
        command: one.name,
        description: one.summary,
        usage_hint: usageOf(one).slice(one.name.length + 1),
        // What people type arrives as they typed it; escaping turns names into ids, which only people's are to be.
        should_escape: one.takesPeople,
        ...(url === null ? {} : { url }),
      })),
    },
    oauth_config: { scopes: { bot: leastScopes } },
    settings: {
      event_subscriptions: { ...request, bot_events: ['app_home_opened', 'app_mention'] },
      interactivity: {
        is_enabled: true,
        ...request,
        ...(url === null ? {} : { message_menu_options_url: url }),
      },
      org_deploy_enabled: false,
      socket_mode_enabled: url === null,
      token_rotation_enabled: false,
    },
  };
}

/** The address itself when it has a path, otherwise with ours. Slack takes https only. */
function eventsUrl(address: string): string {
  const url = new URL(address);
  if (url.protocol !== 'https:') throw new TypeError(`Slack sends to https only, not to ${url.protocol}//`);
  if (url.pathname === '/') url.pathname = eventsPath;
  return url.href;
}
