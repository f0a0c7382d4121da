/** Makes a tape: asks a managed system of the real-shell lab all that a benchmark is going to ask, and keeps the answers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Verdict } from '../../src/core/verdict.js';
import { startLab, type EstateDefinition } from '../lab/lab.js';
import type { Ran } from '../lab/endpoint.js';
import type { CertificatesOf } from '../lab/replay/replay-lab.js';
import { marksOf, questionOf, taped, unmarked, type Answer, type Tape } from '../lab/replay/tape.js';
import { openEngine } from './engine.js';

/** What each LPAR of the taped system is like; those that are not named are healthy. */
export type Scenarios = Readonly<Record<number, string>>;

export interface TapedCertificates {
  /** Absolute paths; each file holds one certificate. */
  readonly files: readonly string[];
  readonly rules: readonly CertificatesOf[];
}

/**
 * Records one system with so many LPARs to a file. The diagnostics are those that the tape can answer then; the answer is what
 * each of them said of each LPAR when it was logged in to.
 */
export async function record(
  file: string,
  options: {
    readonly lpars: number;
    readonly scenarios?: Scenarios;
    readonly diagnostics: readonly string[];
    /** Files with certificates on every LPAR, and the rules of the inventory that declare them. */
    readonly certificates?: TapedCertificates;
  },
): Promise<Readonly<Record<string, readonly Verdict[]>>> {
  const said: Record<string, readonly Verdict[]> = {};
  const folder = mkdtempSync(join(tmpdir(), 'aixops-tape-'));
  const nodes: Record<string, Record<string, Answer>> = {};
  const hmc: Record<string, Answer> = {};
  const onRan = (name: string, ran: Ran): void => {
    const { command, stdout, stderr, exitCode } = ran;
    if (name === taped.hmc) hmc[command] = { stdout, stderr, exitCode };
    else {
      const marks = marksOf(ran.stdin);
      const id = name.slice(taped.nodes.length + 1);
      const plain = (text: string): string => (marks === null ? text : unmarked(text, marks));
      (nodes[id] ??= {})[questionOf(command, plain(ran.stdin))] = { stdout: plain(stdout), stderr, exitCode };
    }
  };
  const lab = await startLab({ estate: estate(options), folder: join(folder, 'lab'), settleMs: 0, onRan });
  try {
    await lab.writeConfig(join(folder, 'config'));
    for (const diagnostic of options.diagnostics)
      for (const deep of [true, false]) {
        const engine = openEngine(join(folder, 'config'));
        const verdicts = await engine.run(diagnostic, ['all'], { deep }).finally(() => engine.close());
        if (deep) said[diagnostic] = verdicts;
      }
  } finally {
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  writeFileSync(file, JSON.stringify({ nodes, hmc } satisfies Tape));
  return said;
}

function estate({
  lpars,
  scenarios = {},
  certificates = { files: [], rules: [] },
}: {
  readonly lpars: number;
  readonly scenarios?: Scenarios;
  readonly certificates?: TapedCertificates;
}): EstateDefinition {
  return {
    hmcs: {
      [taped.hmc]: { address: taped.hmcAddress, nodeId: taped.hmcNodeId, machine: '7042-CR9*10TAPE0' },
    },
    systems: {
      sys: {
        hmc: taped.hmc,
        name: taped.system,
        typeModel: '9009-42A',
        serial: taped.serial,
        serviceProcessor: '127.66.7.7',
      },
    },
    nodes: Object.fromEntries(
      Array.from({ length: lpars }, (_, at) => at + 1).map((id) => [
        `${taped.nodes}-${id}`,
        {
          address: `${taped.network}.${id}`,
          system: 'sys',
          lparId: id,
          nodeId: `${taped.nodeIds}${id.toString(16).padStart(4, '0')}`,
          scenario: scenarios[id] ?? 'healthy',
          certificates: Object.fromEntries(certificates.files.map((file) => [file, 100])),
        },
      ]),
    ),
    certificates: certificates.rules.map(({ nodes, files, owner }) => ({ nodes, files: [...files], owner })),
  };
}
