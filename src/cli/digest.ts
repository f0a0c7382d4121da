import type { Command } from 'commander';
import { UsageError } from '../core/errors.js';
import type { NodeCertificates } from '../core/certificate.js';
import { worst } from '../core/verdict.js';
import type { NodeTarget } from '../core/target.js';
import { buildEdition } from '../digest/build.js';
import { localTime, weekdays } from '../digest/calendar.js';
import type { Edition } from '../digest/edition.js';
import { isWeekly, type DigestChannel } from '../digest/schedule.js';
import { verdictOf } from '../digest/verdict.js';
import { chooseNodes } from '../inventory/choose.js';
import { settingsOrThrow, sshOnly, type Settings, type SshOnly } from './context.js';
import { configOption, exitStatuses, groups, jsonOption } from './options.js';
import { refuseUnlessAllowed } from './permission.js';
import { interruptible, jsonText, levelExit, paint, progressLine } from './terminal.js';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

/** `aixops digest`: the expiry digest, posted now or only printed. */
export function registerDigest(program: Command): void {
  program
    .command('digest')
    .helpGroup(groups.look)
    .summary('the expiry digest of certificates, posted or only printed')
    .description(
      'Makes the expiry digest of every channel that aixops.yaml names under digest, and posts it as today’s; the one that ' +
        'would come by itself is then not posted again. With --dry-run it is only printed, straight over SSH, without ' +
        'Slack and Redis; without a channel it is of all targets.',
    )
    .option('--dry-run', 'print it, and post nothing')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      exitStatuses({
        0: 'nothing ends within 30 days, and every target answered',
        1: 'something ends within 30 days, or needs attention otherwise',
        2: 'something has expired or ends within 7 days',
        3: 'something could not be read; also Redis was not reached',
        64: 'the call or the settings make no sense',
        130: 'stopped by Ctrl-C',
      }),
    )
    .addHelpText('after', '\nExamples:\n  aixops digest --dry-run\n  aixops digest --json')
    .action(async (options: Options) => {
      const editions = options.dryRun === true ? await rehearse(options) : await post(options);
      process.exitCode = levelExit[worst(editions.map(verdictOf))];
      if (options.json === true)
        process.stdout.write(
          jsonText(editions.map((edition) => ({ verdict: verdictOf(edition), ...edition }))),
        );
      else await print(editions);
    });
}

async function rehearse(options: Options): Promise<readonly Edition[]> {
  const context = sshOnly(options.config);
  const close = async (): Promise<void> => {
    await Promise.all([context.ssh.close(), context.certificates.close()]);
  };
  try {
    return await interruptible('Stopped while reading. Nothing was changed, nothing was posted.', close, () =>
      readAll(context),
    );
  } finally {
    await close();
  }
}

/** Where no channel is named, everything there is. */
const everything: DigestChannel = {
  channel: '',
  time: '00:00',
  zone: 'UTC',
  targets: ['all'],
  days: [...weekdays],
};

/** Each node is read once, also where several channels have it. */
async function readAll(context: SshOnly): Promise<readonly Edition[]> {
  const { config, inventory, clock } = context;
  const channels = config.digest.channels.length === 0 ? [everything] : config.digest.channels;
  const targets = channels.map((channel) => chooseNodes(inventory, channel.targets));
  const all = [...new Set(targets.flat())];
  refuseToRead(context, all);
  const readings = new Map((await read(all, context)).map((one) => [one.target, one]));
  return channels.map((channel, at) => {
    const nodes = targets[at] ?? [];
    const nowMs = clock();
    const { date } = localTime(nowMs, channel.zone);
    return buildEdition({
      id: `${channel.channel}-${date}`,
      ...{ channel: channel.channel, zone: channel.zone, date, nowMs },
      isLate: false,
      isWeekly: isWeekly(channel, date),
      // Nothing is remembered here: everything near is told, whatever the day.
      asked: { by: 'cli', withinDays: 90, threadTs: null },
      readings: nodes.flatMap(({ name }) => readings.get(name) ?? []),
      clusters: clustersOf(nodes, context),
      memory: null,
      hushes: new Map(),
      owners: new Map(),
    }).edition;
  });
}

function refuseToRead(settings: Settings, nodes: readonly NodeTarget[]): void {
  const targets = nodes.map(({ name }) => name);
  refuseUnlessAllowed(settings, { action: 'diagnose', name: 'certificates', targets });
}

function clustersOf(nodes: readonly NodeTarget[], { inventory }: SshOnly) {
  const names = new Set(nodes.map(({ cluster }) => cluster));
  return [...inventory.clusters.values()].filter(({ name }) => names.has(name));
}

async function read(nodes: readonly NodeTarget[], context: SshOnly): Promise<readonly NodeCertificates[]> {
  const { readManyCertificates } = await import('../run/read-many-certificates.js');
  const progress = progressLine();
  try {
    return await readManyCertificates(
      nodes,
      { ...context, parser: context.certificates },
      undefined,
      (done, of) => progress.show(`Reading certificates: ${done} of ${of} nodes done …`),
    );
  } finally {
    progress.clear();
  }
}

/** Loaded here and not above: printing needs neither Redis nor the queue. */
async function post(options: Options): Promise<readonly Edition[]> {
  const settings = settingsOrThrow(options.config, false);
  if (settings.config.digest.channels.length === 0)
    throw new UsageError(
      'aixops.yaml names no channel for the digest, so there is nowhere to post it. Nothing was read.',
      'Name one under digest: channels, or print it with --dry-run.',
    );
  const { inventory, config } = settings;
  refuseToRead(
    settings,
    chooseNodes(
      inventory,
      config.digest.channels.flatMap(({ targets }) => targets),
    ),
  );
  const { postToday } = await import('./digest-post.js');
  const { editions, sentences } = await postToday(settings);
  for (const sentence of sentences) process.stderr.write(`${sentence}\n`);
  return editions;
}

async function print(editions: readonly Edition[]): Promise<void> {
  const { editionText } = await import('./digest-print.js');
  const colour = paint(process.stdout);
  process.stdout.write(editions.map((edition) => editionText(edition, colour)).join('\n'));
}
