import { describe, expect, it } from 'vitest';
import { judgeLevel, levelsOf, rmcLevel } from '../../../../src/runbooks/diagnostics/rmc/levels.js';

const kindOf = (level: string, platform: 'hmc' | 'powervs') => judgeLevel(level, platform, levelsOf()).kind;

describe('an RSCT level', () => {
  it.each([
    ['3.0.9.9', 'hmc', 'too-old'],
    ['3.1.0.0', 'hmc', 'fine'],
    ['3.1.5.0', 'hmc', 'needs-apar'],
    ['3.1.5.1', 'hmc', 'fine'],
    ['3.1.10.0', 'hmc', 'fine'],
    ['3.2.0.0', 'hmc', 'needs-apar'],
    ['3.2.0.0', 'powervs', 'too-old'],
    ['3.2.1.0', 'powervs', 'below-recommended'],
    ['3.2.6.1', 'powervs', 'below-recommended'],
    ['3.2.6.2', 'powervs', 'fine'],
    ['3.2.10.0', 'powervs', 'fine'],
  ] as const)('%s on %s is %s', (level, platform, kind) => {
    expect(kindOf(level, platform)).toBe(kind);
  });

  it('is held against what the settings ask for, and against the default for the rest', () => {
    const levels = levelsOf({ minimum: { hmc: '3.2.5.0' }, recommended: { powervs: undefined } });
    expect(levels).toEqual({
      hmc: { minimum: '3.2.5.0', recommended: null },
      powervs: { minimum: '3.2.1.0', recommended: '3.2.6.2' },
    });
  });

  it('is that of rsct.core.rmc, the highest where an update is listed beside the base', () => {
    const fileset = (name: string, level: string) => ({
      package: 'rsct.core',
      fileset: name,
      level,
      state: 'C',
      type: '',
    });
    const list = [
      fileset('rsct.core.rmc', '3.2.5.0'),
      fileset('rsct.core.rmc', '3.2.10.1'),
      fileset('rsct.core.sec', '9.9.9.9'),
    ];
    expect(rmcLevel(list)).toBe('3.2.10.1');
    expect(rmcLevel([fileset('rsct.core.sec', '9.9.9.9')])).toBeNull();
  });
});
