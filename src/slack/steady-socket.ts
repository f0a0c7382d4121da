import type { SocketModeClient } from '@slack/socket-mode';
import type { SlackLog } from './tools.js';

/** A Socket Mode connection that comes back by itself, whatever ended it. */
export interface SteadySocket {
  isConnected(): boolean;
  /** Slack's code for refusing the last try; null where it refused none since it was last connected. */
  refusal(): string | null;
  /** Ends the connection; resolves within two seconds even while it is just reconnecting. */
  stop(): Promise<void>;
}

/** After a refusal that Slack means for good (a token, the app): somebody may mend it meanwhile. */
const refusedWaitMs = 15_000;

/**
 * Keeps one client connected. The client reconnects by calling its own `start` and nobody handles a rejection there,
 * so that a refused token would end the process: `start` is replaced by one that waits and tries again.
 */
export function steadySocket(client: SocketModeClient, log: SlackLog): SteadySocket {
  let isStopping = false;
  let isGreeted = false;
  let refusal: string | null = null;
  const begin = client.start.bind(client);
  client.start = async () => {
    for (;;) {
      // Ended while waiting: nobody looks at the answer any more.
      if (isStopping) return { ok: false };
      try {
        return await begin();
      } catch (error) {
        refusal = codeOf(error);
        log.warn({ err: error }, 'Slack refused a Socket Mode connection; trying again');
        await new Promise((resolve) => setTimeout(resolve, refusedWaitMs).unref());
      }
    }
  };
  client.on('connected', () => {
    isGreeted = true;
    refusal = null;
  });
  client.on('close', () => {
    isGreeted = client.websocket?.isActive() ?? false;
  });
  return {
    isConnected: () => isGreeted && (client.websocket?.isActive() ?? false),
    refusal: () => refusal,
    stop: async () => {
      isStopping = true;
      const patience = new Promise<void>((resolve) => setTimeout(resolve, 2_000).unref());
      // `disconnect` throws at once while it is reconnecting, and may never resolve.
      const gone = new Promise<void>((resolve) => resolve(client.disconnect())).catch(() => undefined);
      await Promise.race([gone, patience]);
    },
  };
}

function codeOf(error: unknown): string {
  const data: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'data') : null;
  const code: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'error') : null;
  return typeof code === 'string' ? code : 'no reason given';
}
