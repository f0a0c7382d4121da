import { redactedMark } from './secret-shapes.js';

/** Shorter ones, and short ones of small letters alone, are words: taking those out would garble what must stay whole. */
const leastLength = 8;
const isWord = /^[a-z-]{1,15}$/;

/** The secrets that this process holds itself: they are taken out of whatever it keeps, logs or says. */
export class KnownSecrets {
  readonly #forms: readonly string[];

  constructor(values: readonly string[]) {
    const long = values.filter((value) => value.length >= leastLength && !isWord.test(value));
    this.#forms = [...new Set(long.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  }

  /** The text without them. */
  hide(text: string): string {
    return this.#forms.reduce((rest, form) => rest.replaceAll(form, redactedMark), text);
  }

  /** A JSON document whose strings are without them; one that holds none comes back byte for byte. */
  hideInJson(json: string): string {
    if (!this.#forms.some((form) => json.includes(form))) return json;
    const clean = (_key: string, value: unknown): unknown =>
      typeof value === 'string' ? this.hide(value) : value;
    return JSON.stringify(JSON.parse(json, clean));
  }
}

/** How a value stands in text: as it is, inside JSON, inside a URL, and as Slack escapes it. */
function formsOf(value: string): readonly string[] {
  const escaped = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), escaped];
}
