import { commands } from '../../commands/index.js';
import { usageOf } from '../../commands/command.js';
import { botEvents, leastScopes } from './scopes.js';

/** How Slack reaches the bot: by a socket that the bot opens, or over HTTPS at `url`. */
type Reached = { readonly mode: 'socket' } | { readonly mode: 'http'; readonly url: string };

export type ManifestOptions = Reached & {
  /** What people see; `aixops` where left out. */
  readonly name?: string;
  /**
   * Without slash commands. Of two apps in one workspace that have the same command, Slack asks the one that was installed
   * last: a second bot must not take the commands of the first.
   */
  readonly mentionsOnly?: boolean;
};

/** The path that Slack posts everything to, in HTTP mode. */
export const eventsPath = '/slack/events';

interface SlashCommandEntry {
  readonly command: string;
  readonly description: string;
  readonly usage_hint: string;
  readonly should_escape: boolean;
  readonly url?: string;
}

/** Slack's longest name of an app. Source: docs.slack.dev, "App manifest reference". */
const longestName = 35;

/** For whoever decides whether the app is installed. Slack wants 175 to 4,000 characters; `*` and lists are not drawn there. */
const longDescription = [
  'aixops is run by your own operations team. It logs in over SSH to AIX partitions, Hardware Management Consoles and PowerHA clusters, and answers in Slack what is wrong with them.',
  'Looking changes nothing. A fix is first shown as the exact commands that would run; it runs only after somebody else has approved it here, by a policy that your team keeps in a file. Every request, decision and command is written to an audit trail.',
  'It reads no messages: it sees slash commands, mentions of itself, and clicks on its own messages. It posts only where it was invited. It asks Slack who is a full member of this workspace and who is in the user groups that the policy names.',
  'What it reads stays on the servers on which your team runs it, and in the channels where it answers; copies of logs, metrics and the audit trail go only where your team sends them.',
].join('\n\n');

/** The parts of Slack's app manifest that are set here. Source: docs.slack.dev, "App manifest reference". */
export interface Manifest {
  readonly _metadata: { readonly major_version: number; readonly minor_version: number };
  readonly display_information: {
    readonly name: string;
    readonly description: string;
    readonly long_description: string;
    readonly background_color: string;
  };
  readonly features: {
    readonly app_home: {
      readonly home_tab_enabled: boolean;
      readonly messages_tab_enabled: boolean;
      readonly messages_tab_read_only_enabled: boolean;
    };
    readonly bot_user: { readonly display_name: string; readonly always_online: boolean };
    /** Absent without commands: Slack takes no empty list. */
    readonly slash_commands?: readonly SlashCommandEntry[];
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

/**
 * The Slack app manifest, made from the commands. Throws TypeError when `url` is not an https address, or when Slack would
 * not take the name.
 */
export function manifest(options: ManifestOptions): Manifest {
  const { name = 'aixops', mentionsOnly = false } = options;
  const url = options.mode === 'http' ? eventsUrl(options.url) : null;
  const scopes = mentionsOnly ? leastScopes.filter((scope) => scope !== 'commands') : leastScopes;
  return {
    // Apps may use either version of the format; Slack's own examples are of the second.
    _metadata: { major_version: 2, minor_version: 1 },
    display_information: {
      name: nameFor(name),
      description: 'Diagnoses and mends AIX LPARs, HMCs and PowerHA clusters, with approval',
      long_description: longDescription,
      // Slack draws it behind white letters. It can be changed later, but never be taken away.
      background_color: '#12355b',
    },
    features: {
      // The messages tab is where people read what was told to them alone; they ask in channels.
      app_home: {
        home_tab_enabled: true,
        messages_tab_enabled: true,
        messages_tab_read_only_enabled: true,
      },
      bot_user: { display_name: handleFor(name), always_online: true },
      ...(mentionsOnly ? {} : { slash_commands: slashCommands(url) }),
    },
    oauth_config: { scopes: { bot: scopes } },
    settings: settings(url),
  };
}

function slashCommands(url: string | null): SlashCommandEntry[] {
  return commands.map((one) => ({
    command: one.name,
    description: one.summary,
    usage_hint: usageOf(one).slice(one.name.length + 1),
    // What people type arrives as they typed it; escaping turns names into ids, which only people's are to be.
    should_escape: one.takesPeople,
    ...(url === null ? {} : { url }),
  }));
}

/** Slack wants an address for each way in, or Socket Mode. */
function settings(url: string | null): Manifest['settings'] {
  const request = url === null ? {} : { request_url: url };
  return {
    event_subscriptions: { ...request, bot_events: botEvents.map(({ event }) => event) },
    interactivity: {
      is_enabled: true,
      ...request,
      // The typeahead of the forms.
      ...(url === null ? {} : { message_menu_options_url: url }),
    },
    org_deploy_enabled: false,
    socket_mode_enabled: url === null,
    // A rotated token lives for twelve hours and would have to be kept and renewed: tokens come from mounted secrets.
    token_rotation_enabled: false,
  };
}

function nameFor(name: string): string {
  if (name.trim() === '' || name.length > longestName)
    throw new TypeError(
      `Slack takes names of 1 to ${longestName} characters, and "${name}" has ${name.length}`,
    );
  return name;
}

/** What stands behind the `@`. Slack takes small letters, digits, `-`, `_` and `.` there. */
function handleFor(name: string): string {
  const handle = name
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  if (handle === '') throw new TypeError(`"${name}" has no letter or digit that Slack takes behind an @`);
  return handle;
}

/** The address itself when it has a path, otherwise with ours. Slack takes https only. */
function eventsUrl(address: string): string {
  const url = new URL(address);
  if (url.protocol !== 'https:') throw new TypeError(`Slack sends to https only, not to ${url.protocol}//`);
  if (url.pathname === '/') url.pathname = eventsPath;
  return url.href;
}
