import { expect, it } from 'vitest';
import { decode } from '../../src/ssh/decode.js';
import { signalName } from '../../src/ssh/signals.js';

it('reads UTF-8 where it is that, else ISO8859-1, and loses no byte', () => {
  expect(decode(Buffer.from('Größe'))).toBe('Größe');
  expect(decode(Buffer.from('Größe', 'latin1'))).toBe('Größe');
  expect(decode(Buffer.from('\ufeffx'))).toBe('\ufeffx');
  expect(decode(Buffer.from('aé').subarray(0, 2))).toBe('a\u00c3');
  expect(decode(Buffer.from('aé').subarray(0, 2), true)).toBe('a');
});

it('finds the signal in an exit status of ksh93 and of other shells', () => {
  expect([0, 1, 127, 128, 137, 143, 255, 256 + 9, 256 + 33].map(signalName)).toEqual([
    ...[null, null, null, null, 'SIGKILL', 'SIGTERM', null, 'SIGKILL', 'signal 33'],
  ]);
});
