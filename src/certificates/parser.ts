import type { CertificateParser, StoredCertificate } from '../core/certificate.js';
import { pause } from '../loop/slices.js';
import { isoDate } from './dates.js';
import { pemParts, type CertificateBlock } from './pem.js';
import { readBlock, type X509Reading } from './x509.js';
import {
  createX509Thread,
  x509ThreadDefaults,
  type X509Thread,
  type X509ThreadAnswer,
  type X509ThreadOptions,
} from './x509-thread.js';

/** The most that x509.js takes. */
const mostCharacters = 65_536;

/**
 * Reads certificates with Node's OpenSSL, which is the authority, and has x509.js read each once more in a thread of
 * its own. Where the two disagree, or the second cannot read it, the certificate stays as the first has it and
 * `problem` begins "could not be verified: ". Source: x509.js 1.0.0.
 */
export function createCertificateParser(options: Partial<X509ThreadOptions> = {}): CertificateParser {
  const thread = createX509Thread({ ...x509ThreadDefaults(), ...options });
  const lanes = Array.from({ length: textsAtOnce }, () => Promise.resolve());
  let next = 0;
  /** The thread reads one certificate after the other anyway: taking all texts apart at once would only hold up the rest. */
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const lane = next % textsAtOnce;
    next += 1;
    const done = (lanes[lane] ?? Promise.resolve()).then(work);
    lanes[lane] = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  };
  return {
    readPem: async (text) => (typeof text === 'string' ? inTurn(() => readText(text, thread)) : []),
    close: () => thread.close(),
  };
}

/** Enough that the thread never waits for a text to be taken apart. */
const textsAtOnce = 4;

async function readText(text: string, thread: X509Thread): Promise<readonly StoredCertificate[]> {
  const blocks = pemParts(text).filter((part) => part.kind === 'certificate');
  const reading: Promise<StoredCertificate>[] = [];
  for (const block of blocks) {
    // Everything else has its turn between two of them, however many there are.
    await pause();
    const one = stored(block, String(reading.length + 1), thread);
    // Heard at the end, and not as one that nobody hears while the others are taken apart.
    one.catch(() => undefined);
    reading.push(one);
  }
  return Promise.all(reading);
}

async function stored(
  block: CertificateBlock,
  label: string,
  thread: X509Thread,
): Promise<StoredCertificate> {
  const reading = readBlock(block);
  const { kind, certificate } = reading;
  if (certificate === null) return { label, kind, certificate, problem: reading.problem };
  const doubt = await doubtIn(reading, thread);
  return { label, kind, certificate, problem: doubt === null ? null : `could not be verified: ${doubt}` };
}

type ReadX509 = Extract<X509Reading, { pem: string }>;

/** Why the first reading is not to be relied on alone; null where both agree. */
async function doubtIn(reading: ReadX509, thread: X509Thread): Promise<string | null> {
  if (reading.surplus > 0) return `${reading.surplus} bytes follow the certificate in its block`;
  if (reading.pem.length > mostCharacters)
    return `it is too large to be cross-checked (${reading.pem.length} characters of PEM, at most ${mostCharacters})`;
  const second = await thread.read(reading.pem);
  return second.kind === 'failed' ? second.reason : difference(reading, second);
}

type SecondReading = Extract<X509ThreadAnswer, { kind: 'read' }>;

function difference({ certificate }: ReadX509, second: SecondReading): string | null {
  for (const name of ['notBefore', 'notAfter'] as const) {
    const date = isoDate(second[name]);
    if (date === null) return `x509.js reads no date as its ${name}, OpenSSL ${certificate[name]}`;
    if (date !== certificate[name])
      return `x509.js reads ${date} as its ${name}, OpenSSL ${certificate[name]}`;
  }
  if (bare(second.serial) !== bare(certificate.serial))
    return 'x509.js and OpenSSL read different serial numbers';
  return null;
}

/** A serial number without leading zeros, which say nothing. */
function bare(serial: string): string {
  return serial.toUpperCase().replace(/^(?<sign>-?)0+(?=.)/, '$<sign>');
}
