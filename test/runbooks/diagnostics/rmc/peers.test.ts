import { describe, expect, it } from 'vitest';
import type { RmcRow } from '../../../../src/aix/rmcdomainstatus.js';
import { linkOf, ownHmc, peersOf } from '../../../../src/runbooks/diagnostics/rmc/peers.js';
import { lpar1 } from '../../cases.js';

const row = (state: string, nodeId: string, name: string): RmcRow => ({
  state,
  queue: 'A',
  nodeId,
  nodeNumber: 1,
  name,
});
// 0xc8f3a1b2d4e50617 is above 2^63 and far above 2^53: a number would lose its last digits.
const big = { hex: '0xc8f3a1b2d4e50617', decimal: '14480095016374306327' };
const mcp = (nodeId: string, address: string, name: string) => ({
  NodeID: nodeId,
  KeyToken: name,
  IPAddresses: [address],
  HMCIPAddr: address,
});
const network = { hostname: 'hmc1', ipaddr: ['10.20.9.1', '10.20.0.11'], slipipaddr: '10.253.0.1' };
const own = ownHmc(lpar1, network);
const states = (rows: readonly RmcRow[]) => rows.map((one) => one.state);

describe('the HMCs that a node knows', () => {
  it('joins rows and resources on the node ID, whole though it has 64 bits', () => {
    const near = String(BigInt(big.decimal) + 1n);
    const peers = peersOf(
      [row('I', big.hex, '10.20.0.11')],
      [mcp(near, '10.20.0.12', 'hmc2'), mcp(big.decimal, '10.20.0.11', 'hmc1')],
      own,
    );
    expect(peers.map((peer) => [peer.row?.state, peer.resource?.KeyToken, peer.isOurs])).toEqual([
      ['I', 'hmc1', true],
      [undefined, 'hmc2', false],
    ]);
  });

  it('knows ours by any address of its own, by name, and not by the private network of the service processors', () => {
    const isOurs = (address: string, name: string) =>
      peersOf([], [mcp('1', address, name)], own).map((peer) => peer.isOurs);
    expect(isOurs('10.20.9.1', 'elsewhere')).toEqual([true]);
    expect(isOurs('10.99.0.1', 'HMC1.example.net')).toEqual([true]);
    expect(isOurs('10.253.0.1', 'hmc2')).toEqual([false]);
  });

  it('cannot tell without the HMC’s own settings, nor of a resource that says nothing', () => {
    const [peer] = peersOf([], [mcp('1', '10.99.0.1', 'hmc2')], ownHmc(lpar1, null));
    expect(peer?.isOurs).toBeNull();
    const [silent] = peersOf([], [{ NodeID: '1' }], own);
    expect(silent?.isOurs).toBeNull();
    const [unowned] = peersOf([], [mcp('1', '10.20.0.11', 'hmc1')], null);
    expect(unowned?.isOurs).toBeNull();
  });

  it('takes a localhost for no name', () => {
    const [peer] = peersOf(
      [],
      [mcp('1', '10.99.0.1', 'localhost')],
      ownHmc(lpar1, { ...network, hostname: 'localhost' }),
    );
    expect(peer?.isOurs).toBe(false);
  });
});

describe('the link to the HMC that manages the node', () => {
  const ours = (state: string) => row(state, big.hex, '10.20.0.11');
  const other = (state: string) => row(state, '0x0000000000000002', '10.20.0.99');
  const unknownHmc = (state: string) => row(state, '0x0000000000000003', '10.20.0.98');

  it('is that of our HMC, whatever another one shows', () => {
    const link = linkOf(peersOf([other('I'), ours('O')], [], own), 'up');
    expect([link.state, states(link.rows), states(link.others)]).toEqual(['O', ['O'], ['I']]);
  });

  it('is up by the HMC’s word where the rows do not tell whose they are', () => {
    const peers = peersOf([unknownHmc('I'), other('O')], [], null);
    expect(linkOf(peers, 'up').state).toBe('I');
    expect(linkOf(peers, 'unread').state).toBe('I');
    expect(linkOf(peers, 'down').state).toBe('O');
  });

  it('is none where only other HMCs have a row, and unread where nothing was read', () => {
    expect(linkOf(peersOf([other('I')], [], own), 'up').state).toBe('none');
    expect(linkOf([], 'down').state).toBe('none');
    expect(linkOf(null, 'up').state).toBe('unread');
  });

  it.each(['i', 'X', 'Z', 'O'] as const)('is %s where that is all there is', (state) => {
    expect(linkOf(peersOf([ours(state)], [], own), 'down').state).toBe(state);
  });
});
