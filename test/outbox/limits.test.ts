import { beforeEach, describe, expect, it } from 'vitest';
import { createLimits, type Limits } from '../../src/outbox/limits.js';

let now: number;
let limits: Limits;
beforeEach(() => {
  now = 0;
  limits = createLimits(() => now);
});

const turns = (channels: readonly string[]): readonly number[] =>
  channels.map((channel) => limits.turnMs('update', channel, false));

describe('the limits that Slack has told', () => {
  it('let everybody go while nothing was heard', () => {
    expect(turns(['C1', 'C2'])).toEqual([0, 0]);
    expect(limits.isHeld('update', 'C1')).toBe(false);
  });

  it('give each channel a turn of its own behind the wait, fifty a minute, and the same one when it asks again', () => {
    limits.note('update', 30_000);
    expect(turns(['C1', 'C2', 'C3'])).toEqual([30_000, 31_200, 32_400]);
    expect(turns(['C2', 'C1'])).toEqual([31_200, 30_000]);
    now = 31_200;
    expect([limits.isHeld('update', 'C2'), limits.isHeld('update', 'C3')]).toEqual([false, true]);
  });

  it('put who has had a turn behind the others, and end when all have', () => {
    limits.note('update', 30_000);
    turns(['C1', 'C2']);
    now = 30_000;
    limits.used('update', 'C1');
    expect(turns(['C1'])).toEqual([32_400]);
    now = 40_000;
    limits.used('update', 'C1');
    limits.used('update', 'C2');
    expect(turns(['C3'])).toEqual([0]);
  });

  it('move all turns behind a new wait, in their order', () => {
    limits.note('update', 30_000);
    turns(['C1', 'C2']);
    now = 30_000;
    limits.note('update', 60_000);
    expect(turns(['C2', 'C1', 'C3'])).toEqual([61_200, 60_000, 62_400]);
  });

  it('keep who is urgent waiting for Slack only', () => {
    limits.note('update', 30_000);
    turns(['C1', 'C2', 'C3']);
    expect(limits.turnMs('update', 'C4', true)).toBe(30_000);
  });

  it('forget a turn that nobody used', () => {
    limits.note('update', 30_000);
    turns(['C1', 'C2']);
    now = 70_000;
    expect(turns(['C3'])).toEqual([0]);
  });

  it('hold up nothing that goes by another method', () => {
    limits.note('update', 30_000);
    expect(limits.turnMs('upload', 'C1', false)).toBe(0);
    expect(limits.isHeld('whisper', 'C1')).toBe(false);
  });
});
