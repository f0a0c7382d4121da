import { RefusedError } from './errors.js';

/**
 * What is kept in Redis is read by processes of other versions: during an upgrade by older ones, after it by newer ones.
 * Each kind of document has a version. Whoever adds a field that an older process may ignore leaves it as it is, for
 * fields that are not known are kept when a document is written again. Whoever adds one that must not be ignored, such as
 * a state, a kind of step or a limit on what is done, raises it: an older process then leaves such documents alone.
 */
export const storedVersions = {
  request: 1,
  change: 1,
  'roll-out': 1,
  'host key card': 1,
  'digest edition': 1,
  "digest's memory": 1,
  message: 1,
} as const;

/** A kind of document, in the word that people are told. */
export type StoredKind = keyof typeof storedVersions;

/** A document was written by a newer aixops than this one: it is left as it is, for a process that knows it. */
export class NewerError extends RefusedError {
  constructor(kind: StoredKind, id: string) {
    super(
      `The ${kind} ${id} was written by a newer version of aixops than this process is. Nothing was done with it: another process may know it. Try again in a moment, and bring all processes to the newer version.`,
      'newer-version',
    );
  }
}

/** The text of a document that says of which version it is. */
export function storedText(kind: StoredKind, document: object): string {
  return JSON.stringify({ v: storedVersions[kind], ...document });
}

/**
 * A document out of its text, with all its fields, those not known here too; what has no version is of the first. Throws
 * NewerError for one of a later version, and for one that `isKnown` does not recognise: its state may be a new one.
 */
export function fromStored<T extends object>(
  kind: StoredKind,
  id: string,
  text: string,
  isKnown: (document: T) => boolean = () => true,
): T {
  const { v = 1, ...document } = JSON.parse(text) as T & { readonly v?: unknown };
  if (typeof v !== 'number' || v > storedVersions[kind] || !isKnown(document as unknown as T))
    throw new NewerError(kind, id);
  return document as unknown as T;
}

/** Those documents of a list that this process knows; what a newer one wrote is left out, any other failure is thrown. */
export async function knownOnes<T>(
  ids: readonly string[],
  get: (id: string) => Promise<T | null>,
): Promise<T[]> {
  const found = await Promise.all(
    ids.map((id) =>
      get(id).catch((error: unknown) => {
        if (error instanceof NewerError) return null;
        throw error;
      }),
    ),
  );
  return found.flatMap((one) => one ?? []);
}
