import type { WebClient } from '@slack/web-api';
import type { SlackApp, SlackAppOptions } from './options.js';
import { probeSlack } from './probe.js';

/** One way in, of either kind. */
export interface Door {
  /** What was taken in and is not acknowledged yet. */
  readonly underWay: Set<Promise<void>>;
  open(): Promise<void>;
  isOpen(): boolean;
  close(): Promise<void>;
}

/** The app as its owner sees it: opening, closing, and how it is, with the token tried now and then. */
export function running(
  door: Door,
  client: WebClient,
  { apiUrl, botToken, door: { mode }, probeMs, log }: SlackAppOptions,
): Omit<SlackApp, 'touchHomes'> {
  let problem: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  const probe = async (): Promise<void> => {
    const problems = await probeSlack({ apiUrl, botToken, appToken: null });
    const now = problems.length === 0 ? null : problems.map(({ sentence }) => sentence).join(' ');
    if (now !== null && now !== problem) log.error({ problem: now }, 'Slack does not take the bot token');
    problem = now;
  };
  const closed =
    mode === 'socket'
      ? `There is no Socket Mode connection to Slack at ${apiUrl}.`
      : 'The endpoint for Slack is not open.';
  return {
    client,
    start: async () => {
      timer = setInterval(() => void probe(), probeMs ?? 30_000).unref();
      await Promise.all([probe(), Promise.race([door.open(), patience(10_000)])]);
    },
    stop: async () => {
      clearInterval(timer);
      // Closing under an entry would leave the person without an answer to what was queued.
      await Promise.race([Promise.allSettled(door.underWay), patience(3_000)]);
      await door.close();
    },
    status: () => ({ connected: door.isOpen(), problem: problem ?? (door.isOpen() ? null : closed) }),
  };
}

function patience(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
