import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { tcpReach } from '../../src/aix/rmc-reach.js';
import { renderCommand } from '../../src/core/remote-command.js';

/** Runs the probe by a shell, as a node would. */
async function probe(address: string): Promise<unknown> {
  const { command, reader } = tcpReach(address);
  const child = spawn('/bin/sh', ['-c', renderCommand(command)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(stderr).toBe('');
  return reader.read(stdout);
}

/** Listens on RMC's port of a loopback address; false where only root may. */
async function listening(address: string, act: () => Promise<void>): Promise<boolean> {
  const server = createServer((socket) => socket.destroy());
  server.listen(657, address);
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await act();
  server.close();
  return true;
}

describe('the probe of TCP 657', () => {
  it('says refused where nothing listens', async () => {
    expect(await probe('127.77.65.7')).toEqual({ kind: 'facts', facts: { result: 'refused' } });
    expect(await probe('::1')).toEqual({ kind: 'facts', facts: { result: 'refused' } });
  });

  it('says connected where something does', async ({ skip }) => {
    const ran = await listening('127.77.65.8', async () => {
      expect(await probe('127.77.65.8')).toEqual({ kind: 'facts', facts: { result: 'connected' } });
    });
    if (!ran) skip('only root may listen on port 657');
  });

  it('takes an address and nothing else', () => {
    for (const address of [
      'hmc1.example.com',
      '10.20.0',
      '10.20.0.11 ',
      '$(reboot)',
      '-e',
      '',
      'fe80::1%en1',
    ])
      expect(() => tcpReach(address)).toThrow(TypeError);
  });

  it('has a limit below that of the command, so that it can say that it timed out', () => {
    const { command } = tcpReach('10.20.0.11');
    const inside = Number(/Timeout => (?<seconds>\d+)/.exec(command.args.join(' '))?.groups?.seconds);
    expect(inside * 1000).toBeLessThan(command.timeoutMs - 5000);
  });
});
