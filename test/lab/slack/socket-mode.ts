import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { isJson, parseJson, textOf, type Json } from './json.js';
import type { Upstream } from './upstream.js';
import { acceptFor, WebSocketEnd } from './websocket.js';

/** One thing that Slack sent to the bot and what became of it. */
export interface EnvelopeRecord {
  readonly envelopeId: string;
  readonly type: string;
  /** Number of the connection it went to; null where there was none. */
  readonly connection: number | null;
  readonly sentAt: number;
  ackedAt: number | null;
  state: 'sent' | 'acked' | 'too-late' | 'dropped';
  readonly payload: Json;
}

export interface SocketModeTools {
  readonly upstream: Upstream;
  readonly appId: string;
  readonly appToken: string;
  /** Looks at what goes to the bot and may change it. */
  readonly outgoing: (type: string, payload: Json) => Json;
  /** Looks at the payload of an acknowledgement; null keeps it from the local Slack. */
  readonly acknowledged: (record: EnvelopeRecord, payload: Json | null) => Promise<Json | null>;
  /** Nobody acknowledged within three seconds; returns what the local Slack is told instead. */
  readonly timedOut: (record: EnvelopeRecord) => Json | null;
}

interface Connection {
  readonly number: number;
  readonly end: WebSocketEnd;
}

interface Pending {
  readonly record: EnvelopeRecord;
  readonly timer: NodeJS.Timeout;
  readonly settle: (payload: Json | null, isInTime: boolean) => void;
}

/** Slack allows ten connections per app. Source: slackapi/node-slack-sdk issue 1654. */
const mostConnections = 10;
const ackMs = 3_000;
/** Events are tried again at once, after a minute and after five. Source: docs.slack.dev, Events API. */
const eventRetryMs = [0, 60_000, 300_000];

/**
 * Socket Mode as Slack does it: each envelope goes to one of the bot's connections, must be acknowledged within three
 * seconds, and events that were not are sent again. The local Slack behind it sees a single connection, which is
 * there while the bot has at least one.
 */
export class SocketMode {
  readonly #tools: SocketModeTools;
  readonly #tickets = new Map<string, number>();
  readonly #connections = new Map<number, Connection>();
  readonly #pending = new Map<string, Pending>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #records: EnvelopeRecord[] = [];
  #upstream: Promise<WebSocketEnd> | null = null;
  #nextNumber = 1;
  #turn = 0;

  constructor(tools: SocketModeTools) {
    this.#tools = tools;
  }

  get connections(): number {
    return this.#connections.size;
  }

  get records(): readonly EnvelopeRecord[] {
    return this.#records;
  }

  forget(): void {
    this.#records = [];
  }

  /** A path that opens one connection, once, within 30 s: the answer to `apps.connections.open`. */
  newTicket(): string {
    const id = randomUUID();
    this.#tickets.set(id, Date.now() + 30_000);
    return `/socket/${id}`;
  }

