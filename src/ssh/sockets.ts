import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Endpoint } from '../core/target.js';
import { connectError, oneLine } from './connect-errors.js';
import type { Connection } from './connection.js';

/** A TCP connection to an endpoint; rejects with the system's error. */
// Without noDelay each command waits for the far side's delayed acknowledgement: 22 instead of 448 a second.
export function tcp(endpoint: Endpoint, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host: endpoint.host, port: endpoint.port, noDelay: true, signal });
    socket.once('error', reject);
    socket.once('connect', () => {
      resolve(socket);
    });
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
