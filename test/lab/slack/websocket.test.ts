import { describe, expect, it } from 'vitest';
import { acceptFor, decodeFrame, encodeFrame } from './websocket.js';

describe('websocket frames', () => {
  it('answers the handshake as in RFC 6455 section 1.3', () => {
    expect(acceptFor('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });

  it('reads the examples of RFC 6455 section 5.7', () => {
    const plain = Buffer.from([0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
    const masked = Buffer.from([0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    for (const [bytes, isMasked] of [
      [plain, false],
      [masked, true],
    ] as const)
      expect(decodeFrame(bytes, isMasked)?.frame).toEqual({
        isFinal: true,
        opcode: 1,
        payload: Buffer.from('Hello'),
      });
  });

  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])('carries %d bytes, masked and not', (length) => {
    const payload = Buffer.alloc(length, 'x');
    for (const isMasked of [true, false]) {
      const bytes = encodeFrame(1, payload, isMasked);
      expect(decodeFrame(bytes.subarray(0, bytes.length - 1), isMasked)).toBeNull();
      const taken = decodeFrame(Buffer.concat([bytes, Buffer.from('next')]), isMasked);
      expect(taken?.length).toBe(bytes.length);
      expect(taken?.frame.payload.equals(payload)).toBe(true);
    }
  });

  it.each<[string, number[], boolean]>([
    ['an extension bit', [0xc1, 0x00], false],
    ['a client that does not mask', [0x81, 0x00], true],
    ['a server that masks', [0x81, 0x80, 0, 0, 0, 0], false],
    ['a ping in parts', [0x09, 0x00], false],
    ['a length that nobody sends', [0x81, 0x7f, 0xff, 0, 0, 0, 0, 0, 0, 0], false],
  ])('refuses %s', (_what, bytes, mustBeMasked) => {
    expect(() => decodeFrame(Buffer.from(bytes), mustBeMasked)).toThrow();
  });
});