  /** Takes a websocket handshake of the bot. */
  async accept(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const id = (request.url ?? '').replace(/^\/socket\//, '').replace(/\?.*$/, '');
    const validUntil = this.#tickets.get(id) ?? 0;
    this.#tickets.delete(id);
    const key = request.headers['sec-websocket-key'];
    if (validUntil < Date.now() || key === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    try {
      await this.#openUpstream();
    } catch {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`,
    );
    this.#add(socket, head);
  }

  #add(socket: Socket, head: Buffer): void {
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    const end: WebSocketEnd = new WebSocketEnd(socket, 'server', head, {
      onText: (text) => this.#answered(text),
      onClose: () => this.#gone(number),
    });
    if (this.#connections.size >= mostConnections) {
      end.sendText(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets', debug_info: {} }));
      end.close();
      return;
    }
    this.#connections.set(number, { number, end });
    end.sendText(
      JSON.stringify({
        type: 'hello',
        num_connections: this.#connections.size,
        connection_info: { app_id: this.#tools.appId },
        debug_info: { host: 'local-slack', approximate_connection_time: 3_600 },
      }),
    );
  }

  #gone(number: number): void {
    this.#connections.delete(number);
    if (this.#connections.size > 0 || this.#upstream === null) return;
    const upstream = this.#upstream;
    this.#upstream = null;
    void upstream.then(
      (end) => end.close(),
      () => undefined,
    );
  }

  #openUpstream(): Promise<WebSocketEnd> {
    if (this.#upstream !== null) return this.#upstream;
    const opening: Promise<WebSocketEnd> = this.#tools.upstream.openSocket(this.#tools.appToken, {
      onText: (text) => this.#arrived(text),
      onClose: () => {
        if (this.#upstream === opening) this.disconnectAll('drop');
      },
    });
    this.#upstream = opening;
    opening.catch(() => {
      if (this.#upstream === opening) this.#upstream = null;
    });
    return opening;
  }

  /** An envelope from the local Slack: on to one connection. */
  #arrived(text: string): void {
    const envelope = parseJson(text);
    if (envelope === null || typeof envelope.envelope_id !== 'string') return;
    const envelopeId = envelope.envelope_id;
    const payload = isJson(envelope.payload) ? envelope.payload : {};
    this.#send(textOf(envelope.type), payload, envelopeId, (answer) => {
      void this.#toUpstream(envelopeId, answer);
    });
  }

  async #toUpstream(envelopeId: string, payload: Json | null): Promise<void> {
    const end = await this.#upstream;
    end?.sendText(JSON.stringify({ envelope_id: envelopeId, ...(payload === null ? {} : { payload }) }));
  }

  /** Asks the bot something on Slack's behalf; null when it does not answer within three seconds. */
  ask(type: string, payload: Json): Promise<Json | null> {
    return new Promise((resolve) => this.#send(type, payload, randomUUID(), resolve));
  }

  #send(
    type: string,
    given: Json,
    envelopeId: string,
    reply: (payload: Json | null) => void,
    retry: { attempt: number } | null = null,
  ): void {
    const payload = this.#tools.outgoing(type, given);
    const connection = this.#nextConnection();
    const record: EnvelopeRecord = {
      envelopeId,
      type,
      connection: connection?.number ?? null,
      sentAt: Date.now(),
      ackedAt: null,
      state: connection === null ? 'dropped' : 'sent',
      payload,
    };
    this.#records = [...this.#records.slice(-1_999), record];
    const settle = (answer: Json | null, isInTime: boolean): void => {
      this.#pending.delete(envelopeId);
      if (isInTime) return void this.#tools.acknowledged(record, answer).then(reply, () => reply(null));
      record.state = record.state === 'sent' ? 'too-late' : record.state;
      if (type === 'events_api') this.#retryEvent(given, retry?.attempt ?? 0);
      reply(this.#tools.timedOut(record));
    };
    const timer = setTimeout(() => settle(null, false), ackMs);
    this.#pending.set(envelopeId, { record, timer, settle });
    const again = retry === null ? {} : { retry_attempt: retry.attempt, retry_reason: 'timeout' };
    const message = {
      envelope_id: envelopeId,
      type,
      accepts_response_payload: type !== 'events_api',
      payload,
      ...again,
    };
    connection?.end.sendText(JSON.stringify(message));
  }

  #retryEvent(payload: Json, attempt: number): void {
    const waitMs = eventRetryMs[attempt];
    if (waitMs === undefined) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#send('events_api', payload, randomUUID(), () => undefined, { attempt: attempt + 1 });
    }, waitMs);
    this.#timers.add(timer);
  }

  #nextConnection(): Connection | null {
    const all = [...this.#connections.values()];
    this.#turn += 1;
    return all[this.#turn % Math.max(1, all.length)] ?? null;
  }

  /** Something from the bot: an acknowledgement, or nothing that Slack would understand. */
  #answered(text: string): void {
    const message = parseJson(text);
    const pending = this.#pending.get(textOf(message?.envelope_id));
    if (message === null || pending === undefined) return;
    clearTimeout(pending.timer);
    pending.record.ackedAt = Date.now();
    pending.record.state = 'acked';
    pending.settle(isJson(message.payload) ? message.payload : null, true);
  }

  /** Ends every connection of the bot: `drop` cuts them, `refresh` says so first, as Slack does every few hours. */
  disconnectAll(how: 'drop' | 'refresh'): void {
    for (const { end } of [...this.#connections.values()]) {
      if (how === 'refresh') {
        end.sendText(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: {} }));
        end.close();
      } else end.drop();
    }
  }

  stop(): void {
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#pending.clear();
    this.disconnectAll('drop');
  }
}
