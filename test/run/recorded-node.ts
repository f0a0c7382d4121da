import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateParser } from '../../src/certificates/parser.js';
import type { CertificateParser } from '../../src/core/certificate.js';
import type { NodeTarget } from '../../src/core/target.js';
import { loadInventory } from '../../src/inventory/load.js';
import { createSsh2Transport } from '../../src/ssh/ssh2.js';
import type { Transport } from '../../src/ssh/transport.js';
import type { EstateDefinition } from '../lab/lab.js';
import { startLab, type Lab, type LabNode } from '../lab/lab.js';

/** Simulated nodes with a transport to them and a parser. */
export interface Bench {
  readonly lab: Lab;
  readonly ssh: Transport;
  readonly parser: CertificateParser;
  readonly folder: string;
  target(name: string): NodeTarget;
  stop(): Promise<void>;
}

/** Starts the nodes of an estate. */
export async function openBench(estate: EstateDefinition): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-certificates-'));
  const lab = await startLab({ estate, folder: join(folder, 'lab'), settleMs: 200 });
  const config = join(folder, 'config');
  await lab.writeConfig(config);
  const loaded = loadInventory({ folder: config, home: folder });
  if (loaded.kind === 'problems') throw new Error(JSON.stringify(loaded.problems));
  let count = 0;
  const ssh = createSsh2Transport({
    connectTimeoutMs: 5_000,
    idleCloseMs: 5_000,
    hmcSessions: 2,
    random: () => `certificates-of-a-test-${String(count++).padStart(12, '0')}`,
  });
  const parser = createCertificateParser();
  return {
    lab,
    ssh,
    parser,
    folder,
    target: (name) => {
      const target = loaded.inventory.nodes.get(name);
      if (target === undefined) throw new Error(`no node ${name}`);
      return target;
    },
    stop: async () => {
      await Promise.all([ssh.close(), parser.close()]);
      await lab.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Has everything written down that leaves a node: its shell is put into a pipe whose other end keeps a copy. What the
 * SSH server sends is what comes out there, and is encrypted only behind it.
 */
export function recordOutput(node: LabNode): () => string {
  const record = join(node.root, 'lab/left-the-node');
  for (const name of ['ksh', 'sh']) {
    const path = join(node.root, 'usr/bin', name);
    const real = realpathSync(path);
    unlinkSync(path);
    const lines = [
      '#!/bin/bash',
      'set -o pipefail',
      `{ ${real} "$@" 2>&1 1>&3 3>&- | /usr/bin/tee -a '${record}' >&2; } 3>&1 | /usr/bin/tee -a '${record}'`,
    ];
    writeFileSync(path, `${lines.join('\n')}\n`);
    chmodSync(path, 0o755);
  }
  return () => (existsSync(record) ? readFileSync(record, 'latin1') : '');
}
