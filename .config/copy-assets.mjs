// tsc copies only TypeScript: the lab's shell commands and scenario files go beside its compiled code.
import { cpSync, chmodSync, existsSync } from 'node:fs';

const assets = ['test/lab/estate', 'test/lab/bin', 'test/lab/scenarios', 'test/lab/demo-config'];
for (const folder of assets) {
  if (existsSync(folder)) cpSync(folder, `dist/${folder}`, { recursive: true });
}
if (existsSync('dist/src/aixops.js')) chmodSync('dist/src/aixops.js', 0o755);
