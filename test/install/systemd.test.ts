import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { program } from '../cli/aixops.js';
import { temporaryFolder } from '../temporary-folder.js';
import { graceMs, isKnownVariable } from './known-variables.js';

const folder = new URL('../../docs/install/systemd', import.meta.url).pathname;
const units = ['aixops-bot.service', 'aixops-worker.service'].map((name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  return {
    name,
    text,
    all: (key: string) =>
      [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value),
  };
});

const version = Number(
  /^systemd (?<version>\d+)/.exec(spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' }).stdout)
    ?.groups?.['version'] ?? 0,
);
if (version < 250)
  process.stdout.write('The units are not verified: systemd-analyze 250 or newer is not here.\n');

describe.each(units)('the unit $name', ({ name, text, all }) => {
  it('hands over each secret that it names, and names each that it hands over', () => {
    const variables = all('Environment')
      .flatMap((line) => line.split(' '))
      .map((pair) => pair.split('='));
    for (const [variable = ''] of variables)
      expect({ variable, known: isKnownVariable(variable) }).toEqual({ variable, known: true });
    const files = variables.filter(([variable = '']) => variable.endsWith('_FILE'));
    const loaded = all('LoadCredential').map((line) => line.split(':')[0]);
    for (const [variable = '', value] of files) expect(value).toBe(`%d/${variable.replace(/_FILE$/, '')}`);
    expect(loaded.filter((one) => one !== 'id_ed25519')).toEqual(
      files.map(([variable = '']) => variable.replace(/_FILE$/, '')),
    );
    expect(text.includes('SLACK_BOT_TOKEN')).toBe(name === 'aixops-bot.service');
    expect(loaded.includes('id_ed25519')).toBe(name === 'aixops-worker.service');
  });

  it('gives it time to stop, and does not try wrong settings again', () => {
    const seconds = Number(all('TimeoutStopSec')[0]);
    expect(seconds).toBeGreaterThanOrEqual(name === 'aixops-worker.service' ? graceMs / 1_000 + 5 : 35);
    expect(all('RestartPreventExitStatus')).toEqual(['64']);
    expect(all('ExecStart')[0]).toContain(`start --role ${name.replace(/^aixops-|\.service$/g, '')}`);
  });

  it.skipIf(version < 250)('is understood by systemd, which finds little that it could do', () => {
    const copy = join(temporaryFolder(), name);
    const here = `${process.execPath} ${program}`;
    writeFileSync(copy, text.replace('/usr/bin/node /opt/aixops/dist/src/aixops.js', here));
    expect(run('verify', copy)).toEqual({ status: 0, said: '' });
    // Tenths of "exposure", of 100: below 15 is what systemd itself calls OK.
    expect(run('security', '--offline=true', '--threshold=15', '--no-pager', copy).status).toBe(0);
    writeFileSync(copy, text.replace('UMask=', 'UMaks='));
    expect(run('verify', copy).said).toContain('UMaks');
  });
});

function run(...args: string[]): { status: number | null; said: string } {
  const { status, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  return { status, said: stderr };
}
