/**
 * From the command to the verdict on one node, held against what the distance alone makes necessary.
 *
 * How many times the line must be gone there and back before a verdict can be there, `r` being one round trip:
 *
 *     1  TCP: SYN, SYN and ACK (RFC 9293 §3.5)
 *     1  both sides' version and SSH_MSG_KEXINIT, which nobody need wait for to send his own (RFC 4253 §4.2, §7.1)
 *     1  SSH_MSG_KEX_ECDH_INIT and its REPLY with the host key's signature; NEWKEYS (RFC 5656 §4, RFC 4253 §7.3)
 *     1  SSH_MSG_SERVICE_REQUEST and, right behind it, SSH_MSG_USERAUTH_REQUEST signed at once (RFC 4253 §10, RFC 4252 §7)
 *     1  SSH_MSG_CHANNEL_OPEN and its confirmation: the number of the channel is the server's to give (RFC 4254 §5.1)
 *     1  the command with its standard input, and its answer (RFC 4254 §6.5)
 *
 * That is six for a node that is not connected to, and the last one alone for a node that is, where a channel was opened
 * before. To guess the server's key exchange would save one more (RFC 4253 §7), and no client does. The node's own time
 * for the answer comes on top.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startReplay, type ReplayLab } from '../lab/replay/replay-lab.js';
import { bench } from './bench.js';
import type { Picture } from './draw.js';
import { openEngine } from './engine.js';
import { median } from './measure.js';
import { isThere, question, sshOptions } from './peers.js';
import { record } from './record.js';
import { atMost, type Result, type Row, type Target } from './table.js';

interface OneNodeOptions {
  readonly delaysMs: readonly number[];
  readonly runs: number;
}

export const oneNodeBench = bench<OneNodeOptions>({
  name: 'one-node',
  title: 'from the command to the verdict on one node',
  full: { delaysMs: [20, 50, 150], runs: 9 },
  quick: { delaysMs: [50], runs: 5 },
  run: oneNode,
});

const roundTrips = { cold: 6, warm: 1 } as const;
type How = keyof typeof roundTrips;
/** What is promised beyond the limit. */
const allowedMs = { cold: 150, warm: 50 } as const;
const remoteMs = 20;

