import { expect, it } from 'vitest';
import { nodeRead } from '../../src/core/remote-command.js';
import { createRehearsal } from '../../src/ssh/rehearsal.js';
import type { Rehearsed } from '../../src/ssh/rehearsal.js';
import { nodeAt } from './targets.js';

it('tells what would have been run and claims no result', async () => {
  const noted: Rehearsed[] = [];
  const rehearsal = createRehearsal((one) => noted.push(one));
  const node = nodeAt({
    ...{ name: 'lpar1', host: '127.0.0.1', port: 22, user: 'root', identityFile: null, agent: false },
    ...{ knownHosts: '/nowhere', become: null, algorithms: 'modern', jump: null },
  });
  const outcomes = await rehearsal.read(node, [nodeRead('/usr/bin/lssrc', ['-g', 'a b'], 'test')]);
  outcomes.concat(await rehearsal.script(node, 'echo\n', 1000)).forEach((outcome) => {
    expect(outcome).toMatchObject({ ended: 'lost', exitCode: null, stdout: '' });
  });
  await rehearsal.close();
  expect(noted).toEqual([
    { target: 'lpar1', text: "/usr/bin/lssrc -g 'a b'" },
    { target: 'lpar1', text: 'echo\n' },
  ]);
});
