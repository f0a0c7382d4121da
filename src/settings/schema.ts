import { z } from 'zod';
import { auditKeys, auditSettings } from './audit-settings.js';
import { healthKeys, healthSettings } from './health-settings.js';
import { logKeys, logSettings } from './log-settings.js';
import { redisKeys, redisSettings } from './redis-settings.js';
import { tracingKeys, tracingSettings } from './tracing-settings.js';
import { isZone, weekdays } from '../digest/calendar.js';
import { sweepKeys, sweepSettings } from './sweep-settings.js';

const seconds = z
  .number('This is a number of seconds')
  .min(1, 'This is at least 1 second')
  .max(86_400, 'This is at most a day');
const minutes = z
  .number('This is a number of minutes')
  .min(1, 'This is at least 1 minute')
  .max(10_080, 'This is at most a week');
const count = (most: number) =>
  z
    .number('This is a number')
    .int('This is a whole number')
    .min(1, 'This is at least 1')
    .max(most, `This is at most ${most}`);
const httpUrl = z.url({
  protocol: /^https?$/,
  error: 'This must be a URL that begins with https:// or http://',
});

const vrmf = z
  .string('This is a level such as "3.2.6.2", in quotes')
  .regex(/^\d{1,4}(?:\.\d{1,4}){3}$/, 'This is a level of four numbers, such as 3.2.6.2')
  .optional();
const byPlatform = (hmc: string, powervs: string) =>
  z
    .strictObject({
      hmc: vrmf.describe(`For LPARs with an HMC; left out: ${hmc}.`),
      powervs: vrmf.describe(`For LPARs of Power Virtual Server; left out: ${powervs}.`),
    })
    .prefault({});

const channelId = z
  .string('This is a channel id such as C0123456789')
  .regex(
    /^[CGD][A-Z0-9]{2,}$/,
    "This is a channel id such as C0123456789: open the channel's details in Slack and copy it",
  );
const target = z.string('This is a target such as "tag:env=prod", or a list of targets').min(1).max(200);

/** One daily digest of certificates: where, when, and of which targets. */
const digestChannel = z.strictObject({
  channel: channelId.describe('Where it is posted; the bot must be a member.'),
  time: z
    .string('This is a time of day such as "07:30", in quotes')
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'This is a time of day such as "07:30", in quotes')
    .default('07:30')
    .describe('When, by the clock on the wall of its zone.'),
  zone: z
    .string('This is an IANA time zone such as Europe/Berlin')
    .refine(isZone, 'This is an IANA time zone such as Europe/Berlin or UTC')
    .describe('The zone of `time` and of the days.'),
  targets: z
    .union(
      [target, z.array(target).min(1, 'This names at least one target')],
      'This is a target such as "tag:env=prod", or a list of targets',
    )
    .default('all')
    .transform((targets) => [targets].flat())
    .describe('Whose certificates: names, `tag:key=value`, `cluster:NAME`, `all`.'),
  days: z
    .array(
      z.enum(weekdays, `This is a day: ${weekdays.join(', ')}`),
      `This is a list of days: ${weekdays.join(', ')}`,
    )
    .min(1, 'This names at least one day')
    .default([...weekdays])
    .describe('On which days; on the others nothing is posted.'),
});

/** One digest per channel and day: with two, nobody could say which one was missed. */
const digestChannels = z.array(digestChannel).superRefine((channels, context) => {
  channels.forEach(({ channel }, index) => {
    if (channels.findIndex((one) => one.channel === channel) === index) return;
    const message = `${channel} has a digest already: list all its targets there`;
    context.addIssue({ code: 'custom', path: [index, 'channel'], message });
  });
});

