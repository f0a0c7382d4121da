import { CommandError, errorInfo } from '../core/errors.js';
import type { Fact, Reading } from '../core/fact.js';
import type { Outcome } from '../core/outcome.js';
import { renderCommand } from '../core/remote-command.js';
import type { NodeTarget } from '../core/target.js';
import { nodeClock } from '../runbooks/certificates/clock.js';
import type { Transport } from '../ssh/transport.js';
import { toReading } from './reading.js';

export interface SessionTools {
  readonly ssh: Transport;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** One round trip carries so many commands, and may bring so many bytes. */
const mostCommands = 60;
const mostBytes = 8 * 1024 * 1024;

/**
 * Several round trips to one node in which no private key may come back: an answer with such a line is dropped before
 * anybody sees it, and its fact is unread. The node's clock is read with the first question.
 */
export class NodeSession {
  /** The node's clock minus ours in milliseconds, 0 where it lies within the round trip; null where it was not read. */
  clockSkewMs: number | null = null;
  private isFirst = true;

  constructor(
    private readonly node: NodeTarget,
    private readonly tools: SessionTools,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Asks in order. Throws ConnectError where no session came about, or the abort of the signal. */
  async ask<T>(facts: readonly Fact<T>[]): Promise<readonly Reading<T>[]> {
    const readings: Reading<T>[] = [];
    const batches = inBatches(facts);
    // Nothing to ask is a question too, as long as the clock was not read.
    for (const batch of batches.length === 0 && this.isFirst ? [[]] : batches)
      readings.push(...(await this.askOnce(batch)));
    return readings;
  }

  private async askOnce<T>(facts: readonly Fact<T>[]): Promise<readonly Reading<T>[]> {
    const { ssh, clock } = this.tools;
    const asksClock = this.isFirst;
    this.isFirst = false;
    const commands = facts.map(({ command }) => command);
    const before = clock();
    const outcomes = await ssh.read(
      this.node,
      asksClock ? [nodeClock.command, ...commands] : commands,
      this.signal,
    );
    this.signal?.throwIfAborted();
    if (asksClock) {
      const read = toReading(this.node.name, nodeClock, outcomes[0], ssh);
      this.clockSkewMs =
        read.kind === 'value' ? outside(read.value.faceMs, { from: before, to: clock() }) : null;
    }
    return facts.map((fact, at) => this.guarded(fact, outcomes[asksClock ? at + 1 : at]));
  }

  private guarded<T>(fact: Fact<T>, outcome: Outcome | undefined): Reading<T> {
    const isKey = outcome !== undefined && hasKey(`${outcome.stdout}\n${outcome.stderr}`);
    if (!isKey) return toReading(this.node.name, fact, outcome, this.tools.ssh);
    const error = errorInfo(
      new CommandError(
        `${renderCommand(fact.command)} on ${this.node.name} printed the line of a private key. The whole answer was dropped unread, ` +
          'and nothing of it was kept. Treat that key as seen: have a look at what the file holds.',
      ),
    );
    const evidence = { target: this.node.name, command: renderCommand(fact.command), excerpt: '' };
    return { kind: 'unread', error, evidence };
  }
}

/** Whether a text has the line that begins or ends a private key; every form of PEM has these two words (RFC 7468 §10, 11). */
export function hasKey(text: string): boolean {
  return /PRIVATE[ \t]+KEY/.test(text);
}

/** A second is what `date` tells: a node's clock is right if it lies within the round trip, give or take that second. */
function outside(nodeMs: number, { from, to }: { from: number; to: number }): number {
  if (nodeMs + 1_000 < from) return nodeMs - from;
  return nodeMs > to ? nodeMs - to : 0;
}

function inBatches<T>(facts: readonly Fact<T>[]): readonly (readonly Fact<T>[])[] {
  const batches: Fact<T>[][] = [];
  let bytes = 0;
  for (const fact of facts) {
    const last = batches.at(-1);
    bytes += fact.command.maxBytes;
    if (last !== undefined && last.length < mostCommands && bytes <= mostBytes) last.push(fact);
    else {
      batches.push([fact]);
      bytes = fact.command.maxBytes;
    }
  }
  return batches;
}
