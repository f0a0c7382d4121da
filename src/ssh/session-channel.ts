/**
 * Session channels of ssh2, opened ahead of their command. ssh2's own `exec` takes three round trips for a command with
 * something on its standard input: it opens a channel, waits, asks for the command, waits, and only then can be written to.
 * SSH needs one: a channel may be open already (RFC 4254 §5.1), and what goes to the command may follow the request for it
 * without waiting (§5.2, §6.5), because a server takes one packet after the other. ssh2 has no call for that, so this reaches
 * for what its own `exec` is made of (lib/client.js of 1.17.0, `openChannel` and `reqExec`); where another version lacks
 * that, `insideOf` says so and its `exec` is used.
 */
import type { ExecStream } from './channel.js';

/** A session channel on which nothing was asked for yet. */
export interface SessionChannel extends ExecStream {
  readonly outgoing: { readonly id: number; readonly state: string };
  subtype?: string;
  readonly _callbacks: ((failed: boolean | Error) => void)[];
}

/** What is used of ssh2's inside. */
export interface SshInside {
  readonly _chanMgr: { add(opened: OpenedCallback): number };
  readonly _protocol: {
    session(channel: number, window: number, packet: number): void;
    exec(channel: number, command: string, wantReply: boolean): void;
  };
}

type OpenedCallback = ((error: Error | undefined, channel: SessionChannel) => void) & { type?: string };

/** As large as ssh2 itself makes them (lib/Channel.js). */
const windowBytes = 2 * 1024 * 1024;
const packetBytes = 32 * 1024;

/** The inside of a client, or null where it is not as it was in ssh2 1.17.0. */
export function insideOf(client: object): SshInside | null {
  const manager: unknown = Reflect.get(client, '_chanMgr');
  const protocol: unknown = Reflect.get(client, '_protocol');
  const isKnown = has(manager, 'add') && has(protocol, 'session') && has(protocol, 'exec');
  return isKnown ? (client as unknown as SshInside) : null;
}

function has(thing: unknown, method: string): boolean {
  return typeof thing === 'object' && thing !== null && typeof Reflect.get(thing, method) === 'function';
}

/** Asks the server for a session channel; `opened` is called once, as ssh2 calls back. Throws on a dead connection. */
export function openSession(
  inside: SshInside,
  opened: (error: Error | undefined, channel: SessionChannel) => void,
): void {
  const callback: OpenedCallback = (error, channel) => opened(error, channel);
  callback.type = 'session';
  const id = inside._chanMgr.add(callback);
  if (id === -1) throw new Error('no free channel number');
  inside._protocol.session(id, windowBytes, packetBytes);
}

/** Asks for a command on an open channel; `answered` gets false when it was taken. The channel may be written to at once. */
export function startCommand(
  inside: SshInside,
  channel: SessionChannel,
  command: string,
  answered: (failed: boolean | Error) => void,
): void {
  channel.subtype = 'exec';
  channel._callbacks.push(answered);
  inside._protocol.exec(channel.outgoing.id, command, true);
}
