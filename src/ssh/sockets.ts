import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Endpoint } from '../core/target.js';
import { Intake } from '../loop/intake.js';
import { connectError, oneLine } from './connect-errors.js';
import type { Connection } from './connection.js';

/** Key exchange and answers of all nodes come in here. */
const intake = new Intake();

/** A socket that hands on what it reads a little at a time: a thousand of them that are readable at once keep nobody waiting. */
class PatientSocket extends Socket {
  /**
   * Called by Node for what was read, and with null at the end. As long as that waits no more is read, so that a flood waits
   * with who sends it. Source: Node.js, stream, `readable.push`: false stops the reading, and a later push goes on with it.
   */
  override push(chunk: unknown): boolean {
    let wantsMore = false;
    intake.take(this, () => {
      wantsMore = super.push(chunk);
    });
    return wantsMore;
  }

  /** What was read before the connection broke is handed on first: it may be the answer. */
  override destroy(error?: Error): this {
    intake.flush(this);
    return super.destroy(error);
  }
}

/** A TCP connection to an endpoint; rejects with the system's error. */
// Without noDelay each command waits for the far side's delayed acknowledgement: 22 instead of 448 a second.
export function tcp({ host, port }: Endpoint, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = new PatientSocket({ signal }).setNoDelay(true);
    socket.once('error', reject);
    socket.once('connect', () => {
      resolve(socket);
    });
    socket.connect({ host, port });
  });
}

/** A stream to an endpoint through its jump host's connection; throws ConnectError. */
export async function forwarded(endpoint: Endpoint, jump: Connection): Promise<Duplex> {
  try {
    return await jump.forward(endpoint.host, endpoint.port);
  } catch (error) {
    const name = endpoint.jump?.name ?? 'its jump host';
    throw connectError(
      endpoint,
      'unreachable',
      `failed: ${name} could not reach it (${oneLine((error as Error).message)})`,
      error,
    );
  }
}
