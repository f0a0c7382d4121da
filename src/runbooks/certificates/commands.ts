/**
 * What a node is asked so that it tells its certificates and nothing else. A file that may hold a key is never printed
 * whole: of a PEM file only CERTIFICATE blocks travel, and other stores are read by their own tools.
 */
import type { Certificate } from '../../core/certificate.js';
import type { Answer, Fact, Reader } from '../../core/fact.js';
import { gskcapicmdDetailsReader } from '../../aix/gskcapicmd-details.js';
import { gskcapicmdListReader, type KeyEntry } from '../../aix/gskcapicmd-list.js';
import { nodeRead } from '../../core/remote-command.js';

/** A larger file is no certificate store that anybody meant to declare: 1 MiB. */
export const mostBytes = 1024 * 1024;

const begin = '-----BEGIN \\(TRUSTED \\)\\{0,1\\}CERTIFICATE-----';
// Written so that the command itself, which is kept as evidence, is not found by who looks for keys.
const key = 'PRIVATE[ ]KEY';
const end = '-----END \\(TRUSTED \\)\\{0,1\\}CERTIFICATE-----';

/**
 * The CERTIFICATE and TRUSTED CERTIFICATE blocks of a PEM file. Within a block the marker of another kind of block ends
 * the reading: a certificate that was cut off must not take the key behind it along. Where a file was put together
 * without a line end (`…END CERTIFICATE----------BEGIN PRIVATE KEY…`), the key's marker is cut from the line.
 * Source: AIX 7.2 commands, sed; POSIX basic regular expressions; RFC 7468 for the markers.
 */
export function pemBlocks(path: string, size: number): Fact<string> {
  const script = [
    ...['-e', `/${begin}/,/${end}/{`],
    ...['-e', `s/\\(${end}\\).*${key}.*/\\1/`],
    ...['-e', `s/.*${key}.*\\(${begin}\\)/\\1/`],
    ...['-e', `/${key}/q`],
    ...['-e', '/-----BEGIN /{'],
    ...['-e', `/${begin}/!q`],
    ...['-e', '}'],
    ...['-e', 'p'],
    ...['-e', '}'],
  ];
  return textOf('sed', ['-n', ...script, path], size, 'AIX 7.2 commands, sed');
}

/** A certificate in DER, as PEM. OpenSSL prints nothing where the file is something else. */
export function derAsPem(path: string): Fact<string> {
  const args = ['x509', '-inform', 'der', '-in', path, '-outform', 'PEM'];
  return openssl(args);
}

/**
 * The certificates of a PKCS#12 store, without any key (`-nokeys`). The password stands in a file on the node and is never
 * seen here or in the list of processes. `isLegacy`: OpenSSL 3 reads old RC2 stores only with its legacy provider.
 */
export function pkcs12Certificates(path: string, passwordFile: string, isLegacy = false): Fact<string> {
  const legacy = isLegacy ? ['-legacy'] : [];
  return openssl(['pkcs12', ...legacy, '-in', path, '-nokeys', '-passin', `file:${passwordFile}`]);
}

/** `/opt/freeware` has one where somebody installed it there. Source: IBM, readme of openssl for AIX; OpenSSL 3.0, x509, pkcs12. */
function openssl(args: readonly string[]): Fact<string> {
  return {
    command: nodeRead('/usr/bin/openssl', args, 'OpenSSL 3.0, x509, pkcs12', {
      alternatives: ['/opt/freeware/bin/openssl', '/usr/bin/openssl64'],
      needsRoot: true,
      maxBytes: mostBytes,
    }),
    reader: asText('openssl'),
  };
}

/**
 * Where GSKit's program is, by product: each brings its own. NOT PROVEN: that each finds its libraries by itself; some
 * need LIBPATH, and then say so. Sources: IBM HTTP Server, IBM Db2 and IBM Storage Protect documentation.
 */
const gskit = [
  '/usr/opt/ibm/gsk8_64/bin/gsk8capicmd_64',
  '/usr/bin/gsk8capicmd_64',
  '/usr/local/ibm/gsk8_64/bin/gsk8capicmd_64',
  '/usr/IBM/HTTPServer/bin/gskcapicmd',
  '/opt/IBM/HTTPServer/bin/gskcapicmd',
  '/opt/IBM/db2/V11.5/gskit/bin/gsk8capicmd_64',
  '/opt/IBM/db2/V11.1/gskit/bin/gsk8capicmd_64',
  '/usr/opt/ibm/gsk8/bin/gsk8capicmd',
] as const;

/** The labels of a GSKit key database, by its stash file: no password is asked for or given. */
export function kdbLabels(path: string): Fact<readonly KeyEntry[]> {
  return { command: gsk(['-cert', '-list', '-db', path, '-stashed']), reader: gskcapicmdListReader };
}

/** What one certificate of a GSKit key database says. Never asked for a secret key, which is no certificate. */
export function kdbDetails(path: string, label: string): Fact<Certificate> {
  return {
    command: gsk(['-cert', '-details', '-db', path, '-stashed', '-label', label]),
    reader: gskcapicmdDetailsReader,
  };
}

function gsk(args: readonly string[]) {
  const [program, ...alternatives] = gskit;
  return nodeRead(program, args, 'IBM GSKCapiCmd User’s Guide, GSKit 8', { alternatives, needsRoot: true });
}

function textOf(program: 'sed', args: readonly string[], size: number, source: string): Fact<string> {
  // It prints no more than the file has; a file that grew meanwhile is told as too long.
  const maxBytes = Math.min(size, mostBytes) + 4096;
  return {
    command: nodeRead(`/usr/bin/${program}`, args, source, { needsRoot: true, maxBytes }),
    reader: asText(program),
  };
}

/** The text as it came: the parser of certificates makes sense of it. Nothing printed is the empty text. */
function asText(id: string): Reader<string> {
  return { id, programs: [id], read: (text): Answer<string> => ({ kind: 'facts', facts: text }) };
}
