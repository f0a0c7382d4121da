/** The workspace that the local Slack shows: who is in it, which channels, and which app. */
export interface Workspace {
  readonly name: string;
  readonly domain: string;
  readonly teamId: string;
  readonly app: SlackApp;
  readonly users: readonly SlackUser[];
  readonly channels: readonly SlackChannel[];
  readonly usergroups: readonly Usergroup[];
}

export interface SlackApp {
  readonly appId: string;
  readonly botUserId: string;
  readonly botName: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  /** Scopes of the bot token; a method that needs another one is refused with `missing_scope`. */
  readonly scopes: readonly string[];
}

export interface SlackUser {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly email: string;
  /** Invited to single channels; not so unless said. */
  readonly isGuest?: boolean;
  /** Another workspace that shares a channel with this one; left out for its own people. */
  readonly teamId?: string;
}

export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  readonly members: readonly string[];
  readonly isDirect?: boolean;
}

export interface Usergroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly users: readonly string[];
}

/** What the bot may do in Slack, by the methods and events that it uses. */
const scopes = [
  'app_mentions:read',
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'files:write',
  'groups:history',
  'groups:read',
  'im:history',
  'im:read',
  'im:write',
  'usergroups:read',
  'users:read',
];

/** The demo's workspace: Alice asks, Bob approves, Carol is the second approver, Dave may only look. Every name and token is invented. */
export function demoWorkspace(): Workspace {
  const botUserId = 'U0AIXOPS';
  const people = ['UALICE', 'UBOB', 'UCAROL', 'UDAVE'];
  return {
    name: 'Example Power Operations',
    domain: 'example-power',
    teamId: 'T0EXAMPLE',
    app: {
      appId: 'A0AIXOPS',
      botUserId,
      botName: 'aixops',
      botToken: 'xoxb-local-demo',
      appToken: 'xapp-local-demo',
      signingSecret: 'local-demo-signing-secret',
      scopes,
    },
    users: [
      { id: 'UALICE', name: 'alice', realName: 'Alice Ito', email: 'alice@example.com' },
      { id: 'UBOB', name: 'bob', realName: 'Bob Marsh', email: 'bob@example.com' },
      { id: 'UCAROL', name: 'carol', realName: 'Carol Díaz', email: 'carol@example.com' },
      { id: 'UDAVE', name: 'dave', realName: 'Dave Okoro', email: 'dave@example.com' },
    ],
    channels: [
      { id: 'C0OPS', name: 'unix-oncall', members: [botUserId, ...people] },
      { id: 'C0DEV', name: 'unix-dev', members: [botUserId, ...people] },
      { id: 'D0ALICE', name: 'dm-UALICE', members: ['UALICE', botUserId], isDirect: true },
    ],
    usergroups: [
      { id: 'S0ONCALL', handle: 'unix-oncall', name: 'Unix on call', users: ['UALICE', 'UBOB', 'UCAROL'] },
      { id: 'S0APPROVE', handle: 'unix-approvers', name: 'Unix approvers', users: ['UBOB', 'UCAROL'] },
    ],
  };
}

/** The configuration file of local-slack 0.1.8 for a workspace, as JSON. */
export function localSlackConfig(workspace: Workspace): string {
  const { app, users, channels } = workspace;
  return JSON.stringify({
    workspace: { name: workspace.name, domain: workspace.domain, teamId: workspace.teamId },
    apps: [
      {
        appId: app.appId,
        botUserId: app.botUserId,
        botName: app.botName,
        botToken: app.botToken,
        appToken: app.appToken,
        signingSecret: app.signingSecret,
        mode: 'socket',
      },
    ],
    users: users.map(({ id, name, realName, email }) => ({ id, name, real_name: realName, email })),
    channels: channels.map(({ id, name, members, isDirect = false }) => ({
      id,
      name,
      members,
      is_channel: !isDirect,
      is_private: isDirect,
      is_im: isDirect,
    })),
  });
}
