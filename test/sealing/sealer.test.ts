import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KnownSecrets } from '../../src/core/known-secrets.js';
import { Secret } from '../../src/core/secret.js';
import { createSealer, keyId } from '../../src/sealing/sealer.js';

const newKey = () => new Secret(randomBytes(32).toString('base64'));
const nothingKnown = new KnownSecrets([]);
const document = JSON.stringify({ note: 'Prüfung ✓', output: 'canary output', list: [1, null, true] });

function pair() {
  const [old, now] = [newKey(), newKey()];
  return {
    old: createSealer(nothingKnown, { key: old, oldKey: null }),
    now: createSealer(nothingKnown, { key: now, oldKey: null }),
    both: createSealer(nothingKnown, { key: now, oldKey: old }),
  };
}

describe('a sealed document', () => {
  it('opens to what it was, and shows nothing of it before', () => {
    const { now } = pair();
    const text = now.seal('{t}:change:1', document);
    expect(text).not.toMatch(/canary|note|output/);
    expect(Buffer.from(text.split(':').at(-1) ?? '', 'base64').toString('latin1')).not.toContain('canary');
    expect(now.open('{t}:change:1', text)).toBe(document);
  });

  it('is another text each time', () => {
    const { now } = pair();
    expect(new Set(Array.from({ length: 20 }, () => now.seal('k', document))).size).toBe(20);
  });

  it('does not open under another name, nor with one bit changed, nor cut short', () => {
    const { now } = pair();
    const text = now.seal('{t}:change:1', document);
    expect(() => now.open('{t}:change:2', text)).toThrow('The document {t}:change:2 in Redis was altered');
    const [head, body] = [text.slice(0, text.lastIndexOf(':') + 1), text.slice(text.lastIndexOf(':') + 1)];
    const bytes = Buffer.from(body, 'base64');
    for (const at of [0, 11, 12, 20, bytes.length - 17, bytes.length - 1]) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(() => now.open('{t}:change:1', head + altered.toString('base64'))).toThrow('was altered');
    }
    for (const length of [0, 5, 12, 20, bytes.length - 1])
      expect(() =>
        now.open('{t}:change:1', `${head}${bytes.subarray(0, length).toString('base64') || 'AA=='}`),
      ).toThrow('was altered');
  });

  it('opens with the old key after a change of keys, and is then not current any more', () => {
    const { old, now, both } = pair();
    const text = old.seal('k', document);
    expect(both.open('k', text)).toBe(document);
    expect([old.isCurrent(text), both.isCurrent(text), both.isCurrent(both.seal('k', document))]).toEqual([
      true,
      false,
      true,
    ]);
    expect(() => now.open('k', text)).toThrow('which is neither STORE_KEY nor STORE_KEY_OLD. Set that key.');
  });

  it('names no key in a refusal, only its id', () => {
    const key = newKey();
    const text = createSealer(nothingKnown, { key, oldKey: null }).seal('k', document);
    const open = () => createSealer(nothingKnown, { key: null, oldKey: null }).open('k', text);
    expect(open).toThrow(keyId(key));
    expect(open).not.toThrow(key.reveal());
  });
});

describe('without a key', () => {
  const clear = createSealer(nothingKnown, { key: null, oldKey: null });

  it('nothing changes', () => {
    expect(clear.seal('k', document)).toBe(document);
    expect(clear.isCurrent(document)).toBe(true);
  });

  it('and with one later, what was written is read', () => {
    const { now } = pair();
    expect(now.open('k', document)).toBe(document);
    expect(now.isCurrent(document)).toBe(false);
  });
});

describe('the secrets of this process', () => {
  const token = ['xoxb', '1', 'canary'].join('-');
  const odd = 'p"ass\\w&rd<ü>';
  const known = new KnownSecrets([token, odd, 'verified', 'on', '']);
  const clear = createSealer(known, { key: null, oldKey: null });

  it('are in no document, however they stand in a string', () => {
    const values = [token, `a${token}b`, odd, encodeURIComponent(odd), 'p"ass\\w&amp;rd&lt;ü&gt;'];
    const kept = clear.seal('k', JSON.stringify({ values, deep: [{ inner: `x ${odd}` }] }));
    expect(JSON.parse(kept)).toEqual({
      values: ['«redacted»', 'a«redacted»b', '«redacted»', '«redacted»', '«redacted»'],
      deep: [{ inner: 'x «redacted»' }],
    });
  });

  it('leave a document that has none of them byte for byte, and keep a plain word where it stands', () => {
    const text = '{"state": "verified",  "n": 1.0}';
    expect(clear.seal('k', text)).toBe(text);
  });

  it('are sealed away with the rest, not hidden behind the cipher only', () => {
    const key = newKey();
    const sealer = createSealer(known, { key, oldKey: null });
    expect(sealer.open('k', sealer.seal('k', JSON.stringify([token])))).toBe('["«redacted»"]');
  });
});
