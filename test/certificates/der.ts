import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/**
 * Certificates put together byte by byte: openssl's command line takes a process for each, and refuses to make most of
 * what is wrong with them here. Source: RFC 5280, section 4.1; X.690 for the encoding.
 */
export interface Recipe {
  /** The serial number's bytes as they are. Default: 5. */
  readonly serial?: Buffer;
  readonly subject?: Buffer;
  readonly issuer?: Buffer;
  readonly notBefore?: Buffer;
  readonly notAfter?: Buffer;
  /** The subject's public key, encoded. Default: that of the signer. */
  readonly publicKey?: Buffer;
  readonly extensions?: readonly Buffer[];
  readonly signer?: Signer;
}

export interface Signer {
  readonly privateKey: KeyObject;
  readonly publicKey: Buffer;
  readonly algorithm: Buffer;
  readonly hash: string | null;
}

export const tags = { utf8: 0x0c, printable: 0x13, bmp: 0x1e, universal: 0x1c, utc: 0x17, generalized: 0x18 };

/** Tag, length, content. */
export function tlv(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const size = body.length.toString(16);
  const bytes = Buffer.from(size.padStart(size.length + (size.length % 2), '0'), 'hex');
  const length = body.length < 0x80 ? [body.length] : [0x80 | bytes.length, ...bytes];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

export const sequence = (...content: readonly Buffer[]): Buffer => tlv(0x30, ...content);
export const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, 'hex'));
export const integer = (hex: string): Buffer => tlv(0x02, Buffer.from(hex, 'hex'));
export const octets = (hex: string): Buffer => tlv(0x04, Buffer.from(hex, 'hex'));
export const bits = (content: Buffer): Buffer => tlv(0x03, Buffer.from([0]), content);
export const utcTime = (text: string): Buffer => tlv(tags.utc, Buffer.from(text));
export const generalizedTime = (text: string): Buffer => tlv(tags.generalized, Buffer.from(text));

const attributes = { CN: '550403', O: '55040a', OU: '55040b', C: '550406' };

/** A name of one RDN for each pair, in the order of the certificate. */
export function name(
  ...pairs: readonly (readonly [keyof typeof attributes, string | Buffer, number?])[]
): Buffer {
  return sequence(
    ...pairs.map(([attribute, value, tag = tags.utf8]) =>
      tlv(
        0x31,
        sequence(
          oid(attributes[attribute]),
          tlv(tag, typeof value === 'string' ? Buffer.from(value) : value),
        ),
      ),
    ),
  );
}

/** An extension that is not critical. */
export const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), tlv(0x04, value));
export const isCa = extension('551d13', sequence(tlv(0x01, Buffer.from([0xff]))));
export const dnsNames = (...names: readonly (string | Buffer)[]): Buffer =>
  extension('551d11', sequence(...names.map((one) => tlv(0x82, Buffer.from(one)))));

/** Signers of every kind that certificates are met with. */
export function signers(): Readonly<Record<'ec' | 'ed25519' | 'rsa' | 'rsaPss', Signer>> {
  const made = (
    pair: { readonly privateKey: KeyObject; readonly publicKey: KeyObject },
    algorithm: Buffer,
    hash: string | null,
  ): Signer => ({
    privateKey: pair.privateKey,
    publicKey: pair.publicKey.export({ type: 'spki', format: 'der' }),
    algorithm,
    hash,
  });
  const sha256 = sequence(oid('608648016503040201'));
  const pss = sequence(
    tlv(0xa0, sha256),
    tlv(0xa1, sequence(oid('2a864886f70d010108'), sha256)),
    tlv(0xa2, integer('20')),
  );
  const [bits2048, pssOptions] = [
    { modulusLength: 2048 },
    { modulusLength: 2048, hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256' },
  ];
  return {
    ec: made(generateKeyPairSync('ec', { namedCurve: 'P-256' }), sequence(oid('2a8648ce3d040302')), 'sha256'),
    ed25519: made(generateKeyPairSync('ed25519'), sequence(oid('2b6570')), null),
    rsa: made(generateKeyPairSync('rsa', bits2048), sequence(oid('2a864886f70d01010b'), tlv(0x05)), 'sha256'),
    rsaPss: made(
      generateKeyPairSync('rsa-pss', pssOptions),
      sequence(oid('2a864886f70d01010a'), pss),
      'sha256',
    ),
  };
}

/** One certificate in DER. */
export function certificate(recipe: Recipe & { readonly signer: Signer }): Buffer {
  const { signer } = recipe;
  const { algorithm } = signer;
  const content = sequence(
    tlv(0xa0, integer('02')),
    tlv(0x02, recipe.serial ?? Buffer.from([5])),
    algorithm,
    recipe.issuer ?? name(['CN', 'Example CA']),
    sequence(recipe.notBefore ?? utcTime('260101000000Z'), recipe.notAfter ?? utcTime('270101000000Z')),
    recipe.subject ?? name(['CN', 'web.example']),
    recipe.publicKey ?? signer.publicKey,
    ...(recipe.extensions === undefined ? [] : [tlv(0xa3, sequence(...recipe.extensions))]),
  );
  return sequence(content, algorithm, bits(sign(signer.hash, content, signer.privateKey)));
}

/** A block of PEM. */
export function pem(der: Buffer, label = 'CERTIFICATE'): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
