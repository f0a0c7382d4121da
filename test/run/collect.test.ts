import { describe, expect, it } from 'vitest';
import { ConnectError } from '../../src/core/errors.js';
import type { Outcome } from '../../src/core/outcome.js';
import { renderCommand, type ReadCommand } from '../../src/core/remote-command.js';
import type { ManagedSystem, NodeTarget, Target } from '../../src/core/target.js';
import { rmc } from '../../src/runbooks/diagnostics/rmc.js';
import { collect } from '../../src/run/collect.js';
import type { Transport } from '../../src/ssh/transport.js';
import { lpar1, system } from '../runbooks/cases.js';

const exited = (stdout: string, exitCode = 0, stderr = ''): Outcome => ({
  ended: 'exited',
  exitCode,
  signal: null,
  stdout,
  stderr,
  durationMs: 1,
});

interface Asked {
  readonly target: string;
  readonly commands: readonly string[];
}

/** A transport that answers from a function and writes down what it was asked. */
function answering(answer: (target: Target, command: ReadCommand) => Outcome) {
  const asked: Asked[] = [];
  const ssh: Transport = {
    async read(target, commands, signal) {
      await Promise.resolve();
      signal?.throwIfAborted();
      asked.push({ target: target.name, commands: commands.map(renderCommand) });
      return commands.map((command) => answer(target, command));
    },
    script: () => Promise.reject(new Error('collecting runs no script')),
    change: () => Promise.reject(new Error('collecting changes nothing')),
    notUnderstood: () => undefined,
    identityOf: () => null,
    close: () => Promise.resolve(),
  };
  return { ssh, asked };
}

const named = (name: string, of: ManagedSystem | null = system): NodeTarget => ({
  ...lpar1,
  name,
  system: of,
});
const lparsOf = (of: ManagedSystem, count: number) =>
  Array.from({ length: count }, (_, i) => named(`${of.name}-${i}`, of));
const silent = () => exited('');
const tools = (ssh: Transport) => ({ ssh, clock: () => Date.parse('2026-03-01T06:00:00Z') });

describe('collecting', () => {
  it('asks each HMC once, and each of its commands once, whatever the number of LPARs', async () => {
    const second: ManagedSystem = { ...system, name: 'p9-b', hmcName: 'Server-9009-42A-SN7800002' };
    const { ssh, asked } = answering(silent);
    const targets = [...lparsOf(system, 20), ...lparsOf(second, 20)];
    const collected = await collect(rmc, targets, tools(ssh), { nodesAtOnce: 4 });
    const hmc = asked.filter((one) => one.target === 'hmc1');
    expect(hmc).toHaveLength(1);
    expect(hmc[0]?.commands).toEqual([...new Set(hmc[0]?.commands)]);
    const wanted = [system, second]
      .flatMap((one) => Object.values(rmc.hmc(one)))
      .map((fact) => renderCommand(fact.command));
    expect(hmc[0]?.commands).toEqual([...new Set(wanted)]);
    expect(asked.filter((one) => one.target !== 'hmc1')).toHaveLength(40);
    expect(collected.map((one) => one.target.name)).toEqual(targets.map((target) => target.name));
  });

  it('gives each LPAR the facts of its own managed system', async () => {
    const second: ManagedSystem = { ...system, name: 'p9-b', hmcName: 'Server-9009-42A-SN7800002' };
    const { ssh } = answering((_, command) =>
      exited(command.args.includes('lpar') ? `for ${command.args[3] ?? ''}` : ''),
    );
    const collected = await collect(rmc, [named('a'), named('b', second)], tools(ssh), { nodesAtOnce: 2 });
    const seen = collected.map(({ hmc }) =>
      hmc?.ok === true ? hmc.facts.partitions?.evidence.excerpt : null,
    );
    expect(seen).toEqual(['for Server-9009-42A-SN7800001', 'for Server-9009-42A-SN7800002']);
  });

  it('asks no HMC for a node that none of ours manages', async () => {
    const { ssh, asked } = answering(silent);
    const [collected] = await collect(rmc, [named('pvs1', null)], tools(ssh), { nodesAtOnce: 1 });
    expect(asked.map((one) => one.target)).toEqual(['pvs1']);
    expect(collected?.hmc).toBeNull();
  });

  it('has no more nodes under way than it may', async () => {
    let running = 0;
    let most = 0;
    const { ssh } = answering(silent);
    const slow: Transport = {
      ...ssh,
      async read(target, commands) {
        if (target.kind === 'node') most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (target.kind === 'node') running--;
        return commands.map(silent);
      },
    };
    await collect(rmc, lparsOf(system, 12), tools(slow), { nodesAtOnce: 3 });
    expect(most).toBe(3);
  });

  it('keeps an unreachable node and an unreachable HMC apart, and goes on with the others', async () => {
    const { ssh } = answering((target) => {
      if (target.name === 'a') throw new ConnectError('a', 'refused', 'Connecting to a was refused.');
      if (target.kind === 'hmc') throw new ConnectError('hmc1', 'timed-out', 'Connecting to hmc1 timed out.');
      return silent();
    });
    const [a, b] = await collect(rmc, [named('a'), named('b')], tools(ssh), { nodesAtOnce: 2 });
    expect(a?.node).toEqual({
      ok: false,
      error: { class: 'ConnectError', reason: 'refused', message: 'Connecting to a was refused.' },
    });
    expect(b?.node.ok).toBe(true);
    expect(b?.hmc).toEqual({
      ok: false,
      error: { class: 'ConnectError', reason: 'timed-out', message: 'Connecting to hmc1 timed out.' },
    });
  });

  it('tells of each target when it is there, one at a time', async () => {
    const { ssh } = answering(silent);
    const told: string[] = [];
    let busy = false;
    await collect(rmc, lparsOf(system, 6), tools(ssh), {
      nodesAtOnce: 3,
      onTarget: async ({ target, startedAt, durationMs }) => {
        expect(busy).toBe(false);
        busy = true;
        await new Promise((resolve) => setTimeout(resolve, 2));
        busy = false;
        told.push(target.name);
        expect([startedAt, durationMs]).toEqual(['2026-03-01T06:00:00.000Z', 0]);
      },
    });
    expect([...told].sort()).toEqual(lparsOf(system, 6).map((target) => target.name));
  });

  it('ends with the reason of an abort', async () => {
    const { ssh } = answering(silent);
    const abort = new AbortController();
    const reason = new Error('the worker stops');
    const sweep = collect(rmc, lparsOf(system, 5), tools(ssh), {
      nodesAtOnce: 1,
      signal: abort.signal,
      onTarget: () => abort.abort(reason),
    });
    await expect(sweep).rejects.toBe(reason);
  });

  it('ends with what telling threw', async () => {
    const { ssh } = answering(silent);
    const telling = collect(rmc, lparsOf(system, 5), tools(ssh), {
      nodesAtOnce: 2,
      onTarget: () => Promise.reject(new Error('Redis is away')),
    });
    await expect(telling).rejects.toThrow('Redis is away');
  });

  it('answers nothing for no targets', async () => {
    const { ssh, asked } = answering(silent);
    expect(await collect(rmc, [], tools(ssh), { nodesAtOnce: 4 })).toEqual([]);
    expect(asked).toEqual([]);
  });
});
