/**
 * What secrets look like in the output of AIX, the HMC, RSCT and what runs beside them, and in what people paste.
 *
 * Every pattern has bounded repetition before its anchor, so that ten megabytes of hostile output cost linear time.
 */
export const redactedMark = '«redacted»';

/** One shape: what to find, and what stays readable around the secret. */
export interface Shape {
  readonly find: RegExp;
  readonly keep: string;
}

// A value as people and programs write it: quoted, perhaps inside other quotes (the end may be cut off), or up to the
// next blank or separator.
const value = String.raw`(?:«redacted»|\\{1,3}"[^"\\\n]*(?:\\{1,3}")?|"[^"\n]*"?|'[^'\n]*'?|[^\s"',;]+)`;

/** The secret and nothing else. */
function whole(find: RegExp): Shape {
  return { find, keep: redactedMark };
}

/** A value behind words that stay. */
function behind(lead: string, flags = 'g', of = value): Shape {
  return { find: new RegExp(`(?<before>${lead})${of}`, flags), keep: `$<before>${redactedMark}` };
}

/** Blocks and tokens that are known by their own looks. */
const byLooks: readonly Shape[] = [
  // PEM of every kind, encrypted ones, OpenSSH's and PGP's. A cut-off key is still a key: then to the end of the text.
  whole(
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  ),
  // PuTTY's key files.
  behind(String.raw`\bPrivate-Lines: \d{1,4}\r?\n`, 'g', String.raw`(?:[A-Za-z0-9+/=]+\r?\n?)+`),
  // https://docs.slack.dev/authentication/tokens: xoxb-, xoxp-, xoxe.xoxp-, xapp-, xwfp-.
  whole(/\b(?:xox[a-z](?:\.xox[a-z])?|xapp|xwfp)-[A-Za-z0-9-]{6,}/g),
  {
    find: /\bhooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9/_-]{6,}/g,
    keep: `hooks.slack.com/${redactedMark}`,
  },
  // AWS, Google, GitHub, GitLab, npm, HashiCorp Vault, Stripe and OpenAI, as each documents its own.
  whole(/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g),
  whole(/\bAIza[0-9A-Za-z_-]{35}(?![\w-])/g),
  whole(/\b(?:ya29\.|GOCSPX-|github_pat_|glpat-|npm_|hv[sb]\.|[sr]k_live_|sk-)[A-Za-z0-9_-]{20,}/g),
  whole(/\bgh[pousr]_[A-Za-z0-9]{20,}\b/g),
  // JSON web tokens.
  whole(/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*/g),
  // AIX password hashes, /etc/security/passwd: {ssha512}06$…, {smd5}…; LDAP's {DESv2}…; crypt's $6$salt$….
  whole(/\{(?:ssha(?:1|256|512)?|smd5|sblowfish|DESv2)\}[^\s:]{4,}/gi),
  whole(/\$(?:1|2[aby]|5|6|y)\$[./A-Za-z0-9$=,]{16,}/g),
  // The DES hash of a passwd file: 13 characters between the name and the user id.
  {
    find: /^(?<before>[a-z_][\w-]{0,31}:)[./A-Za-z0-9]{13}(?=:\d{1,10}:\d{1,10}:)/gm,
    keep: `$<before>${redactedMark}`,
  },
  // Keys of a keytab as `klist -ke -K` shows them.
  whole(/\(0x[0-9a-f]{32,128}\)/gi),
];

/** Headers, addresses and files that carry a secret in a place of its own. */
const byPlace: readonly Shape[] = [
  behind(String.raw`\bAuthorization[ \t]{0,4}:[ \t]{0,4}[A-Za-z]{1,20}[ \t]+`, 'gi', String.raw`\S+`),
  behind(String.raw`\bBearer[ \t]+`, 'g', '[A-Za-z0-9._~+/=-]{8,}'),
  // The HMC's REST interface, and any web server's session.
  behind(String.raw`\bX-(?:API-Session|API-Key|Auth-Token)[ \t]{0,4}:[ \t]{0,4}`, 'gi'),
  behind(String.raw`\b(?:Set-)?Cookie[ \t]{0,4}:[ \t]{0,4}`, 'gi', String.raw`[^\r\n"]+`),
  behind(String.raw`\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s:/@]{0,100}:`, 'gi', String.raw`[^\s/@]{1,200}(?=@)`),
  // Azure's shared access signatures.
  behind('[?&]sig=', 'g', String.raw`[^&\s"']{8,}`),
  // Docker's config.json: base64 of user and password.
  behind(String.raw`"auth"[ \t]{0,4}:[ \t]{0,4}`, 'g', '"[A-Za-z0-9+/=]{8,}"'),
  // .netrc: login NAME password VALUE, on one line or several.
  behind(String.raw`\blogin[ \t]+\S{1,128}\s{1,8}(?:account[ \t]+\S{1,128}\s{1,8})?passw(?:or)?d[ \t]+`),
  // ldap.conf: bindpw VALUE; ldap.cfg of AIX: bindpwd:VALUE.
  behind(String.raw`\b(?:root)?bindpwd?(?:[ \t]*:[ \t]*|[ \t]+)`, 'gi'),
  // AIX /etc/iscsi/targets: host port iqn "secret".
  behind(String.raw`\biqn\.\S{1,223}[ \t]+`, 'g', String.raw`"[^"\n]*"?`),
  // XML, as `ikedb -g` of AIX prints pre-shared keys.
  behind(String.raw`<[\w:]{0,30}(?:password|passwd|presharedkey)\b[^<>\n]{0,200}>`, 'gi', '[^<]{1,400}'),
  behind(
    String.raw`<[\w:]{0,30}PresharedKey\b[^<>\n]{0,200}?\bValue[ \t]{0,4}=[ \t]{0,4}`,
    'gi',
    '"[^"]{0,400}"?',
  ),
  // A TSIG key of named.conf.
  behind(String.raw`\bsecret[ \t]+`, 'g', String.raw`"[^"\n]*"?`),
];

