import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import type { Observe } from '../core/observe.js';
import type { Vocabulary } from '../../commands/command.js';
import { configFolder, loadConfig, type Config } from '../config.js';
import { createCertificateParser } from '../certificates/parser.js';
import type { CertificateParser } from '../core/certificate.js';
import { UsageError } from '../core/errors.js';
import type { Tracing } from '../core/tracing.js';
import { digestTargetProblems } from './digest-targets.js';
import type { Inventory } from '../inventory/inventory.js';
import { loadInventory } from '../inventory/load.js';
import { loadPolicy } from '../policy/load.js';
import type { Policy } from '../policy/schema.js';
import { diagnostics, fixes } from '../runbooks/index.js';
import { problemLine, type Problem } from '../settings/problem.js';
import type { Environment } from '../settings/secrets.js';
import { readStepUpSecrets } from '../settings/step-up-secrets.js';
import type { SweepLimits } from '../run/limits.js';
import type { StoredKeys } from '../ssh/pins.js';
import type { TransportLog } from '../ssh/pool-parts.js';
import type { HmcGate } from '../ssh/ssh-transport.js';
import { createSsh2Transport } from '../ssh/ssh2.js';
import type { Transport } from '../ssh/transport.js';

/** Everything that the settings files and the environment say. */
export interface Settings {
  readonly config: Config;
  readonly inventory: Inventory;
  readonly policy: Policy;
}

/** The settings, or every problem with them; `env` stands in for the process's own environment. */
export function readSettings(
  folder: string | undefined,
  needsSlack: boolean,
  env?: Environment,
): Settings | readonly Problem[] {
  const config = loadConfig({ folder, needsSlack, ...(env === undefined ? {} : { env }) });
  // The other files are read even so: whoever mends one thing wants to know of the next.
  const at = config.kind === 'config' ? config.config.folder : configFolder(folder);
  const home = config.kind === 'config' ? config.config.home : homedir();
  const inventory = loadInventory({ folder: at, home });
  const policy = loadPolicy(at, {
    inventory: inventory.kind === 'inventory' ? inventory.inventory : null,
    ids: [...fixes, ...diagnostics].map(({ id }) => id),
  });
  if (config.kind === 'config' && inventory.kind === 'inventory') {
    const problems = [
      ...digestTargetProblems(config.config, inventory.inventory),
      ...readStepUpSecrets(config.config.stepUpSecrets?.reveal() ?? '').problems,
    ];
    if (problems.length > 0) return [...problems, ...(policy.kind === 'problems' ? policy.problems : [])];
  }
  if (config.kind === 'config' && inventory.kind === 'inventory' && policy.kind === 'policy')
    return { config: config.config, inventory: inventory.inventory, policy: policy.policy };
  return [config, inventory, policy].flatMap((one) => (one.kind === 'problems' ? one.problems : []));
}

/** The settings; throws a UsageError that lists every problem with file, line and key. */
export function settingsOrThrow(folder: string | undefined, needsSlack: boolean): Settings {
  const settings = readSettings(folder, needsSlack);
  if (!('config' in settings)) throw new UsageError(problemsText(settings));
  return settings;
}

/** Problems as a person reads them, one line each. */
export function problemsText(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return [
    `The settings have ${count}. Nothing was connected to.`,
    ...problems.map((problem) => `  ${problemLine(problem)}`),
  ].join('\n');
}

/** What a command needs that goes straight over SSH, without Slack and Redis. */
export interface SshOnly extends Settings {
  readonly ssh: Transport;
  readonly certificates: CertificateParser;
  readonly clock: () => number;
  readonly nodesAtOnce: number;
}

/** Settings and a transport; the caller closes `ssh` and `certificates`. */
export function sshOnly(folder: string | undefined): SshOnly {
  const settings = settingsOrThrow(folder, false);
  return {
    ...settings,
    ssh: transportOf(settings.config),
    certificates: createCertificateParser(),
    clock: Date.now,
    nodesAtOnce: settings.config.ssh.nodesAtOnce,
  };
}

/** What only processes with Redis have: `hmcGate` counts sessions on HMCs over all workers. */
interface OfRedis {
  readonly hmcGate?: HmcGate;
  readonly storedKeys?: StoredKeys;
  readonly observe?: Observe;
  readonly tracing?: Tracing;
  readonly log?: TransportLog;
}

/** A transport as the settings say. */
export function transportOf(config: Config, ofRedis: OfRedis = {}): Transport {
  return createSsh2Transport({
    connectTimeoutMs: config.ssh.connectTimeoutSeconds * 1_000,
    idleCloseMs: config.ssh.idleCloseSeconds * 1_000,
    hmcSessions: config.ssh.hmcSessions,
    agentSocket: config.agentSocket,
    random: () => newToken(24),
    ...ofRedis,
  });
}

/** How long the parts of a sweep may take. */
export function sweepLimitsOf({ sweep }: Config): SweepLimits {
  return { nodeMs: sweep.nodeSeconds * 1_000, hmcMs: sweep.hmcSeconds * 1_000 };
}

/** What words in a command may mean. */
export function commandVocabulary(inventory: Inventory): Vocabulary {
  return { inventory, fixes, diagnostics };
}

/** Random letters and digits that nobody guesses; `bytes` of randomness. */
export function newToken(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
