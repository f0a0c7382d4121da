import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithOpenssh, startOpenssh, type OpensshServer } from '../ssh/openssh-server.js';
import { aixops } from './aixops.js';
import { startEstate, type TestEstate } from './estate.js';

// The simulated node's commands, run by ksh behind a real OpenSSH server: quoting, channels and ends are OpenSSH's.
const nodeShell = fileURLToPath(new URL('../../dist/test/lab/node-shell.js', import.meta.url));

describeWithOpenssh('run through OpenSSH', () => {
  let estate: TestEstate;
  let server: OpensshServer;
  let bastion: OpensshServer;

  beforeAll(async () => {
    estate = await startEstate();
    const forced = `ForceCommand ${process.execPath} ${nodeShell} ${estate.lab.node('lpar7').root}`;
    server = await startOpenssh({ config: [forced] });
    bastion = await startOpenssh();
  });
  afterAll(async () => {
    await Promise.all([server.stop(), bastion.stop()]);
    await estate.stop();
  });

  function login({ host, port, user, identityFile, knownHosts }: OpensshServer): Record<string, unknown> {
    return { host, port, user, identityFile, knownHosts };
  }

  function configOf(node: Record<string, unknown>, more: Record<string, unknown> = {}): string {
    return estate.copy((inventory) => {
      Object.assign(inventory.nodes.lpar7 ?? {}, login(server), node);
      Object.assign(inventory, more);
    });
  }

  it('judges a node that is well', async () => {
    const before = server.logins();
    const { code, stdout, stderr } = await aixops(['run', 'rmc', 'lpar7', '--config', configOf({})]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'ok      lpar7  No finding: every fact was read and none is amiss.\n',
      stderr: '',
    });
    expect(server.logins()).toBe(before + 1);
  });

  it('becomes root by sudo, for the commands that need it alone', async () => {
    const before = (await estate.lab.node('lpar7').ran('sudo')).length;
    const { code } = await aixops(['run', 'rmc', 'lpar7', '--config', configOf({ become: 'sudo' })]);
    expect(code).toBe(0);
    const sudo = (await estate.lab.node('lpar7').ran('sudo')).slice(before);
    expect(sudo.length).toBeGreaterThan(0);
    for (const line of sudo) expect(line).toMatch(/^sudo -n \//);
    expect(sudo.join('\n')).not.toContain('/usr/bin/lssrc');
  });

  it('goes through a jump host, and says so when that is not there', async () => {
    const before = bastion.logins();
    const through = configOf({ jump: 'bastion1' }, { bastions: { bastion1: login(bastion) } });
    const { code } = await aixops(['run', 'rmc', 'lpar7', '--config', through]);
    expect(code).toBe(0);
    expect(bastion.logins()).toBe(before + 1);
    const gone = { bastion1: { ...login(bastion), port: 1 } };
    const nowhere = configOf({ jump: 'bastion1' }, { bastions: gone });
    const lost = await aixops(['run', 'rmc', 'lpar7', '--config', nowhere]);
    expect(lost.code).toBe(3);
    expect(lost.stdout).toContain('through bastion1 failed');
  });
});
