// C0 and C1 controls, soft hyphen, line separators, bidi marks and overrides, zero width, tags.
const hidden =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\u{e0000}-\u{e007f}]/gu;

/**
 * A name from a certificate with nothing in it that acts or hides: each such character becomes its bytes in UTF-8,
 * `\E2\80\AE`, as OpenSSL escapes what it does not print. Slack's own signs stay: views escape those.
 * Source: RFC 2253, section 2.4.
 */
export function printable(name: string): string {
  return name.replace(hidden, (character) => encodeURIComponent(character).replaceAll('%', '\\'));
}
