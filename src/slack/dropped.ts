const inviteIt =
  'the bot is not in this channel, or the id is not one of a channel here; invite it there with /invite, or mend the id';

const advice: Readonly<Record<string, string>> = {
  not_in_channel: inviteIt,
  channel_not_found: inviteIt,
  is_archived: 'the channel is archived; name another one',
  restricted_action: 'the workspace lets few people post there; have an admin let the app in',
};

/** What the log advises where Slack will not take a message (its error code); null where nothing is known. */
export function droppedWords(code: string): string | null {
  const what = Object.hasOwn(advice, code) ? advice[code] : undefined;
  return what === undefined ? null : `${what}. This message is not tried again`;
}
