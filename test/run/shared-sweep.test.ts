import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { helpSweeps } from '../../jobs/help-sweeps.js';
import type { Tools } from '../../jobs/tools.js';
import { readSettings, type Settings } from '../../src/cli/context.js';
import { share, workerTools, type Shared } from '../../src/compose.js';
import type { Verdict } from '../../src/core/verdict.js';
import { chooseNodes } from '../../src/inventory/choose.js';
import { survey } from '../../src/run/survey.js';
import type { Diagnostic } from '../../src/runbooks/definition.js';
import { rmc } from '../../src/runbooks/diagnostics/rmc.js';
import { rsctLevel } from '../../src/runbooks/diagnostics/rsct-level.js';
import { record } from '../bench/record.js';
import { log } from '../jobs/workbench.js';
import { hears } from '../redis/group-behaviour.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { startReplay, type ReplayLab } from '../lab/replay/replay-lab.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-shared-sweep-'));
let redis: RedisServer;
let lab: ReplayLab;
let settings: Settings;

/** A process that takes jobs, as far as sweeps are concerned. */
interface Peer {
  readonly shared: Shared;
  readonly tools: Tools;
  readonly endHelping: () => Promise<void>;
  stop(): Promise<void>;
}

const peers = new Set<Peer>();

async function openPeer(helps: boolean): Promise<Peer> {
  const shared = await share(settings, log);
  const tools = workerTools(settings, shared, () => false, log);
  await hears(shared.bus, shared.bus);
  const endHelping = helps ? helpSweeps(tools) : () => Promise.resolve();
  const peer: Peer = {
    ...{ shared, tools, endHelping },
    stop: async () => {
      peers.delete(peer);
      await endHelping();
      await Promise.all([tools.ssh.close(), tools.certificates.close()]);
      await shared.close();
    },
  };
  peers.add(peer);
  return peer;
}

async function sweepBy(
  { tools }: Peer,
  diagnostic: Diagnostic,
  id: string,
  how: { signal?: AbortSignal; onVerdict?: (verdict: Verdict) => void } = {},
): Promise<readonly Verdict[]> {
  const surveyed = await survey(diagnostic, chooseNodes(settings.inventory, ['all']), tools, {
    ...{ nodesAtOnce: 1000, fleet: [], now: true, limits: tools.sweepLimits, withinMs: 120_000, ...how },
    share: { id, sharing: tools.sharing },
  });
  return surveyed.verdicts;
}

const plain = (verdicts: readonly Verdict[]) =>
  verdicts.map(({ target, verdict, findings }) => [
    target,
    verdict,
    findings.map(({ id, observed }) => [id, observed]),
  ]);

/** Which of these processes has logged in to each node. */
const loggedIn = (peers: readonly Peer[]) =>
  [...settings.inventory.nodes.values()].map((node) =>
    peers.filter(({ tools }) => tools.ssh.identityOf(node) !== null).map((peer) => peers.indexOf(peer)),
  );
const hmcLogins = (peers: readonly Peer[]) =>
  [...settings.inventory.hmcs.values()].map(
    (hmc) => peers.filter(({ tools }) => tools.ssh.identityOf(hmc) !== null).length,
  );
const leftOf = ({ shared }: Peer): Promise<readonly string[]> => shared.redis.keys('{aixops}:sweep:*');
const isOk = (node: { fault: unknown }) => node.fault === null;