/** `aixops.yaml`. Every key may be left out; unknown keys are problems. */
export const configSchema = z.strictObject({
  slack: z
    .strictObject({
      mode: z
        .enum(['socket', 'http'], 'This is socket or http')
        .default('socket')
        .describe(
          'How Slack reaches the bot: by a socket that the bot opens, or by HTTPS requests to `slack.port`.',
        ),
      port: z
        .number('This is a port number')
        .int()
        .min(1)
        .max(65_535, 'A port is 1 to 65535')
        .default(3000)
        .describe('With `mode: http`: where the bot listens for Slack. TLS is for what stands before it.'),
      blocks: z
        .enum(['rich', 'classic'], 'This is rich or classic')
        .default('classic')
        .describe(
          'How cards are drawn: `rich` uses newer blocks of Slack and falls back by itself where they are refused.',
        ),
      apiUrl: httpUrl
        .default('https://slack.com/api/')
        .describe("Slack's Web API; another one for a proxy or GovSlack."),
      channel: z
        .string('This is a channel id such as C0123456789')
        .regex(
          /^[CGD][A-Z0-9]{5,}$/,
          "This is a channel id such as C0123456789: open the channel's details in Slack and copy it",
        )
        .optional()
        .describe(
          'Where changes are told of that were asked for at a terminal, and what concerns everybody.',
        ),
    })
    .prefault({}),
  redis: redisSettings,
  verify: z
    .strictObject({
      gapSeconds: seconds
        .default(60)
        .describe('So long between the two looks that a verdict or a success may need.'),
      deadlineMinutes: minutes
        .default(15)
        .describe('A change that is not verified after so long has failed.'),
      pollSeconds: seconds.default(30).describe('So often a change looks while it waits to be verified.'),
    })
    .prefault({}),
  audit: auditSettings,
  health: healthSettings,
  approvals: z
    .strictObject({
      expiryMinutes: minutes.default(60).describe('A proposal that nobody decided is closed after so long.'),
    })
    .prefault({}),
  ssh: z
    .strictObject({
      connectTimeoutSeconds: seconds.default(10).describe('So long a connection may take, login included.'),
      idleCloseSeconds: seconds.default(300).describe('A connection that nobody used for so long is closed.'),
      hmcSessions: count(20)
        .default(2)
        .describe('So many sessions on one HMC at once, over all workers: an HMC is small.'),
      nodesAtOnce: count(1000)
        .default(1000)
        .describe(
          'At most so many nodes are read at once by one job; within that as many as the process keeps up with.',
        ),
    })
    .prefault({}),
  sweep: sweepSettings,
  /** What is left out keeps its default: minimum 3.1.0.0 (hmc) and 3.2.1.0 (powervs), recommended 3.2.6.2. */
  rsct: z
    .strictObject({
      minimum: byPlatform('3.1.0.0', '3.2.1.0'),
      recommended: byPlatform('3.2.6.2', '3.2.6.2'),
    })
    .prefault({}),
  /** Which certificates expire, every day. */
  digest: z.strictObject({ channels: digestChannels.default([]) }).prefault({}),
  log: logSettings,
  tracing: tracingSettings,
  /** How long what nodes and HMCs printed stays in Redis after it was read, or after its change has ended. */
  keep: z
    .strictObject({
      outputsDays: z
        .number('This is a number of days')
        .min(1, 'This is at least 1 day')
        .max(365, 'This is at most 365 days')
        .default(30)
        .describe(
          'So long what nodes and HMCs printed stays in Redis after it was read, or after its change has ended.',
        ),
    })
    .prefault({}),
  runDirectoryKeepDays: z
    .number('This is a number of days')
    .min(0, 'This is at least 0 days')
    .max(365, 'This is at most 365 days')
    .default(7)
    .describe(
      'So long the run directory of an ended change stays on the node, for its rollback and for support.',
    ),
});

export type ConfigFile = z.infer<typeof configSchema>;

/** Every key that may be written, for "did you mean". */
export const configKeys: readonly string[] = [
  ...auditKeys,
  ...logKeys,
  ...tracingKeys,
  ...healthKeys,
  ...redisKeys,
  ...sweepKeys,
  ...Object.keys(configSchema.shape),
  'mode',
  'port',
  'blocks',
  'apiUrl',
  'channel',
  'gapSeconds',
  'deadlineMinutes',
  'pollSeconds',
  'expiryMinutes',
  'connectTimeoutSeconds',
  'idleCloseSeconds',
  'hmcSessions',
  'nodesAtOnce',
  'outputsDays',
  'minimum',
  'recommended',
  'hmc',
  'powervs',
  'channels',
  'time',
  'zone',
  'targets',
  'days',
];
