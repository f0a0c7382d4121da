import { redactedMark, secretShapes } from './secret-shapes.js';

/**
 * Takes secrets of known shapes, and the `known` ones wherever they stand, out of text before it is kept, queued, logged
 * or posted. Doing it twice changes nothing more.
 */
export function redact(text: string, known: readonly string[] = []): string {
  // Short values are words that stand everywhere; taking them out would only garble the text.
  const own = known.filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length);
  const withoutOwn = own.reduce((rest, secret) => rest.replaceAll(secret, redactedMark), text);
  return secretShapes.reduce((rest, shape) => rest.replace(shape.find, shape.keep), withoutOwn);
}

/**
 * The same JSON value with secrets of known shapes taken out of every string in it; what has none stays the same object. A
 * value that was given to this once is not searched again, wherever it stands: nothing of it may change afterwards.
 */
export function redactIn<T>(value: T): T {
  const clean = inside(value);
  if (typeof clean === 'object' && clean !== null) searchedOnce.add(clean);
  return clean as T;
}

/** Not what stands inside of them: so many weak references would keep the collector busy. */
const searchedOnce = new WeakSet();

function inside(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  const isKnown = typeof value === 'object' && value !== null && searchedOnce.has(value);
  return isKnown ? value : searched(value);
}

function searched(value: unknown): unknown {
  if (Array.isArray(value)) {
    const clean = value.map(inside);
    return clean.every((one, at) => one === value[at]) ? value : clean;
  }
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  const entries = Object.entries(value).map(([key, one]) => [key, inside(one)] as const);
  const isSame = entries.every(([key, one]) => one === (value as Record<string, unknown>)[key]);
  return isSame ? value : Object.fromEntries(entries);
}
