import { ConnectError } from '../core/errors.js';
import type { Observe, SshRole } from '../core/observe.js';
import type { ExecResult, Open } from './connection.js';

/** The same way to open connections, with what comes of it noticed: each try, and each connection's end. */
export function noticing(open: Open, observe: Observe): Open {
  return async (endpoint, how) => {
    const { role } = how;
    const startedAt = performance.now();
    try {
      const connection = await open(endpoint, how);
      observe({ kind: 'ssh-connected', role, ...connection.opening });
      connection.onClosed(() => observe({ kind: 'ssh-closed', role }));
      return connection;
    } catch (error) {
      const ms = performance.now() - startedAt;
      // What was given up has not failed.
      if (error instanceof ConnectError && !how.signal.aborted)
        observe({ kind: 'ssh-failed', role, reason: error.reason, ms });
      throw error;
    }
  };
}

/** Passes a remote command's result on, and has its ending noticed. */
export function ended(
  how: 'read' | 'step',
  role: SshRole,
  observe: Observe,
): (result: ExecResult) => ExecResult {
  return (result) => {
    observe({ kind: 'remote-ended', how, role, ended: result.ended, ms: result.durationMs });
    return result;
  };
}
