import type { SocketModeClient } from '@slack/socket-mode';
import type { SlackLog } from './tools.js';

/** A Socket Mode connection that comes back by itself, whatever ended it. */
export interface SteadySocket {
  isConnected(): boolean;
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
  const begin = client.start.bind(client);
  client.start = async () => {
    for (;;) {
      // Ended while waiting: nobody looks at the answer any more.
      if (isStopping) return { ok: false };
      try {
        return await begin();
      } catch (error) {
        log.error({ err: error }, 'Slack refused a Socket Mode connection; trying again');
        await new Promise((resolve) => setTimeout(resolve, refusedWaitMs).unref());
      }
    }
  };
  client.on('connected', () => {
    isGreeted = true;
  });
  client.on('close', () => {
    isGreeted = client.websocket?.isActive() ?? false;
  });
  return {
    isConnected: () => isGreeted && (client.websocket?.isActive() ?? false),
    stop: async () => {
      isStopping = true;
      const patience = new Promise<void>((resolve) => setTimeout(resolve, 2_000).unref());
      // `disconnect` throws at once while it is reconnecting, and may never resolve.
      const gone = new Promise<void>((resolve) => resolve(client.disconnect())).catch(() => undefined);
      await Promise.race([gone, patience]);
    },
  };
}