/** Arguments of commands. A short `-p` or `-P` is a password only after these: `rmcctrl -p` and `mkdir -p` stay. */
const byArgument: readonly Shape[] = [
  // HMC: mkhmcusr, chsyspwd, mkauthkeys and mksysconn take --passwd, chsyspwd --newpasswd, chhmcldap --bindpw, and
  // ibmcloud --apikey. GSKit: -pw, -target_pw, -new_pw. Storage Protect: -password=.
  behind(
    String.raw`(?<![\w-])--?(?:(?:new|old)?pass(?:wd|word|phrase)?|pwd|secret|(?:iam-?)?api-?key|access-?key|token|pw|target_pw|new_pw|old_pw|bindpw|client-?secret)(?:[ \t]+|=)`,
  ),
  // HMC: chhmcusr -u NAME -t passwd -v VALUE.
  behind(String.raw`(?<![\w-])-t[ \t]+passwd[ \t]+-v[ \t]+`),
  behind(
    String.raw`\b(?:sshpass[ \t]+-p|mysql(?:admin|dump)?[ \t][^\n|;]{0,120}?-p(?=\S)|ipmitool[ \t][^\n|;]{0,120}?-P|ldap(?:search|modify|add|delete|passwd)[ \t][^\n|;]{0,120}?-w|(?:mk|ch)cifs(?:mnt|cred)[ \t][^\n|;]{0,120}?-p|ssh-keygen[ \t][^\n|;]{0,120}?-P|openssl[ \t]+enc[ \t][^\n|;]{0,120}?-[kK])[ \t]*`,
  ),
  behind(String.raw`\bssh-keygen[ \t][^\n|;]{0,160}?-N[ \t]+`),
  behind(String.raw`\bcurl[ \t][^\n|;]{0,200}?(?:-u|--user)[ \t]+[^\s:]{1,60}:`),
  behind(String.raw`(?<![\w-])-pass(?:in|out)?[ \t]+(?:pass|env|file):`),
  // mount -v cifs -n host/user/password of AIX.
  behind(String.raw`\bmount[ \t]+-v[ \t]+cifs[ \t][^\n|;]{0,80}?-n[ \t]+[^\s/]{1,100}\/[^\s/]{1,64}\/`),
  behind(String.raw`\bhtpasswd[ \t]+-\w{0,8}b\w{0,8}[ \t]+\S{1,200}[ \t]+\S{1,100}[ \t]+`),
  // echo user:password | chpasswd, the way without a terminal on AIX.
  behind(
    String.raw`\becho[ \t]+["']?[^\s:"']{1,64}:`,
    'g',
    String.raw`[^\n|]{1,200}(?=["']?[ \t]*\|[ \t]*(?:/usr/bin/)?chpasswd)`,
  ),
  behind(
    String.raw`\b(?:sqlplus|expdp|impdp)[ \t]+(?:-\w{1,10}[ \t]+){0,3}[\w$]{1,64}\/`,
    'g',
    String.raw`[^\s@]+`,
  ),
  // Db2: CONNECT TO db USER name USING password.
  behind(String.raw`\buser[ \t]+\S{1,64}[ \t]+using[ \t]+`, 'gi'),
];

/** `name=value`, `name: value`, `"name": "value"`, also where JSON stands in a string of JSON. */
const byName: readonly Shape[] = [
  // `password = *` and `!` of AIX say that there is none.
  behind(
    String.raw`(?:passw(?:or)?d|passphrase)[\w.-]{0,20}\\{0,3}["']?[ \t]{0,4}[=:][ \t]{0,4}(?![*!](?:\s|$))`,
    'gi',
  ),
  // IBM.MCP's KeyToken is an HMC name and stays: `token`, `secret` and the like need a word edge before them.
  behind(
    String.raw`(?<![A-Za-z])(?:(?:client_?|shared_?)?secret|(?:auth|access|refresh|identity|session|bot|app)?_?token|(?:signing|client|app)_?secret|api_?key|(?:secret_?)?access_?key|(?:account|storage|shared_?access|encryption|secret|private|pre_?shared)_?key|psk|(?:bind|keystore|ldapsslkey)_?pwd|root_?pw|credentials?)\\{0,3}["']?[ \t]{0,4}[=:][ \t]{0,4}`,
    'gi',
  ),
];

/** In the order in which they are looked for. */
export const secretShapes: readonly Shape[] = [...byLooks, ...byPlace, ...byArgument, ...byName];
