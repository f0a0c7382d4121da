import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { asCheckpoint, type Checkpoint } from '../audit/checkpoint.js';
import { asHeader, type ExportHeader } from '../audit/document.js';
import { publicKeysOf, signingKeyOf } from '../audit/signing-key.js';
import { recordIn, TrailCheck, type Verification } from '../audit/verify.js';
import { CommandError, UsageError } from '../core/errors.js';
import { checkpointsOf, linesOf, withTrail } from './audit-source.js';
import { verificationText } from './audit-print.js';
import { jsonText } from './terminal.js';
import type { VerifyCall } from './audit.js';

/** What was verified, and what was chosen of it. */
export interface Verified extends Verification {
  readonly isWhole: boolean;
  /** Whether there was a key to check signatures with. */
  readonly hasKeys: boolean;
  readonly selection: ExportHeader | null;
}

const tampered = 2;

/** Verifies Redis or a file, says what it found, and returns the exit status. */
export async function verify(call: VerifyCall): Promise<number> {
  const given = call.publicKey === undefined ? [] : await keysIn(call.publicKey);
  const kept = call.anchor === undefined ? [] : await checkpointsIn(call.anchor);
  const verified =
    call.file === undefined
      ? await withTrail(call.config, async (trail, { auditSigningKey }) => {
          const own =
            auditSigningKey === null ? [] : [createPublicKey(signingKeyOf(auditSigningKey.reveal()))];
          const keys = given.length > 0 ? given : own;
          const check = new TrailCheck({ keys, checkpoints: await checkpointsOf(trail), kept });
          for await (const line of linesOf(trail)) check.take(line);
          return asVerified(check.end(), keys, null);
        })
      : await verifyFile(call.file, given, kept);
  process.stdout.write(call.json === true ? jsonText(verified) : verificationText(verified));
  return verified.isWhole ? 0 : tampered;
}

function asVerified(
  report: Verification,
  keys: readonly KeyObject[],
  selection: ExportHeader | null,
): Verified {
  return { isWhole: report.tamperings === 0, hasKeys: keys.length > 0, selection, ...report };
}

async function verifyFile(
  file: string,
  keys: readonly KeyObject[],
  kept: readonly Checkpoint[],
): Promise<Verified> {
  const head: { header: ExportHeader | null; checkpoints: Checkpoint[] } = { header: null, checkpoints: [] };
  let check: TrailCheck | null = null;
  for await (const line of linesIn(file)) {
    const value = line.startsWith('{') ? parsed(line) : null;
    const checkpoint = asCheckpoint(value);
    const header = check === null ? asHeader(value) : null;
    if (header !== null) head.header = header;
    else if (checkpoint === null) (check ??= begin(head, keys, kept)).take(line);
    else if (check === null) head.checkpoints.push(checkpoint);
    else check.expect(checkpoint);
  }
  return asVerified((check ?? begin(head, keys, kept)).end(), keys, selectionOf(head.header));
}

function begin(
  {
    header,
    checkpoints,
  }: { readonly header: ExportHeader | null; readonly checkpoints: readonly Checkpoint[] },
  keys: readonly KeyObject[],
  kept: readonly Checkpoint[],
): TrailCheck {
  if (header?.pseudonymised === true)
    throw new CommandError(
      'This export is pseudonymised: what it says is not what was written, so its hashes cannot be checked. Verify the trail itself, or an export without --pseudonymise.',
    );
  return new TrailCheck({ keys, checkpoints, kept, isSelection: selectionOf(header) !== null });
}

function selectionOf(header: ExportHeader | null): ExportHeader | null {
  return header === null || [header.from, header.to, header.object].every((one) => one === null)
    ? null
    : header;
}

async function* linesIn(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) if (line !== '') yield line;
  } catch (error) {
    throw unread(file, error);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

async function keysIn(file: string): Promise<readonly KeyObject[]> {
  const text = await textOf(file);
  try {
    return publicKeysOf(text);
  } catch {
    throw new UsageError(
      `${file} holds no Ed25519 public key in PEM. It is the second block that aixops audit keygen prints.`,
    );
  }
}

/** What was kept elsewhere: checkpoints among whatever lines a file has. */
async function checkpointsIn(file: string): Promise<readonly Checkpoint[]> {
  const lines = (await textOf(file)).split(/\r?\n/);
  const checkpoints = lines.flatMap((line) => asCheckpoint(parsed(line)) ?? []);
  const records = lines.flatMap((line) => recordIn(line) ?? []);
  const last = records.at(-1);
  // The last record of an earlier export says as much as a checkpoint.
  const ends =
    last === undefined ? [] : [{ ...last, kind: 'checkpoint', keyId: null, signature: null } as const];
  const kept = [...checkpoints, ...ends].map((one): Checkpoint => {
    const { sequence, hash, at, keyId, signature } = one;
    return { kind: 'checkpoint', sequence, hash, at, keyId, signature };
  });
  if (kept.length > 0) return kept;
  throw new UsageError(
    `${file} holds no checkpoint and no record. Give an earlier export as JSONL, or lines of it.`,
  );
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unread(file, error);
  }
}

function unread(file: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) return error as Error;
  return new CommandError(`${file} could not be read (${code}). Nothing was verified.`);
}
