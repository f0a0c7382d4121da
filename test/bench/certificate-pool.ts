import { certificate, name, pem, signers, utcTime } from '../certificates/der.js';

/** What is known of a pool of certificates, to hold against what was read of them. */
export interface Pool {
  readonly texts: readonly string[];
  /** How many end within so many days, by the bands of the digest that are counted here. */
  readonly endWithin: (days: number) => number;
}

const dayMs = 86_400_000;

/**
 * So many different certificates as companies have them: a few have ended, some end soon, most within two years. Every one
 * has a subject and a serial number of its own; half are signed by a CA.
 */
export function certificatePool(count: number, nowMs: number): Pool {
  const { ec } = signers();
  // Noon, so that no day counts differently while the benchmark runs.
  const noon = Math.floor(nowMs / dayMs) * dayMs + dayMs / 2;
  const days = Array.from({ length: count }, (_, at) => daysOf(at));
  const texts = days.map((left, at) => {
    const own = name(['C', 'DE'], ['O', 'Example Power'], ['CN', `app${at}.example.com`]);
    const serial = Buffer.from([1, (at >> 16) & 255, (at >> 8) & 255, at & 255]);
    const notAfter = noon + left * dayMs;
    return pem(
      certificate({
        ...{ signer: ec, serial, subject: own },
        issuer: at % 2 === 0 ? own : name(['O', 'Example Power'], ['CN', 'Example Issuing CA 2']),
        notBefore: utc(noon - 400 * dayMs),
        notAfter: utc(notAfter),
      }),
    );
  });
  return { texts, endWithin: (most) => days.filter((left) => left <= most).length };
}

/** One in a hundred has ended, four end within 30 days, the others within two years. */
function daysOf(at: number): number {
  const kind = at % 100;
  if (kind === 0) return -(2 + (at % 30));
  if (kind < 5) return 2 + (at % 27);
  return 40 + ((at * 7) % 690);
}

/** `270131120000Z`. */
function utc(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\..*$/, '').replace(/[-:T]/g, '');
  return utcTime(`${digits.slice(2)}Z`);
}
