import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRates } from '../lab/replay/faults.js';
import { startReplay, type ReplayLab } from '../lab/replay/replay-lab.js';
import { sweepStopped, sweepUnder, wrongOnes } from './chaos-sweep.js';
import { record } from './record.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-chaos-test-'));
const tapeFile = join(folder, 'tape.json');
const lparsPerSystem = 10;

beforeAll(async () => {
  await record(tapeFile, { lpars: lparsPerSystem, diagnostics: ['rsct-level'] });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function on(
  systems: number,
  faults: FaultRates,
  work: (lab: ReplayLab) => Promise<void>,
): Promise<void> {
  const size = { hmcs: 1, systems, lparsPerSystem, roundTripMs: 4, remoteMs: 0 };
  const lab = await startReplay({ tapeFile, folder: join(folder, String(systems)), ...size, faults });
  await work(lab).finally(() => lab.stop());
}

describe('a sweep of an estate in which nodes fail', () => {
  it(
    'names each of them with its reason, calls none of them healthy and none of the others ill, and leaves nothing open',
    () =>
      on(10, { refused: 0.05, cut: 0.03, garbage: 0.02 }, async (lab) => {
        const { judged, leftOpen, filesBefore, filesAfter } = await sweepUnder(lab);
        expect(judged).toHaveLength(100);
        expect(wrongOnes(lab, judged)).toEqual([]);
        const ill = judged.filter(({ verdict }) => verdict === 'unknown');
        expect(ill).toHaveLength(10);
        const faults = new Map(lab.nodes.map(({ name, fault }) => [name, fault]));
        for (const { target, findings, reason } of ill) {
          const refused = faults.get(target) === 'refused';
          expect([target, findings]).toEqual([target, [refused ? 'node.unreachable' : 'fact.unreadable']]);
          expect(reason).toContain(target);
        }
        expect([leftOpen, filesAfter]).toEqual([0, filesBefore]);
      }),
    60_000,
  );

  it(
    'opens nothing more once it is stopped, gives up what is under way, and knows nothing of the rest',
    () =>
      on(2, { silent: 0.25, hang: 0.25 }, async (lab) => {
        // Ten are judged and stay warm; the five that were given a script and do not answer may do so too.
        const seen = await sweepStopped(lab, 10, 15);
        expect(seen.judged.map(({ verdict }) => verdict)).toEqual(Array(10).fill('ok'));
        expect(wrongOnes(lab, seen.judged)).toEqual([]);
        expect(seen.openThen).toBeLessThanOrEqual(15);
        expect(seen.connectionsLater).toBe(seen.connectionsThen);
        expect([seen.leftOpen, seen.filesAfter]).toEqual([0, seen.filesBefore]);
      }),
    60_000,
  );
});
