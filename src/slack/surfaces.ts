/** The places besides messages that the bot draws: forms, Home tabs, and private messages in their place. */
import type { WebClient } from '@slack/web-api';
import type { EntryTools } from './entries.js';

type Surfaces = Pick<EntryTools, 'openForm' | 'updateForm' | 'publish' | 'replace' | 'permalink'>;

const replaceMs = 2_000;

/** Draws with a client that gives up soon: people wait for these, and triggers live for three seconds. */
export function slackSurfaces(client: WebClient, apiUrl: string): Surfaces {
  return {
    openForm: async (triggerId, view) => {
      await client.views.open({ trigger_id: triggerId, view });
    },
    updateForm: async (viewId, view) => {
      await client.views.update({ view_id: viewId, view });
    },
    publish: async (user, view) => {
      await client.views.publish({ user_id: user, view });
    },
    replace: async (responseUrl, { text, blocks }) => {
      if (!isSlacks(responseUrl, apiUrl)) throw new Error('the address for the answer is not one of Slack');
      const answer = await fetch(responseUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ replace_original: true, response_type: 'ephemeral', text, blocks }),
        redirect: 'error',
        signal: AbortSignal.timeout(replaceMs),
      });
      if (!answer.ok) throw new Error(`Slack answered with status ${answer.status}`);
    },
    permalink: async (channel, ts) =>
      (await client.chat.getPermalink({ channel, message_ts: ts })).permalink ?? null,
  };
}

/** Slack's own host, or that of the Slack for tests: what a payload says is posted to nowhere else. */
function isSlacks(address: string, apiUrl: string): boolean {
  if (!URL.canParse(address)) return false;
  const { origin, protocol, hostname } = new URL(address);
  return origin === new URL(apiUrl).origin || (protocol === 'https:' && hostname === 'hooks.slack.com');
}
