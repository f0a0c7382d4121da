import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from './manifest.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What an app's settings lack, have too much of, or say otherwise than the manifest, one line each; none when nothing is to
 * be done. `theirs` is what Slack shows on the app's page "App Manifest". Fields that Slack adds by itself are left out.
 */
export function manifestDifferences(ours: Manifest, theirs: unknown): readonly string[] {
  const { features, oauth_config: oauth, settings, display_information: shown } = ours;
  const their = (...path: readonly string[]): unknown => path.reduce(fieldOf, theirs);
  return [
    ...commandLines(features.slash_commands ?? [], listed(their('features', 'slash_commands'))),
    ...memberLines('the scope', oauth.scopes.bot, listed(their('oauth_config', 'scopes', 'bot'))),
    ...memberLines('the user scope', [], listed(their('oauth_config', 'scopes', 'user'))),
    ...memberLines(
      'the event',
      settings.event_subscriptions.bot_events,
      listed(their('settings', 'event_subscriptions', 'bot_events')),
    ),
    ...fieldLines('display_information', { ...shown }, their('display_information')),
    ...fieldLines('features.app_home', features.app_home, their('features', 'app_home')),
    ...fieldLines('features.bot_user', features.bot_user, their('features', 'bot_user')),
    ...fieldLines('settings', plainSettings(settings), their('settings')),
  ];
}

/** The settings without the lists; addresses and switches by their whole name. */
function plainSettings(settings: Manifest['settings']): Fields {
  const { event_subscriptions: events, interactivity, ...switches } = settings;
  const address = events.request_url;
  return {
    ...switches,
    ...(address === undefined ? {} : { 'event_subscriptions.request_url': address }),
    ...Object.fromEntries(
      Object.entries(interactivity).map(([key, value]) => [`interactivity.${key}`, value]),
    ),
  };
}

function commandLines(
  ours: NonNullable<Manifest['features']['slash_commands']>,
  theirs: readonly unknown[],
): string[] {
  const named = new Map(theirs.map((one) => [fieldOf(one, 'command'), one]));
  const lines = ours.flatMap((one) => {
    const other = named.get(one.command);
    named.delete(one.command);
    return other === undefined
      ? [`missing: the command ${one.command}`]
      : fieldLines(`the command ${one.command},`, { ...one }, other);
  });
  return [...lines, ...[...named.keys()].map((name) => `too much: the command ${String(name)}`)];
}

function memberLines(what: string, ours: readonly string[], theirs: readonly unknown[]): string[] {
  return [
    ...ours.filter((one) => !theirs.includes(one)).map((one) => `missing: ${what} ${one}`),
    ...theirs.filter((one) => !ours.includes(String(one))).map((one) => `too much: ${what} ${String(one)}`),
  ];
}

/** Of fields that are not there Slack takes switches as off, and texts as empty. */
function fieldLines(where: string, ours: Fields, theirs: unknown): string[] {
  return Object.entries(ours).flatMap(([path, wanted]) => {
    const found = path.split('.').reduce(fieldOf, theirs);
    if (isDeepStrictEqual(found, wanted) || (found === undefined && wanted === false)) return [];
    const is = found === undefined ? 'is missing' : `is ${JSON.stringify(found)}`;
    const name = where.endsWith(',') ? `${where} ${path}` : `${where}.${path}`;
    return [`different: ${name} ${is}, should be ${JSON.stringify(wanted)}`];
  });
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (Reflect.get(value, key) as unknown)
    : undefined;
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
