import type { DoorView } from './options.js';
import type { SteadySocket } from './steady-socket.js';

/** How the Socket Mode connections are, in words. One of several is enough: Slack renews each one now and then. */
export function socketView(sockets: readonly SteadySocket[], apiUrl: string): DoorView {
  const open = sockets.filter((socket) => socket.isConnected()).length;
  if (open > 0)
    return { kind: 'open', sentence: `${open} of ${sockets.length} connections to Slack are open.` };
  const refusal = sockets.map((socket) => socket.refusal()).find((code) => code !== null);
  const what = `There is no Socket Mode connection to Slack at ${apiUrl}`;
  const lost = 'Nothing that people type arrives until there is one.';
  if (refusal !== undefined)
    return {
      kind: 'closed',
      sentence: `${what}: Slack refused it (${refusal}). ${lost} Make an app-level token with connections:write, set SLACK_APP_TOKEN to it and restart.`,
    };
  return {
    kind: 'closed',
    sentence: `${what}; it is tried again and again. ${lost} Look whether this machine may reach Slack (port 443, proxy), and whether Slack is up.`,
  };
}
