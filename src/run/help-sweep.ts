import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeTarget } from '../core/target.js';
import type { Diagnostic, Reached } from '../runbooks/definition.js';
import type { FactSet } from '../core/fact.js';
import { collectInTurn, type CollectedInTime, type CollectTools } from './collect.js';
import { entryOf, nameIn, resultsTopic, type Sharing, type SweepAbout } from './sharing.js';
import type { ReadElsewhere } from './shared-turns.js';
import type { Turns } from './turns.js';

/** Results go back when there are so many, or after this time: the first ones are to be seen early. */
const giveAt = 16;
const giveAfterMs = 40;
const beatEveryMs = 2_000;
/** An HMC's side that is not there yet is looked for again. */
const sideAgainMs = 200;

export interface HelpOptions {
  readonly nodesAtOnce: number;
  /** The node of that name as this process's settings have it. */
  readonly nodeOf: (name: string) => NodeTarget | undefined;
  readonly diagnosticOf: (id: string) => Diagnostic | undefined;
  /** Fires when the sweep is over, or this process stops. */
  readonly signal: AbortSignal;
}

/**
 * Takes part in a sweep that another process began: reads nodes of it as fast as this process keeps up with, until none is
 * left to take, and gives back what was read. What it cannot read as the other one would, it leaves to that one. Rejects
 * with the abort of `signal`, and with what Redis said.
 */
export async function helpSweep(
  id: string,
  sharing: Sharing,
  tools: CollectTools,
  { nodesAtOnce, nodeOf, diagnosticOf, signal }: HelpOptions,
): Promise<void> {
  const { sweeps, self, version } = sharing;
  const about = await sweeps.about(id);
  if (about?.v !== 1 || about.version !== version) return;
  const diagnostic = diagnosticOf(about.diagnostic);
  if (diagnostic === undefined) return;
  const giving = new Giving(id, sharing);
  const turns = takingFrom(id, sharing, nodeOf, giving);
  const beating = setInterval(() => {
    // Where Redis is away, taking and giving say so.
    sweeps.beat(id, self).then(
      (isOn) => (isOn ? undefined : turns.close()),
      () => undefined,
    );
  }, beatEveryMs);
  try {
    await collectInTurn(diagnostic, turns, tools, {
      nodesAtOnce,
      signal,
      limits: about.limits,
      hmcSides: sidesElsewhere(id, sharing, about, signal),
      onTarget: (collected) => giving.add(collected),
    });
    await giving.flush();
  } finally {
    clearInterval(beating);
    giving.end();
    await sweeps.handBack(id, self).catch(() => undefined);
  }
}

function takingFrom(
  id: string,
  { sweeps, self }: Sharing,
  nodeOf: HelpOptions['nodeOf'],
  giving: Giving,
): Turns {
  let isOver = false;
  return {
    add: () => undefined,
    end: () => undefined,
    done: () => undefined,
    close: () => (isOver = true),
    take: async (count) => {
      for (;;) {
        const taken = isOver ? null : await sweeps.take(id, self, count);
        if (taken === null || taken.length === 0) return null;
        const known = taken.flatMap((entry) => {
          const target = nodeOf(nameIn(entry));
          if (target !== undefined && entryOf(target) === entry) return [target];
          giving.refuse(entry);
          return [];
        });
        if (known.length > 0) return known;
      }
    },
  };
}

/** What was read, on its way to whom the sweep belongs. */
class Giving {
  private read: { entry: string; text: string | null }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly id: string,
    private readonly sharing: Sharing,
  ) {}

  add({ target, node, followUp, startedAt, durationMs }: CollectedInTime): void {
    const read: ReadElsewhere = { node, startedAt, durationMs, ...(followUp != null && { followUp }) };
    this.put(entryOf(target), JSON.stringify(read));
  }

  refuse(entry: string): void {
    this.put(entry, null);
  }

  /** Rejects with what Redis said at the last or an earlier try. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const read = this.read.splice(0);
    if (read.length === 0) return this.last;
    const { sweeps, bus, self } = this.sharing;
    this.last = this.last.then(async () => {
      if (await sweeps.give(this.id, self, read)) await bus.publish(resultsTopic(this.id), '');
    });
    // Whoever flushes at the end is told.
    this.last.catch(() => undefined);
    return this.last;
  }

  end(): void {
    clearTimeout(this.timer);
  }

  private put(entry: string, text: string | null): void {
    this.read.push({ entry, text });
    if (this.read.length >= giveAt) void this.flush().catch(() => undefined);
    else this.timer ??= setTimeout(() => void this.flush().catch(() => undefined), giveAfterMs);
  }
}

/** The HMCs' sides as the process that asked them has laid them out; each is fetched when it is first needed. */
function sidesElsewhere(
  id: string,
  { sweeps }: Sharing,
  { needsSides, limits }: SweepAbout,
  signal: AbortSignal,
): { get(system: string): Promise<Reached<FactSet>> | undefined } {
  const sides = new Map<string, Promise<Reached<FactSet>>>();
  const fetched = async (system: string): Promise<Reached<FactSet>> => {
    const until = Date.now() + limits.hmcMs + limits.nodeMs;
    for (;;) {
      const text = await sweeps.side(id, system);
      if (text !== null) return JSON.parse(text) as Reached<FactSet>;
      if (Date.now() > until) throw new Error(`the side of ${system} was not laid out`);
      await sleep(sideAgainMs, undefined, { signal });
    }
  };
  return {
    get: (system) => {
      if (!needsSides) return undefined;
      const side = sides.get(system) ?? fetched(system);
      side.catch(() => undefined);
      sides.set(system, side);
      return side;
    },
  };
}
