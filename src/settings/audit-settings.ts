import { z } from 'zod';

/** A year, and a month more: whoever reviews a year, some weeks after its end, finds all of it. */
const defaultKeepDays = 400;

const words = 'This is a whole number of days, or forever';

const syslog = z.strictObject({
  protocol: z
    .enum(['udp', 'tcp', 'tls'], 'This is udp, tcp or tls')
    .default('tls')
    .describe('How records travel; udp loses some without a word.'),
  host: z
    .string('This is a host name or an address')
    .min(1, 'This is a host name or an address')
    .max(255)
    .describe('The syslog server that gets a copy of every record (RFC 5424).'),
  port: z
    .number('This is a port number')
    .int()
    .min(1)
    .max(65_535, 'A port is 1 to 65535')
    .describe('Its port: 6514 is usual for TLS, 514 for udp.'),
  /** A file in PEM with who signs the server's certificate. */
  ca: z
    .string('This is the path of a file')
    .min(1, 'This is the path of a file')
    .optional()
    .describe("PEM with who signs the server's certificate; left out, what this system trusts."),
});

/** `audit:` of `aixops.yaml`: how long the trail is kept, and where a copy of it goes. */
export const auditSettings = z
  .strictObject({
    keepDays: z
      .union([z.literal('forever'), z.number().int(words).min(1, words).max(36_500, words)], words)
      .default(defaultKeepDays)
      .describe(
        'So long records of the audit trail stay in Redis; older ones are trimmed behind a signed checkpoint.',
      ),
    syslog: syslog.optional(),
  })
  .prefault({});

export const auditKeys: readonly string[] = ['keepDays', 'syslog', ...Object.keys(syslog.shape)];