beforeAll(async () => {
  redis = await startRedis({ folder: join(folder, 'redis') });
  const tapeFile = join(folder, 'tape.json');
  await record(tapeFile, { lpars: 4, scenarios: { 2: 'ctrmc-stopped' }, diagnostics: ['rmc', 'rsct-level'] });
  lab = await startReplay({
    ...{ tapeFile, folder: join(folder, 'estate'), hmcs: 2, systems: 50, lparsPerSystem: 4 },
    ...{ roundTripMs: 10, remoteMs: 20, processes: 1, faults: { refused: 0.05, garbage: 0.05 } },
    settings: `redis: { url: "${redis.url}" }\n`,
  });
  const read = readSettings(lab.config, false);
  if (!('config' in read)) throw new Error(JSON.stringify(read));
  settings = read;
}, 120_000);
afterAll(async () => {
  await Promise.all([...peers].map((peer) => peer.stop()));
  await lab.stop();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a sweep that several processes share', { timeout: 120_000 }, () => {
  it.each([
    ['that asks nodes alone', rsctLevel],
    ['that asks nodes further by what their HMC said', rmc],
  ])('has the verdicts of a single process, of a diagnostic %s', async (_what, diagnostic) => {
    const alone = await openPeer(false);
    const wanted = plain(await sweepBy(alone, diagnostic, `alone-${diagnostic.id}`));
    await alone.stop();
    const [one, ...others] = await Promise.all([openPeer(false), openPeer(true), openPeer(true)]);
    expect(plain(await sweepBy(one, diagnostic, `shared-${diagnostic.id}`))).toEqual(wanted);
    const by = loggedIn([one, ...others]);
    // Nobody read a node twice, each process has read some, and one alone has asked the HMCs.
    for (const [at, node] of lab.nodes.entries()) if (isOk(node)) expect(by[at]).toHaveLength(1);
    expect(new Set(by.flat())).toEqual(new Set([0, 1, 2]));
    expect(hmcLogins([one, ...others])).toEqual(diagnostic === rmc ? [1, 1] : [0, 0]);
    await vi.waitFor(async () => expect(await leftOf(one)).toEqual([]), 5_000);
    await Promise.all([one, ...others].map((peer) => peer.stop()));
  });

  it('is read to its end by the others when one stops in the middle, or is never heard of again', async () => {
    const [one, stopping] = await Promise.all([openPeer(false), openPeer(true)]);
    let dead = 0;
    const unsubscribe = one.tools.bus.subscribe('sweeps', (text) => {
      const [word, id = ''] = text.split(' ');
      if (word !== 'open') return;
      // It takes its share, as one that is killed then has.
      void one.tools.sharing.sweeps
        .take(id, 'a process that dies', 7)
        .then((taken) => (dead += taken?.length ?? 0));
    });
    let seen = 0;
    const onVerdict = (): void => {
      seen += 1;
      if (seen === 30) void stopping.endHelping();
    };
    const verdicts = await sweepBy(one, rsctLevel, 'dying', { onVerdict });
    unsubscribe();
    expect(dead).toBe(7);
    for (const [at, node] of lab.nodes.entries())
      expect([node.name, verdicts[at]?.verdict]).toEqual([node.name, isOk(node) ? 'ok' : 'unknown']);
    await vi.waitFor(async () => expect(await leftOf(one)).toEqual([]), 5_000);
    await Promise.all([one, stopping].map((peer) => peer.stop()));
  });

  it('stops at once in every process when it is stopped', async () => {
    const all = await Promise.all([openPeer(false), openPeer(true)]);
    const stop = new AbortController();
    const onVerdict = (): void => stop.abort(new Error('stopped'));
    await expect(sweepBy(all[0], rsctLevel, 'stopped', { signal: stop.signal, onVerdict })).rejects.toThrow(
      'stopped',
    );
    await Promise.all(all.map((peer) => peer.endHelping()));
    // What was begun then ends; nothing new is begun.
    const before = (await lab.cost()).counts.connections;
    await all[1].stop();
    expect((await lab.cost()).counts.connections - before).toBeLessThan(lab.nodes.length / 2);
    expect(loggedIn(all).flat().length).toBeLessThan(lab.nodes.length);
    await all[0].stop();
  });

  it('leaves what another process would ask otherwise to the one that it belongs to', async () => {
    const [one, other] = await Promise.all([openPeer(false), openPeer(true)]);
    const elsewhere = [...settings.inventory.nodes.values()].map(
      (node) => [node.name, { ...node, lparId: 99 }] as const,
    );
    Object.assign(other.tools, { inventory: { ...settings.inventory, nodes: new Map(elsewhere) } });
    const verdicts = await sweepBy(one, rsctLevel, 'otherwise');
    expect(verdicts.filter(({ verdict }) => verdict === 'ok')).toHaveLength(lab.nodes.filter(isOk).length);
    expect(new Set(loggedIn([one, other]).flat())).toEqual(new Set([0]));
    await Promise.all([one, other].map((peer) => peer.stop()));
  });
});
