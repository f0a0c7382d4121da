import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

/**
 * As much of RFC 6455 as Socket Mode needs, for both sides: text, ping, pong and close, whole or in fragments, no
 * extensions. Anything else ends the connection with the code that the RFC names.
 */
const opcode = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

const longestMessage = 4 * 1024 * 1024;
/** RFC 6455 section 1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key`. */
export function acceptFor(key: string): string {
  return createHash('sha1')
    .update(key + acceptSuffix)
    .digest('base64');
}

interface Frame {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

class ProtocolError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export interface WebSocketEvents {
  readonly onText: (text: string) => void;
  readonly onClose: () => void;
}

/** One end of an open websocket on a socket whose handshake is done. `role` says which side we are. */
export class WebSocketEnd {
  readonly #socket: Socket;
  readonly #role: 'client' | 'server';
  readonly #events: WebSocketEvents;
  readonly #beat: NodeJS.Timeout;
  #waiting: Buffer = Buffer.alloc(0);
  #fragments: Buffer[] | null = null;
  #isClosed = false;

  constructor(socket: Socket, role: 'client' | 'server', head: Buffer, events: WebSocketEvents) {
    this.#socket = socket;
    this.#role = role;
    this.#events = events;
    socket.setNoDelay(true);
    socket.setTimeout(0);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => this.drop());
    socket.on('end', () => this.drop());
    socket.on('close', () => this.drop());
    // Slack pings; the client of @slack/socket-mode gives a connection up that is silent for 30 s.
    this.#beat = setInterval(() => this.#send(opcode.ping, Buffer.from('beat')), 5_000);
    this.#beat.unref();
    // What came together with the handshake; later, so that the caller has this object by then.
    if (head.length > 0) setImmediate(() => this.#read(head));
  }

  sendText(text: string): void {
    this.#send(opcode.text, Buffer.from(text, 'utf8'));
  }

  /** Closes politely: close frame, then the end of the stream. */
  close(code = 1000): void {
    if (this.#isClosed) return;
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.#send(opcode.close, payload);
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), 1_000).unref();
    this.#finish();
  }

  /** Drops the connection without a word, as a broken network does. */
  drop(): void {
    this.#socket.destroy();
    this.#finish();
  }

  #finish(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#beat);
    this.#events.onClose();
  }

  #send(code: number, payload: Buffer): void {
    if (this.#isClosed || !this.#socket.writable) return;
    this.#socket.write(encodeFrame(code, payload, this.#role === 'client'));
  }

  #read(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk]);
    try {
      for (;;) {
        const taken = decodeFrame(this.#waiting, this.#role === 'server');
        if (taken === null) return;
        this.#waiting = this.#waiting.subarray(taken.length);
        this.#handle(taken.frame);
      }
    } catch (error) {
      this.close(error instanceof ProtocolError ? error.code : 1011);
    }
  }

  #handle(frame: Frame): void {
    switch (frame.opcode) {
      case opcode.ping: {
        this.#send(opcode.pong, frame.payload);
        return;
      }
      case opcode.pong:
        return;
      case opcode.close: {
        this.close(1000);
        return;
      }
      case opcode.text:
        if (this.#fragments !== null) throw new ProtocolError(1002, 'a message inside a message');
        this.#fragments = [frame.payload];
        break;
      case opcode.continuation:
        if (this.#fragments === null) throw new ProtocolError(1002, 'a continuation of nothing');
        this.#fragments.push(frame.payload);
        break;
      default:
        throw new ProtocolError(1003, 'only text is understood');
    }
    if (this.#fragments.reduce((sum, part) => sum + part.length, 0) > longestMessage)
      throw new ProtocolError(1009, 'message too long');
    if (!frame.isFinal) return;
    const text = Buffer.concat(this.#fragments).toString('utf8');
    this.#fragments = null;
    this.#events.onText(text);
  }
}

/** One whole, unfragmented frame. Clients mask, servers do not (RFC 6455 section 5.1). */
export function encodeFrame(code: number, payload: Buffer, isMasked: boolean): Buffer {
  const { length } = payload;
  const size = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const head = Buffer.alloc(size + (isMasked ? 4 : 0));
  head[0] = 0x80 | code;
  const maskBit = isMasked ? 0x80 : 0;
  if (size === 2) head[1] = maskBit | length;
  else if (size === 4) {
    head[1] = maskBit | 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = maskBit | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  if (!isMasked) return Buffer.concat([head, payload]);
  const key = randomBytes(4);
  key.copy(head, size);
  return Buffer.concat([head, masked(payload, key)]);
}

/** The first frame in the bytes and how many of them it took; null while it is not complete. Throws ProtocolError. */
export function decodeFrame(bytes: Buffer, mustBeMasked: boolean): { frame: Frame; length: number } | null {
  const first = bytes[0];
  const second = bytes[1];
  if (first === undefined || second === undefined) return null;
  if ((first & 0x70) !== 0) throw new ProtocolError(1002, 'an extension that was not agreed on');
  const isMasked = (second & 0x80) !== 0;
  if (isMasked !== mustBeMasked) throw new ProtocolError(1002, 'wrong masking');
  const short = second & 0x7f;
  const maskAt = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < maskAt) return null;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? longLength(bytes) : short;
  if (length > longestMessage) throw new ProtocolError(1009, 'message too long');
  const isFinal = (first & 0x80) !== 0;
  const code = first & 0x0f;
  if (code >= 0x8 && (!isFinal || short > 125)) throw new ProtocolError(1002, 'a control frame in parts');
  const start = maskAt + (isMasked ? 4 : 0);
  if (bytes.length < start + length) return null;
  const payload = bytes.subarray(start, start + length);
  const plain = isMasked ? masked(payload, bytes.subarray(maskAt, start)) : Buffer.from(payload);
  return { frame: { isFinal, opcode: code, payload: plain }, length: start + length };
}

function longLength(bytes: Buffer): number {
  const length = bytes.readBigUInt64BE(2);
  return length > BigInt(longestMessage) ? longestMessage + 1 : Number(length);
}

function masked(payload: Buffer, key: Buffer): Buffer {
  const out = Buffer.from(payload);
  for (let at = 0; at < out.length; at += 1) out[at] = (out[at] ?? 0) ^ (key[at % 4] ?? 0);
  return out;
}
