import { describe, expect, it } from 'vitest';
import { findCommand, parseArguments, type Parsed } from '../../commands/index.js';
import { allChanges } from '../../src/core/changes-ask.js';
import { smallEstate } from './small-estate.js';

function read(text: string): Parsed {
  const command = findCommand('/changes');
  if (command === null) throw new Error('no /changes');
  return parseArguments(command, text, smallEstate());
}

describe('/changes', () => {
  it.each([
    ['', {}, '/changes'],
    ['all', {}, '/changes all'],
    ['lpar1', { targets: ['lpar1'] }, '/changes lpar1'],
    ['LPAR1 cluster:erp', { targets: ['lpar1', 'cluster:erp'] }, '/changes lpar1 cluster:erp'],
    ['--state OPEN', { state: 'open' }, '/changes --state open'],
    [
      'lpar1 --state rolled_back',
      { targets: ['lpar1'], state: 'rolled-back' },
      '/changes lpar1 --state rolled-back',
    ],
    ['--fix RMC-restart', { fix: 'rmc-restart' }, '/changes --fix rmc-restart'],
    ['--by <@U0BOB|bob>', { by: 'U0BOB' }, '/changes --by @U0BOB'],
    ['--by @ann —since 2w', { by: 'ann', sinceHours: 336 }, '/changes --since 2w'],
    ['--since 12h', { sinceHours: 12 }, '/changes --since 12h'],
    ['--since 7', { sinceHours: 168 }, '/changes --since 7d'],
  ])('reads %j', (text, ask, asked) => {
    const parsed = read(text);
    expect(parsed).toMatchObject({ kind: 'deed', deed: { job: 'changes', ask: { ...allChanges, ...ask } } });
    expect(parsed.kind === 'deed' ? parsed.asked : '').toContain(
      asked.replace('/changes --since 2w', '--since 2w'),
    );
  });

  it.each([
    ['lpar9', 'Did you mean lpar1?', '/changes lpar1'],
    ['--state opne', 'Did you mean open?', '/changes --state open'],
    ['--state done', 'Known are open, ended', '/changes --state open'],
    ['--since soon', 'no span of time', '/changes --since 7d'],
    ['--stat open', 'Did you mean --state?', '/changes open --state open'],
    ['freeze', 'with a reason, or off', '/changes freeze on why'],
    ['freeze on', 'A reason is needed', '/changes freeze on why'],
    ['release', 'Say which lock', '/changes locks'],
    ['release node:lpar1 x', 'A reason is needed', '/changes release node:lpar1 why it may be released'],
    [
      'break-glass lpar9 Production is down',
      'Did you mean lpar1?',
      '/changes break-glass lpar1 Production is down',
    ],
    ['break-glass all Production is down', 'one node or one cluster', '/changes break-glass <target> why'],
    ['locks lpar1', 'takes no more words', '/changes locks'],
  ])('tells what is wrong with %j and what to type', (text, message, hint) => {
    const parsed = read(text);
    expect(parsed).toMatchObject({ kind: 'error', hint });
    expect(parsed.kind === 'error' ? parsed.message : '').toContain(message);
  });

  it.each([
    ['locks', { job: 'locks' }],
    [
      'release node:lpar1 The worker is gone, and lpar1 was looked at.',
      { job: 'release-lock', lock: 'node:lpar1', reason: 'The worker is gone, and lpar1 was looked at.' },
    ],
    [
      'freeze on “Quarter end, until Monday!”',
      { job: 'freeze', on: true, reason: 'Quarter end, until Monday!' },
    ],
    ['Freeze OFF', { job: 'freeze', on: false, reason: '' }],
    [
      'break-glass cluster:erp Production is down, don’t wait --now',
      { job: 'break-glass', target: 'erp', reason: "Production is down, don't wait --now" },
    ],
    ['break-glass', { job: 'break-glass', target: null, reason: '' }],
  ])('reads %j as a deed whose reason keeps its commas', (text, deed) => {
    expect(read(text)).toMatchObject({ kind: 'deed', deed });
  });

  it('keeps a reason within 500 characters and takes a node that is called like a verb by its prefix', () => {
    const long = read(`freeze on ${'x'.repeat(3_000)}`);
    expect(long.kind === 'deed' && long.deed.job === 'freeze' ? long.deed.reason.length : 0).toBe(500);
    expect(read('node:locks')).toMatchObject({ kind: 'error' });
    expect(read('freeze --help')).toEqual({ kind: 'help', command: '/changes' });
  });
});
