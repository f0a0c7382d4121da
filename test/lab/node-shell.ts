import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openShell } from './shell.js';

/**
 * A root behind a real sshd: `ForceCommand node …/node-shell.js ROOT` runs what the client asked for
 * (SSH_ORIGINAL_COMMAND) just as the lab's own server does, and ends with the same status or signal.
 */
export function serveForcedCommand(root: string): void {
  const shell = openShell(root, process.env['SSH_ORIGINAL_COMMAND'] ?? null);
  process.stdin.pipe(shell.stdin);
  shell.stdout.pipe(process.stdout);
  shell.stderr.pipe(process.stderr);
  // A client that went away must not take the remote command with it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(255));
  shell.child.on('close', (code, signal) => {
    if (signal !== null) process.kill(process.pid, signal);
    // Exit statuses pass through a turn of the loop, so that the last bytes are handed over first.
    setImmediate(() => process.exit(code ?? 255));
  });
}

const isMain =
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isMain) {
  const root = process.argv[2];
  if (root === undefined) throw new Error('usage: node-shell ROOT');
  serveForcedCommand(realpathSync(root));
}
