import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import ssh2 from 'ssh2';
import type { ConfigFiles, LabEndpoint } from './lab.js';

/** What came back from one command over SSH; `code` is null when the connection went away first. */
export interface Ran {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one command on a simulated node or HMC by a connection of its own, with the lab's identity and its pinned
 * host key. Rejects when no session comes about. For tests of the lab itself: the product has its own client.
 */
export function runOver(
  at: LabEndpoint,
  files: ConfigFiles,
  user: string,
  command: string,
  input = '',
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let code: number | null = null;
    let signal: string | null = null;
    const finish = () => {
      client.end();
      resolve({ code, signal, stdout: text(out), stderr: text(err) });
    };
    // A connection that breaks once the command runs is told by a code of null, whether or not it ends with a reset.
    let isReady = false;
    const fail = (error: Error) => {
      if (isReady) finish();
      else reject(error);
    };
    client.on('error', fail);
    // Dropped before the command's channel was confirmed: nobody else would ever say so.
    client.on('close', finish);
    client.on('ready', () => {
      isReady = true;
      client.exec(command, (error, channel) => {
        if (error !== undefined) {
          reject(error);
          return;
        }
        channel.on('data', (chunk: Buffer) => out.push(chunk));
        channel.stderr.on('data', (chunk: Buffer) => err.push(chunk));
        channel.on('exit', (status: number | null, name?: string) => {
          code = status;
          signal = name ?? null;
        });
        channel.on('close', finish);
        channel.end(input);
      });
    });
    client.connect({
      sock: connect({ host: at.host, port: at.port, noDelay: true }).on('error', fail),
      username: user,
      privateKey: readFileSync(files.identityFile),
      readyTimeout: 2000,
      hostVerifier: (key: Buffer) => isPinned(files, at, key),
    });
  });
}

function isPinned(files: ConfigFiles, at: LabEndpoint, key: Buffer): boolean {
  const line = `[${at.host}]:${at.port} ssh-ed25519 ${key.toString('base64')}`;
  return readFileSync(files.knownHosts, 'utf8').split('\n').includes(line);
}

function text(chunks: Buffer[]): string {
  return Buffer.concat(chunks).toString('latin1');
}
