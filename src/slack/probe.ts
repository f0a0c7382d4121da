import { LogLevel, WebClient } from '@slack/web-api';
import { leastScopes } from './scopes.js';

export interface ProbeTarget {
  readonly apiUrl: string;
  readonly botToken: string;
  /** null where the bot is reached over HTTP. */
  readonly appToken: string | null;
}

const advice: Readonly<Record<string, string>> = {
  invalid_auth: 'Slack does not know this token: copy it anew from the app page.',
  not_authed: 'No token was sent: set it.',
  account_inactive: 'The app was removed from the workspace: install it again.',
  token_revoked: 'The token was revoked: install the app again and copy the new token.',
  not_allowed_token_type:
    'This is another kind of token: the app token begins with xapp-, the bot token with xoxb-.',
  missing_scope: 'The token lacks connections:write: make an app-level token that has it.',
};

/** `refused`: a token is wrong. `absent`: Slack did not answer, which may pass. `scopes`: the token may do too little. */
export interface SlackProblem {
  readonly kind: 'refused' | 'absent' | 'scopes';
  readonly sentence: string;
}

/** An app without slash commands is a choice; Slack itself adds that scope to an app that has any. */
const needed = leastScopes.filter((scope) => scope !== 'commands');

/** Asks Slack whether the tokens are good; none when all is well. */
export async function probeSlack(target: ProbeTarget): Promise<SlackProblem[]> {
  const problems: SlackProblem[] = [];
  const bot = client(target.apiUrl, target.botToken);
  try {
    const answer = await bot.auth.test();
    const scopes = answer.response_metadata?.scopes;
    // Slack tells a token's scopes in a header; where it does not, there is nothing to compare.
    const missing = scopes === undefined ? [] : needed.filter((scope) => !scopes.includes(scope));
    if (missing.length > 0)
      problems.push({
        kind: 'scopes',
        sentence: `The bot token lacks the scopes ${missing.join(', ')}: add them and install the app again.`,
      });
  } catch (error) {
    problems.push(said('bot', error, target.apiUrl));
  }
  if (target.appToken === null) return problems;
  try {
    await client(target.apiUrl, target.appToken).apps.connections.open();
  } catch (error) {
    problems.push(said('app', error, target.apiUrl));
  }
  return problems;
}

function client(slackApiUrl: string, token: string): WebClient {
  return new WebClient(token, {
    slackApiUrl,
    timeout: 8_000,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    // It would print a line of its own for each try while Slack is away.
    logLevel: LogLevel.ERROR,
  });
}

/** What Slack said of a token, or that it did not answer at all, and what to do. */
function said(token: 'bot' | 'app', error: unknown, apiUrl: string): SlackProblem {
  const code = codeOf(error);
  if (code !== null) {
    const sentence = `The ${token} token was not accepted (${code}). ${advice[code] ?? ''}`.trim();
    return { kind: passing.includes(code) ? 'absent' : 'refused', sentence };
  }
  return {
    kind: 'absent',
    sentence: `Slack at ${apiUrl} did not answer (${reasonOf(error)}): look whether this machine may reach it, and whether Slack is up.`,
  };
}

/** Slack's own troubles, which say nothing of the token. */
const passing = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'ratelimited'];

function codeOf(error: unknown): string | null {
  const data: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'data') : null;
  const code: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'error') : null;
  return typeof code === 'string' ? code : null;
}

/** What the socket said: the Web client and fetch each wrap it once. */
function reasonOf(error: unknown): string {
  let inner: unknown = error;
  for (let depth = 0; depth < 5 && inner instanceof Error; depth += 1) {
    if ('code' in inner && typeof inner.code === 'string' && inner.code.startsWith('E'))
      return inner.message || inner.code;
    const below: unknown = Reflect.get(inner, 'original') ?? inner.cause;
    if (!(below instanceof Error)) break;
    inner = below;
  }
  return inner instanceof Error ? inner.message : String(inner);
}