async function oneNode({ delaysMs, runs }: OneNodeOptions): Promise<Omit<Result, 'bench' | 'title'>> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-one-node-'));
  const tapeFile = join(folder, 'tape.json');
  const rows: Row[] = [];
  const targets: Target[] = [];
  const hasSsh = isThere('ssh');
  try {
    await record(tapeFile, { lpars: 1, diagnostics: ['rsct-level'] });
    for (const delayMs of delaysMs) {
      const lab = await startReplay({
        ...{ tapeFile, folder: join(folder, String(delayMs)), hmcs: 1, systems: 1, lparsPerSystem: 1 },
        ...{ roundTripMs: delayMs, remoteMs },
      });
      try {
        const ours = await oursOn(lab, runs);
        const theirs = hasSsh ? await sshOn(lab, folder, runs) : null;
        for (const how of ['cold', 'warm'] as const) {
          rows.push(rowOf(lab, 'aixops', how, ours[how]));
          if (theirs !== null)
            rows.push(rowOf(lab, how === 'cold' ? 'ssh' : 'ssh, ControlMaster', how, theirs[how]));
          const limitMs = limitOf(lab, how);
          const most = limitMs + allowedMs[how];
          targets.push(atMost(`${how} at ${delayMs} ms`, median(ours[how]), most, 'ms'));
        }
      } finally {
        await lab.stop();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const notes = [
    `the limit is ${roundTrips.cold} round trips cold, ${roundTrips.warm} warm, and ${remoteMs} ms on the node; it is promised to be kept within ${allowedMs.cold} and ${allowedMs.warm} ms`,
    ...(hasSsh ? [] : ['ssh is missing on this machine (Debian: openssh-client)']),
  ];
  return { rows, targets, notes, pictures: [pictureOf(rows)] };
}

type Times = Readonly<Record<How, readonly number[]>>;

async function oursOn(lab: ReplayLab, runs: number): Promise<Times> {
  const times: { cold: number[]; warm: number[] } = { cold: [], warm: [] };
  const name = lab.nodes[0]?.name ?? '';
  // The first one is not counted: a worker is not started anew for each command.
  for (let run = 0; run <= runs; run += 1) {
    const engine = openEngine(lab.config);
    try {
      for (const how of ['cold', 'warm'] as const) {
        const begunAt = performance.now();
        const [verdict] = await engine.run('rsct-level', [name]);
        const tookMs = performance.now() - begunAt;
        if (verdict?.verdict !== 'ok')
          throw new Error(`the node is healthy, not ${verdict?.verdict ?? 'silent'}`);
        if (run > 0) times[how].push(tookMs);
        // As long as a channel takes to be opened ahead: nobody asks the same again within that.
        await sleep(lab.roundTripMs * 2);
      }
    } finally {
      await engine.close();
    }
  }
  return times;
}

/** The same question by OpenSSH: connecting each time, and over a connection that a master keeps. */
async function sshOn(lab: ReplayLab, folder: string, runs: number): Promise<Times> {
  const address = lab.nodes[0]?.address ?? '';
  const socket = join(folder, 'control');
  const options = sshOptions(lab);
  const master = spawn('ssh', [...options, '-M', '-S', socket, '-N', address], { stdio: 'ignore' });
  const masterGone = new Promise<void>((resolve) => master.once('exit', () => resolve()));
  try {
    await isUp(socket, address);
    const times: { cold: number[]; warm: number[] } = { cold: [], warm: [] };
    for (let run = 0; run < runs; run += 1)
      for (const how of ['cold', 'warm'] as const) {
        const through = how === 'cold' ? options : [...options, '-S', socket];
        const begunAt = performance.now();
        const said = await output('ssh', [...through, '-n', address, question]);
        times[how].push(performance.now() - begunAt);
        if (!said.includes('rsct.core.rmc:')) throw new Error('ssh brought no answer');
      }
    return times;
  } finally {
    master.kill();
    await masterGone;
  }
}

async function isUp(socket: string, address: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const said = await output('ssh', ['-S', socket, '-O', 'check', address]);
    if (said.includes('Master running')) return;
    await sleep(100);
  }
  throw new Error('ssh did not come up as a master');
}

function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(program, [...args], { timeout: 30_000 }, (_error, stdout, stderr) =>
      resolve(`${stdout}\n${stderr}`),
    );
    child.stdin?.end();
  });
}

function limitOf({ roundTripMs }: ReplayLab, how: How): number {
  return roundTrips[how] * roundTripMs + remoteMs;
}

function rowOf(lab: ReplayLab, tool: string, how: How, times: readonly number[]): Row {
  const limitMs = limitOf(lab, how);
  return {
    'delay ms': lab.roundTripMs,
    tool,
    connection: how,
    'median ms': median(times),
    'slowest ms': Math.max(...times),
    'limit ms': limitMs,
    'beyond the limit ms': median(times) - limitMs,
  };
}

function pictureOf(rows: readonly Row[]): Picture {
  const names = [...new Set(rows.map(({ tool, connection }) => `${tool ?? ''}, ${connection ?? ''}`))];
  const points = (name: string, column: string) =>
    rows
      .filter(({ tool, connection }) => `${tool ?? ''}, ${connection ?? ''}` === name)
      .map((row) => [`${row['delay ms'] ?? ''} ms`, Number(row[column])] as const);
  return {
    ...{ name: 'one-node', title: 'From the command to the verdict on one node' },
    kind: 'bars',
    subtitle: 'Median; limit: what the distance makes necessary, and the node itself',
    ...{ x: { title: 'round trip' }, y: { title: 'milliseconds' } },
    series: [
      ...(['cold', 'warm'] as const).map((how) => ({
        name: `limit, ${how}`,
        points: points(`aixops, ${how}`, 'limit ms'),
      })),
      ...names.map((name) => ({ name, points: points(name, 'median ms') })),
    ],
  };
}
