/** The part of `aixops check` that connects: to Redis, Slack, HMCs and nodes. */
import { loadConfig } from '../config.js';
import { errorInfo } from '../core/errors.js';
import type { Outcome } from '../core/outcome.js';
import { nodeRead, hmcRead } from '../core/remote-command.js';
import type { Target } from '../core/target.js';
import { connectRedis, keyPrefix, readyRedis } from '../redis/connect.js';
import { createHostKeyStore } from '../redis/host-keys.js';
import { whereIs } from '../redis/place.js';
import { redisProblems } from '../redis/problems.js';
import { storeKeyProblem } from '../sealing/store-key.js';
import { problemLine } from '../settings/problem.js';
import { probeSlack } from '../slack/probe.js';
import { usergroupProblems } from '../slack/usergroups.js';
import type { StoredKeys } from '../ssh/pins.js';
import type { Transport } from '../ssh/transport.js';
import { checkKeys } from './check-keys.js';
import { transportOf, type Settings } from './context.js';
import { interruptible, progressLine } from './terminal.js';

/** One thing that was looked at; each problem is a sentence that says what to do, and none means that it is well. */
export interface Row {
  readonly area: 'files' | 'secret' | 'digest' | 'keys' | 'Redis' | 'Slack' | 'HMC' | 'node';
  readonly what: string;
  readonly problems: readonly string[];
  /** What is no problem here and may be one elsewhere. */
  readonly notes?: readonly string[];
}

/** Looks at everything; rows come in the order Redis, Slack, host keys, HMCs, nodes. It changes nothing. */
export async function checkOnline(settings: Settings, folder: string | undefined): Promise<Row[]> {
  const redis = await checkRedis(settings);
  const { storedKeys } = redis;
  const ssh = transportOf(settings.config, storedKeys === null ? {} : { storedKeys });
  const close = async (): Promise<void> => {
    await ssh.close();
    redis.close();
  };
  try {
    return await interruptible('Stopped while checking. Nothing was changed.', close, async () => {
      const keys = checkKeys(settings.inventory, storedKeys);
      const all = [checkSlack(settings, folder), keys, checkTargets(settings, ssh)] as const;
      const [slack, pins, targets] = await Promise.all(all);
      return [redis.row, slack, pins, ...targets];
    });
  } finally {
    await close();
  }
}

interface CheckedRedis {
  readonly row: Row;
  /** What was pinned from Slack; null where Redis does not tell. */
  readonly storedKeys: StoredKeys | null;
  close(): void;
}

/** Before all else: Redis tells which host keys count besides those in files. */
async function checkRedis({ config }: Settings): Promise<CheckedRedis> {
  const { place } = config.redis;
  const what = whereIs(place).replace(/^Redis at |^The /, '');
  const redis = connectRedis(place, () => undefined);
  const close = (): void => {
    redis.disconnect();
  };
  try {
    await readyRedis(redis, place, 5_000);
    const problems = await redisProblems(redis, place);
    const key = await storeKeyProblem(redis, keyPrefix, config.store);
    const sentences = problems.map(({ sentence }) => sentence);
    const row: Row = { area: 'Redis', what, problems: key === null ? sentences : [...sentences, key] };
    const store = createHostKeyStore(redis, keyPrefix);
    return { row, close, storedKeys: async (host, port) => (await store.pins(host, port))?.keys ?? [] };
  } catch (error) {
    return { row: { area: 'Redis', what, problems: [errorInfo(error).message] }, close, storedKeys: null };
  }
}

async function checkSlack({ config: { slack }, policy }: Settings, folder: string | undefined): Promise<Row> {
  const row = { area: 'Slack', what: `${slack.apiUrl}, ${slack.mode} mode` } as const;
  const secrets = loadConfig({ folder, needsSlack: true });
  if (secrets.kind === 'problems') return { ...row, problems: secrets.problems.map(problemLine) };
  const { botToken, appToken } = secrets.config.slack;
  const token = botToken?.reveal() ?? '';
  const problems = await probeSlack({
    apiUrl: slack.apiUrl,
    botToken: token,
    appToken: slack.mode === 'socket' ? (appToken?.reveal() ?? '') : null,
  });
  // Both tokens meet the same silence.
  const said = [...new Set(problems.map(({ sentence }) => sentence))];
  // Where the token is refused, or Slack away, every group would say so once more.
  if (said.length > 0) return { ...row, problems: said };
  return { ...row, problems: await usergroupProblems(slack.apiUrl, token, policy.groups) };
}

/** HMCs first, then nodes, each in the order of the inventory. */
async function checkTargets({ config, inventory }: Settings, ssh: Transport): Promise<Row[]> {
  const targets: readonly Target[] = [...inventory.hmcs.values(), ...inventory.nodes.values()];
  const rows = new Map<Target, Row>();
  const progress = progressLine();
  const waiting = [...targets];
  const worker = async (): Promise<void> => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      rows.set(target, await checkTarget(target, ssh));
      progress.show(`Checking: ${rows.size} of ${targets.length} HMCs and nodes done`);
    }
  };
  progress.show(`Checking Redis, Slack, and ${targets.length} HMCs and nodes …`);
  try {
    await Promise.all(Array.from({ length: Math.min(config.ssh.nodesAtOnce, targets.length) }, worker));
  } finally {
    progress.clear();
  }
  return targets.flatMap((target) => rows.get(target) ?? []);
}

// The lightest questions there are: they prove address, host key and login, and read nothing of interest.
const date = nodeRead('/usr/bin/date', [], 'POSIX date');
const level = hmcRead('lshmc', ['-V'], 'HMC lshmc man page');

async function checkTarget(target: Target, ssh: Transport): Promise<Row> {
  const { host, port, user } = target.endpoint;
  const row = {
    area: target.kind === 'hmc' ? 'HMC' : 'node',
    what: `${target.name}, ${user}@${host}:${port}`,
  } as const;
  const command = target.kind === 'hmc' ? level : date;
  try {
    const [outcome] = await ssh.read(target, [command]);
    return { ...row, problems: plainCommand(command.program, outcome) };
  } catch (error) {
    return { ...row, problems: [errorInfo(error).message] };
  }
}

function plainCommand(program: string, outcome: Outcome | undefined): readonly string[] {
  if (outcome?.ended === 'exited' && outcome.exitCode === 0) return [];
  const [said = ''] = `${outcome?.stderr ?? ''}${outcome?.stdout ?? ''}`.trim().split('\n');
  const how =
    outcome?.ended === 'exited' ? `exited ${outcome.exitCode}` : (outcome?.ended ?? 'gave no answer');
  const words = said === '' ? '' : `: ${said.slice(0, 200)}`;
  return [`The login works, but ${program} ${how}${words}. Look at the login's shell and profile.`];
}
