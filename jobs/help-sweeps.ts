import { setMaxListeners } from 'node:events';
import { isStoreAway } from '../src/core/errors.js';
import type { NodeTarget } from '../src/core/target.js';
import { helpSweep } from '../src/run/help-sweep.js';
import { sweepsTopic } from '../src/run/sharing.js';
import { diagnostics } from '../src/runbooks/index.js';
import type { Diagnostic } from '../src/runbooks/definition.js';
import type { Tools } from './tools.js';

/** Takes part in the sweeps that other processes begin, from now on; what is returned ends it, and hands back what was taken. */
export function helpSweeps(tools: Tools): () => Promise<void> {
  const helping = new Map<string, Help>();
  const ends = new Set<Promise<void>>();
  const begin = (id: string): void => {
    const known = helping.get(id);
    if (known !== undefined) {
      known.hearOfMore();
      return;
    }
    const help = new Help();
    helping.set(id, help);
    const end = takePart(id, help, tools).finally(() => {
      helping.delete(id);
      ends.delete(end);
    });
    ends.add(end);
  };
  const unsubscribe = tools.bus.subscribe(sweepsTopic, (text) => {
    const [word, id = ''] = text.split(' ');
    if (word === 'over') helping.get(id)?.stop.abort(new Over());
    // The process that a sweep belongs to hears its own word, too.
    else if (word === 'open' && !tools.sharing.own.has(id)) begin(id);
  });
  return async () => {
    unsubscribe();
    for (const { stop } of helping.values()) stop.abort(new Over());
    await Promise.all(ends);
  };
}

class Help {
  readonly stop = new AbortController();
  private isMore = false;

  /** There is more to take while this process is at it. */
  hearOfMore(): void {
    this.isMore = true;
  }

  /** Whether there was more since it was asked last. */
  wasMore(): boolean {
    const was = this.isMore;
    this.isMore = false;
    return was;
  }
}

async function takePart(id: string, help: Help, tools: Tools): Promise<void> {
  // Every node that is read listens to it.
  setMaxListeners(0, help.stop.signal);
  try {
    do {
      await helpSweep(id, tools.sharing, tools, {
        nodesAtOnce: tools.nodesAtOnce,
        signal: help.stop.signal,
        nodeOf: (name): NodeTarget | undefined => tools.inventory.nodes.get(name),
        diagnosticOf,
      });
    } while (help.wasMore() && !help.stop.signal.aborted);
  } catch (error) {
    if (help.stop.signal.aborted) return;
    // The process that it belongs to reads what is left, and tells of it.
    const level = isStoreAway(error) ? 'warn' : 'error';
    tools.log[level]({ err: error, sweep: id }, 'this process takes no part in a sweep any more');
  }
}

/** Only nodes are shared out; clusters and certificates are read by the process that was asked. */
function diagnosticOf(id: string): Diagnostic | undefined {
  const found = diagnostics.find((one) => one.id === id);
  return found?.kind === 'diagnostic' ? found : undefined;
}

/** The sweep is over, or this process stops. */
class Over extends Error {
  constructor() {
    super('the sweep is over');
    this.name = 'Over';
  }
}
