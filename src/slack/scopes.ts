/** What the app may do in Slack, why, and what needs it: for the manifest, for whoever approves it, and for the manual. */

/** One permission of a token. Names as in docs.slack.dev, "Scopes". */
export interface Scope {
  readonly scope: string;
  /** One sentence for the person who approves the app. */
  readonly why: string;
  /** The methods of the Web API that are called with it; empty where only something that arrives needs it. */
  readonly methods: readonly string[];
}

/**
 * The bot token's scopes, the least that the bot can work with. There is no `*:history` scope: it reads nobody's messages
 * and keeps its own state. There is no `chat:write.public`: it posts where it was invited, and answers a person directly
 * elsewhere.
 */
export const botScopes = [
  { scope: 'commands', why: 'People ask with slash commands.', methods: [] },
  {
    scope: 'app_mentions:read',
    why: 'People ask by mentioning the bot, which is the only way in threads: Slack has no slash commands there.',
    methods: [],
  },
  {
    scope: 'chat:write',
    why: 'It posts verdicts, approvals and the digest in channels that it was invited to, and updates its own messages.',
    methods: ['chat.postMessage', 'chat.postEphemeral', 'chat.update'],
  },
  {
    scope: 'files:write',
    why: 'Output that is too long for a message, and pictures, go into the thread as files. It reads no files.',
    methods: ['files.getUploadURLExternal', 'files.completeUploadExternal'],
  },
  {
    scope: 'users:read',
    why: 'Before anybody acts it asks whether that account is a full member here: nothing is taken from guests, other workspaces, or accounts that were removed. No e-mail addresses.',
    methods: ['users.info'],
  },
  {
    scope: 'usergroups:read',
    why: 'Policy and inventory may name user groups such as @unix-oncall: it asks who is in them.',
    methods: ['usergroups.users.list'],
  },
] as const satisfies readonly Scope[];

/** The app-level token's scope, which no manifest holds: the token is made by hand, and only Socket Mode has one. */
export const appScopes = [
  {
    scope: 'connections:write',
    why: 'It opens the socket over which Slack reaches the bot.',
    methods: ['apps.connections.open'],
  },
] as const satisfies readonly Scope[];

/** Called with the bot token, and Slack wants no scope for them. */
export const freeMethods = [
  'auth.test',
  'chat.getPermalink',
  'views.open',
  'views.update',
  'views.publish',
] as const;

/** What Slack tells the bot without being asked. */
export const botEvents = [
  { event: 'app_home_opened', why: 'Somebody opened the Home tab: it is drawn for them. Needs no scope.' },
  { event: 'app_mention', why: 'Somebody mentioned the bot. Needs app_mentions:read.' },
] as const;

/** What whoever approves the app asks next, and the answer. */
export const notAskedFor = [
  'It reads no messages: there is no *:history scope. It sees commands, mentions of itself, and clicks on its own messages.',
  'It posts in no channel that it was not invited to: there is no chat:write.public.',
  'It acts for nobody: there is no user token.',
  'It asks for no admin scope, and for nobody’s e-mail address.',
] as const;

export const leastScopes = botScopes.map(({ scope }) => scope);
