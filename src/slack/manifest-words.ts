import { appScopes, botEvents, botScopes, notAskedFor, type Scope } from './scopes.js';

/** Why the app asks for what it asks for, as plain text: for whoever approves it. */
export function manifestExplained(mode: 'socket' | 'http', mentionsOnly: boolean): string {
  const bot = botScopes.filter(({ scope }) => !mentionsOnly || scope !== 'commands');
  const parts = [
    ['Scopes of the bot token (xoxb-…)', bot.map(scopeLine)],
    ...(mode === 'socket'
      ? ([['Scope of the app-level token (xapp-…), made by hand', appScopes.map(scopeLine)]] as const)
      : []),
    ['Events', botEvents.map(({ event, why }) => [event, why] as const)],
    ['Not asked for', notAskedFor.map((line) => ['', line] as const)],
  ] as const;
  return `${parts.map(([head, lines]) => [head, ...lines.map(line)].join('\n')).join('\n\n')}\n`;
}

function scopeLine({ scope, why, methods }: Scope): readonly [string, string] {
  return [scope, methods.length === 0 ? why : `${why} (${methods.join(', ')})`];
}

function line([name, why]: readonly [string, string]): string {
  return `  ${name === '' ? '' : name.padEnd(20)}${why}`;
}
