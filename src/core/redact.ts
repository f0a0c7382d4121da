/**
 * Takes secrets of known shapes out of text before it is queued, logged or posted. It knows shapes, not secrets:
 * what the bot itself holds (its own tokens) is passed as `known` and taken out wherever it stands.
 *
 * Every pattern has bounded repetition before its anchor, so that ten megabytes of hostile output cost linear time.
 */
export const redactedMark = '«redacted»';
const redacted = redactedMark;

/** One shape: what to find, and what stays readable around the secret. */
interface Shape {
  readonly find: RegExp;
  readonly keep: string;
}

// A value as people and programs write it: quoted (the end may be cut off), or up to the next blank or separator.
const value = String.raw`(?:«redacted»|"[^"\n]*"?|'[^'\n]*'?|[^\s"',;]+)`;
const before = String.raw`(?<before>`;

const shapes: readonly Shape[] = [
  {
    // To the end of the text when the end line is missing: a cut-off key is still a key.
    find: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g,
    keep: redacted,
  },
  // https://docs.slack.dev/authentication/tokens: xoxb-, xoxp-, xoxe.xoxp-, xapp-, xwfp-.
  { find: /\b(?:xox[a-z](?:\.xox[a-z])?|xapp|xwfp)-[A-Za-z0-9-]{6,}/g, keep: redacted },
  {
    find: /\bhooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9/_-]{6,}/g,
    keep: `hooks.slack.com/${redacted}`,
  },
  { find: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, keep: redacted },
  { find: /\bgh[pousr]_[A-Za-z0-9]{20,}\b/g, keep: redacted },
  { find: /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*/g, keep: redacted },
  {
    find: /(?<before>\bAuthorization[ \t]{0,4}:[ \t]{0,4}[A-Za-z]{1,20}[ \t]+)\S+/gi,
    keep: `$<before>${redacted}`,
  },
  { find: /(?<before>\bBearer[ \t]+)[A-Za-z0-9._~+/=-]{8,}/g, keep: `$<before>${redacted}` },
  {
    find: /(?<before>\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s:/@]{1,100}:)[^\s/@]{1,200}(?=@)/gi,
    keep: `$<before>${redacted}`,
  },
  // AIX password hashes, /etc/security/passwd: {ssha512}06$…, {smd5}…; crypt's $6$salt$….
  { find: /\{(?:ssha(?:1|256|512)|smd5|sblowfish)\}[^\s:]{4,}/g, keep: redacted },
  { find: /\$(?:1|2[aby]|5|6|y)\$[./A-Za-z0-9$=,]{16,}/g, keep: redacted },
  // HMC: mkhmcusr and chsyspwd take --passwd and --newpasswd. GSKit: -pw, -target_pw, -new_pw.
  {
    find: pattern(
      String.raw`(?<![\w-])--?(?:(?:new|old)?pass(?:wd|word|phrase)?|pwd|secret|api-?key|access-?key|token|pw|target_pw|new_pw|bindpw)(?:[ \t]+|=)`,
      'g',
    ),
    keep: `$<before>${redacted}`,
  },
  // HMC: chhmcusr -u NAME -t passwd -v VALUE.
  { find: pattern(String.raw`(?<![\w-])-t[ \t]+passwd[ \t]+-v[ \t]+`, 'g'), keep: `$<before>${redacted}` },
  // -p is a password only after these: `rmcctrl -p` and `mkdir -p` must stay readable.
  {
    find: pattern(
      String.raw`\b(?:sshpass[ \t]+-p|mysql(?:admin|dump)?[ \t][^\n|;]{0,120}?-p(?=\S)|ipmitool[ \t][^\n|;]{0,120}?-P|ldap(?:search|modify|add)[ \t][^\n|;]{0,120}?-w)[ \t]*`,
      'g',
    ),
    keep: `$<before>${redacted}`,
  },
  {
    find: pattern(String.raw`\bcurl[ \t][^\n|;]{0,200}?(?:-u|--user)[ \t]+[^\s:]{1,60}:`, 'g'),
    keep: `$<before>${redacted}`,
  },
  {
    find: pattern(String.raw`(?<![\w-])-pass(?:in|out)?[ \t]+(?:pass|env|file):`, 'g'),
    keep: `$<before>${redacted}`,
  },
  // name=value and name: value. IBM.MCP's KeyToken is an HMC name and stays: token and secret need a word edge before them.
  {
    find: pattern(
      String.raw`(?<![A-Za-z])[\w.-]{0,40}(?:passw(?:or)?d|passphrase)[\w.-]{0,20}["']?[ \t]{0,4}[=:][ \t]{0,4}(?![*!](?:\s|$))`,
      'gi',
    ),
    keep: `$<before>${redacted}`,
  },
  {
    find: pattern(
      String.raw`(?<![A-Za-z])(?:[\w.-]{0,40}[_.-])?(?:secret|token|api_?key|access_?key|private_?key|credentials?)["']?[ \t]{0,4}[=:][ \t]{0,4}`,
      'gi',
    ),
    keep: `$<before>${redacted}`,
  },
];

/** The text without secrets of known shapes and without the `known` ones; doing it twice changes nothing more. */
export function redact(text: string, known: readonly string[] = []): string {
  // Short values are words that stand everywhere; taking them out would only garble the text.
  const own = known.filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length);
  const withoutOwn = own.reduce((rest, secret) => rest.replaceAll(secret, redacted), text);
  return shapes.reduce((rest, shape) => rest.replace(shape.find, shape.keep), withoutOwn);
}

/** The same JSON value with secrets of known shapes taken out of every string in it; what has none stays the same object. */
export function redactIn<T>(value: T): T {
  return inside(value) as T;
}

function inside(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
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

function pattern(lead: string, flags: string): RegExp {
  return new RegExp(`${before}${lead})${value}`, flags);
}
