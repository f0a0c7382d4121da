import type { CertificateParser, StoreReading } from '../core/certificate.js';
import type { Reading } from '../core/fact.js';
import {
  derAsPem,
  kdbDetails,
  kdbLabels,
  pemBlocks,
  pkcs12Certificates,
} from '../runbooks/certificates/commands.js';
import { formatOf, mayBeDer, type Found, type Place } from '../runbooks/certificates/places.js';
import {
  fromKdb,
  certificatesIn,
  namedByBags,
  needsLegacy,
  notRead,
  readStore,
  unglued,
} from '../runbooks/certificates/stores.js';
import type { NodeSession } from './node-session.js';

type File = Extract<Found, { kind: 'file' }>;

/** Reads files by their format: one round trip for each kind of question, however many files there are. */
export async function readStoreFiles(
  session: NodeSession,
  files: readonly File[],
  parser: CertificateParser,
): Promise<ReadonlyMap<Place, StoreReading>> {
  const of = (format: ReturnType<typeof formatOf>) => files.filter(({ place }) => formatOf(place) === format);
  const stores = new Map<Place, StoreReading>();
  const put = (place: Place, store: StoreReading) => stores.set(place, store);
  await readText(session, of('text'), parser, put);
  await readPkcs12(session, of('pkcs12'), parser, put);
  await readKdbs(session, of('kdb'), put);
  for (const { place, evidence } of of('ssh'))
    put(place, notRead(place, 'SSH certificates are not read here. See: ssh-keygen -L -f FILE', evidence));
  return stores;
}

type Put = (place: Place, store: StoreReading) => void;

/** PEM first; a file without a CERTIFICATE block may be one in DER. */
async function readText(
  session: NodeSession,
  files: readonly File[],
  parser: CertificateParser,
  put: Put,
): Promise<void> {
  const readings = await session.ask(files.map(({ place, size }) => pemBlocks(place.path, size)));
  const others: { readonly place: Place; readonly asPem: Reading<string> }[] = [];
  for (const [at, { place }] of files.entries()) {
    const asPem = readings[at]!; // one reading for each fact
    const certificates = asPem.kind === 'value' ? await parser.readPem(unglued(asPem.value)) : [];
    if (certificates.length > 0) put(place, readStore(place, 'pem', certificates, asPem.evidence));
    else if (mayBeDer(place.path)) others.push({ place, asPem });
    else put(place, notRead(place, whyNoPem(asPem), asPem.evidence));
  }
  const asDer = await session.ask(others.map(({ place }) => derAsPem(place.path)));
  for (const [at, { place, asPem }] of others.entries()) {
    const reading = asDer[at]!; // the same
    const certificates = reading.kind === 'value' ? await parser.readPem(reading.value) : [];
    if (certificates.length > 0) put(place, readStore(place, 'der', certificates, reading.evidence));
    else put(place, notRead(place, `${whyNoPem(asPem)} ${whyNoDer(reading)}`, reading.evidence));
  }
}

function whyNoPem(reading: Reading<string>): string {
  return reading.kind === 'value' ? 'It has no CERTIFICATE block.' : saidBy(reading);
}

function whyNoDer(reading: Reading<string>): string {
  return reading.kind === 'value' ? 'It is no certificate in DER either.' : `As DER: ${saidBy(reading)}`;
}

async function readPkcs12(
  session: NodeSession,
  files: readonly File[],
  parser: CertificateParser,
  put: Put,
): Promise<void> {
  const open: { readonly place: Place; readonly passwordFile: string }[] = [];
  for (const { place, evidence } of files) {
    const { passwordFile } = place;
    if (passwordFile !== null) open.push({ place, passwordFile });
    else
      put(
        place,
        notRead(place, 'No passwordFile is declared for this PKCS#12 store in the inventory.', evidence),
      );
  }
  const ask = (which: typeof open, isLegacy: boolean) =>
    session.ask(which.map((one) => pkcs12Certificates(one.place.path, one.passwordFile, isLegacy)));
  const first = await ask(open, false);
  const old = open.filter((_, at) => needsLegacy(first[at]!)); // one reading each
  const second = await ask(old, true);
  for (const [at, one] of open.entries()) {
    const again = old.indexOf(one);
    const reading = again === -1 ? first[at]! : second[again]!; // the same
    put(one.place, await pkcs12Store(one.place, reading, parser));
  }
}

async function pkcs12Store(
  place: Place,
  reading: Reading<string>,
  parser: CertificateParser,
): Promise<StoreReading> {
  if (reading.kind !== 'value') return notRead(place, saidBy(reading), reading.evidence);
  const certificates = namedByBags(reading.value, await parser.readPem(reading.value));
  return certificates.length === 0
    ? notRead(place, 'It holds no certificate.', reading.evidence)
    : readStore(place, 'pkcs12', certificates, reading.evidence);
}

/** First the labels of each database, then what each certificate says; a secret key is not asked for. */
async function readKdbs(session: NodeSession, files: readonly File[], put: Put): Promise<void> {
  const lists = await session.ask(files.map(({ place }) => kdbLabels(place.path)));
  for (const [at, { place }] of files.entries()) {
    const list = lists[at]!; // one reading each
    if (list.kind !== 'value') {
      put(place, notRead(place, saidBy(list), list.evidence));
      continue;
    }
    const entries = certificatesIn(list.value);
    const details = await session.ask(entries.map(({ label }) => kdbDetails(place.path, label)));
    const certificates = entries.map((entry, index) => fromKdb(entry, details[index]!)); // the same
    put(place, readStore(place, 'kdb', certificates, list.evidence));
  }
}

function saidBy(reading: Exclude<Reading<unknown>, { kind: 'value' }>): string {
  return reading.kind === 'failure' ? reading.failure.message : reading.error.message;
}
