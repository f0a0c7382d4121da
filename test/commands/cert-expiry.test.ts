import { describe, expect, it } from 'vitest';
import { explanationsOf, usageOf } from '../../commands/command.js';
import { certExpiry } from '../../commands/cert-expiry.js';
import { parseArguments } from '../../commands/index.js';
import { smallEstate } from './small-estate.js';

const read = (text: string) => parseArguments(certExpiry, text, smallEstate());

describe('/cert-expiry', () => {
  it('reads all targets and 90 days where nothing is typed', () => {
    expect(read('')).toMatchObject({
      kind: 'request',
      asked: '/cert-expiry',
      wish: { job: 'cert-expiry', targets: ['all'], withinDays: 90 },
    });
  });

  it.each([
    ['tag:env=prod --within 30d', 30, '/cert-expiry tag:env=prod --within 30d'],
    ['--within=4w lpar1', 28, '/cert-expiry lpar1 --within 28d'],
    ['lpar1 —within 7', 7, '/cert-expiry lpar1 --within 7d'],
    ['lpar1 --within 3650days', 3650, '/cert-expiry lpar1 --within 3650d'],
  ])('understands "%s"', (text, withinDays, asked) => {
    expect(read(text)).toMatchObject({ kind: 'request', asked, wish: { withinDays } });
  });

  it('says what is wrong with a value, and what to type', () => {
    expect(read('lpar1 --within soon')).toEqual({
      kind: 'error',
      understood: '/cert-expiry lpar1 --within soon',
      message: '"soon" is no span of days: type for example 30d or 4w.',
      hint: '/cert-expiry lpar1 --within 30d',
    });
    expect(read('lpar1 --within 0d')).toMatchObject({
      kind: 'error',
      message: '--within takes 1 to 3650 days.',
    });
    expect(read('--within')).toMatchObject({
      kind: 'error',
      message: '--within needs a value, for example --within 30d.',
      hint: '/cert-expiry --within 30d',
    });
    expect(read('lpar1 --witin 30d')).toMatchObject({
      kind: 'error',
      message: '/cert-expiry knows no --witin. Did you mean --within?',
    });
  });

  it('is explained with its option', () => {
    expect(usageOf(certExpiry)).toBe('/cert-expiry [targets] [--within 30d]');
    expect(explanationsOf(certExpiry).at(-1)).toBe(
      '--within 30d lists what ends within so many days (d) or weeks (w); 90d where left out.',
    );
  });
});
