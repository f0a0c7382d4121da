import { Secret } from '../core/secret.js';
import type { Problem } from './problem.js';

/** 128 bits is the least that RFC 4226 §4 allows; authenticators take 160. */
const base32 = /^[A-Z2-7]{26,128}={0,6}$/i;
const account = /^(?:[UW][A-Z0-9]{2,20}|cli:\S{1,64})$/;

/**
 * The secrets of step-up codes, one person to a line; no problem ever tells a value:
 *
 *     # made by: aixops step-up U0123456789
 *     U0123456789: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP
 *
 * Nothing, or nothing but comments, means that nobody can give a code.
 */
export function readStepUpSecrets(text: string): {
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly problems: readonly Problem[];
} {
  const secrets = new Map<string, Secret>();
  const problems: Problem[] = [];
  text.split(/\r\n|\n|\r/).forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const read = readLine(line, secrets);
    if (typeof read === 'string') problems.push(problemAt(index + 1, read));
    else secrets.set(read.user, read.secret);
  });
  return { secrets, problems };
}

function readLine(
  line: string,
  known: ReadonlyMap<string, Secret>,
): { readonly user: string; readonly secret: Secret } | string {
  const at = line.lastIndexOf(':');
  const user = line.slice(0, Math.max(at, 0)).trim();
  const value = line.slice(at + 1).replaceAll(/[\s-]/g, '');
  if (!account.test(user))
    return 'This line does not begin with a Slack user id and a colon, such as "U0123456789: ".';
  if (!base32.test(value))
    return `The secret of ${user} is not at least 26 letters and digits of Base32; aixops step-up ${user} makes one.`;
  if (known.has(user)) return `${user} has a secret already: keep one line.`;
  return { user, secret: new Secret(value.toUpperCase().replace(/=+$/, '')) };
}

function problemAt(line: number, problem: string): Problem {
  return { file: 'environment', line: null, key: 'STEP_UP_SECRETS', problem: `Line ${line}: ${problem}` };
}
