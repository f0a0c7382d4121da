import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateFor } from './certificates.js';
import type { NodePlace } from './node-state.js';
import type { ClusterScenario } from './scenario-cluster.js';

/** Puts one file beside the cluster's certificates that a reader must be careful with. */
export function placeOdd({ root, lab, name }: NodePlace, which: ClusterScenario['more'][number]): void {
  const path = join(root, `etc/cluster/.cert-x-${which}`);
  const good = certificateFor(lab, `${name}-odd.lab.example`, 90);
  switch (which) {
    case 'broken': {
      writeFileSync(path, good.certificate.replace(/\n.*\n/, '\n'));
      return;
    }
    case 'bundle': // Two keys and their certificates, and words between them, as people put such files together.
      {
        writeFileSync(path, `${good.key}${good.certificate}# the old one\n${olderPair({ lab, name })}`);
        return;
      }
    case 'der': {
      writeFileSync(path, Buffer.from(good.certificate.replace(/-----.*-----/g, ''), 'base64'));
      return;
    }
    case 'directory':
      mkdirSync(path);
      return;
    case 'fifo':
      execFileSync('mkfifo', [path]);
      return;
    case 'hostile-name': {
      writeFileSync(path, certificateFor(lab, '<!channel> *click*', 5).certificate);
      return;
    }
    case 'huge': {
      writeFileSync(path, `${good.certificate}${'# nothing\n'.repeat(120_000)}`);
      return;
    }
    case 'key-only': {
      writeFileSync(path, good.key);
      return;
    }
    case 'link': {
      symlinkSync('rhosts', path);
      return;
    }
  }
}

function olderPair({ lab, name }: Pick<NodePlace, 'lab' | 'name'>): string {
  const { key, certificate } = certificateFor(lab, `${name}-older.lab.example`, -40);
  return key + certificate;
}
