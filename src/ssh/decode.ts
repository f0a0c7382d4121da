/**
 * Text from a node: UTF-8 where it is that, else ISO8859-1, which AIX locales without a suffix use. No byte is lost:
 * ISO8859-1 maps each to one character. `isCut` says that the end may lie within a character, which is then left out.
 */
export function decode(bytes: Uint8Array, isCut = false): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: isCut });
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}
