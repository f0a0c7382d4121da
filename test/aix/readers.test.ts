import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aixReaders } from '../../src/aix/index.js';
import { compareVrmf } from '../../src/aix/lslpp.js';
import { rmcPort } from '../../src/aix/netstat.js';
import { isHost, isIpv4, isIpv6 } from '../../src/aix/layouts/addresses.js';
import { ParseError } from '../../src/core/errors.js';

interface Case {
  readonly origin: string;
  readonly answer?: unknown;
  readonly error?: { readonly line: string };
}

const origins = ['reconstructed from a capture', 'vendor documentation', 'invented'];
const root = new URL('../fixtures/aix/', import.meta.url);

it('has cases for every reader, and a reader for every folder of cases', () => {
  expect(readdirSync(root).sort()).toEqual(aixReaders.map(({ id }) => id).sort());
});

describe.each(aixReaders.map((reader) => [reader.id, reader] as const))('%s', (id, reader) => {
  const folder = new URL(`${id}/`, root);
  const files = readdirSync(folder).filter((file) => file.endsWith('.txt'));

  it.each(files)('reads %s as its case says', (file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const expected = JSON.parse(readFileSync(new URL(file.replace(/txt$/, 'json'), folder), 'utf8')) as Case;
    expect(origins).toContain(expected.origin);
    if (expected.error === undefined) {
      expect(reader.read(text)).toEqual(expected.answer);
      return;
    }
    const error = thrownBy(() => reader.read(text));
    expect(error).toBeInstanceOf(ParseError);
    expect((error as ParseError).line).toBe(expected.error.line);
    if (error instanceof ParseError && error.line !== '') {
      expect(text.split(/\r?\n/)[error.lineNumber - 1]).toBe(error.line);
    }
  });
});

describe('levels', () => {
  it('compares by number, not by letter', () => {
    expect(compareVrmf('3.2.10.0', '3.2.9.9')).toBeGreaterThan(0);
    expect(compareVrmf('3.2.1.0', '3.2.6.2')).toBeLessThan(0);
    expect(compareVrmf('3.2.1', '3.2.1.0')).toBe(0);
  });
});

describe('the RMC port', () => {
  const socket = (protocol: string, local: string, state: string | null) => ({
    protocol,
    local,
    foreign: '*.*',
    state,
  });

  it('is open when something listens on TCP 657 and holds UDP 657', () => {
    const open = rmcPort([socket('tcp', '*.657', 'LISTEN'), socket('udp', '*.657', null)]);
    expect(open).toEqual({ tcpListening: true, udpBound: true });
  });

  it('is not open because of an established connection or another port that ends in the same digits', () => {
    const other = rmcPort([socket('tcp4', '10.20.1.11.657', 'ESTABLISHED'), socket('udp', '*.1657', null)]);
    expect(other).toEqual({ tcpListening: false, udpBound: false });
  });
});

describe('addresses', () => {
  it('takes a cut-off address for what it is', () => {
    expect(isIpv4('10.20.0.11')).toBe(true);
    expect(isIpv4('10.20.0.')).toBe(false);
    expect(isIpv4('10.20.0.256')).toBe(false);
    expect(isIpv6('fe80::1')).toBe(true);
    expect(isIpv6('::')).toBe(true);
    expect(isIpv6('fe80:')).toBe(false);
    expect(isIpv6('1:2:3:4:5:6:7')).toBe(false);
    expect(isIpv6('::10.20.1.11')).toBe(true);
    expect(isHost('10.20.0')).toBe(false);
    expect(isHost('10.20.0.11here')).toBe(false);
    expect(isHost('lpar-1.example.com')).toBe(true);
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    return { answered: act() };
  } catch (error) {
    return error;
  }
}
