/** What of one server's settings would lose state. */
import type { Redis } from 'ioredis';

/**
 * `unsafe`: state is lost while all looks well. `weak`: it may be lost at a restart. `frail`: nothing takes over when a
 * server fails. `mute`: nothing is lost, but processes do not hear each other. `untold`: Redis does not say.
 */
export interface RedisProblem {
  readonly kind: 'unsafe' | 'weak' | 'frail' | 'mute' | 'untold';
  readonly sentence: string;
}

/** The settings of one server; `who` begins the sentences. */
export async function nodeProblems(redis: Redis, who: string): Promise<RedisProblem[]> {
  const problems: RedisProblem[] = [];
  const [policy, aof] = await Promise.all([
    settingOf(redis, 'maxmemory-policy'),
    settingOf(redis, 'appendonly'),
  ]);
  if (policy === null || aof === null)
    problems.push({
      kind: 'untold',
      sentence: `${who} does not show its settings (CONFIG GET). See for yourself that maxmemory-policy is noeviction and appendonly is yes.`,
    });
  if (policy !== null && policy !== 'noeviction')
    problems.push({
      kind: 'unsafe',
      sentence: `${who} throws keys away when it is full (maxmemory-policy ${policy}), and with them changes and jobs. Set maxmemory-policy noeviction.`,
    });
  if (aof !== null && aof !== 'yes')
    problems.push({
      kind: 'weak',
      sentence: `${who} keeps no append-only file (appendonly ${aof}): a restart loses changes and jobs. Set appendonly yes.`,
    });
  return problems;
}

/** A setting of the server; null where it does not tell. */
async function settingOf(redis: Redis, name: string): Promise<string | null> {
  try {
    const answer: unknown = await redis.config('GET', name);
    return Array.isArray(answer) && answer.length > 1 ? String(answer[1]) : null;
  } catch {
    return null;
  }
}

/** Another server could not take over: nothing is refused for it. */
export function frail(sentence: string): RedisProblem {
  return { kind: 'frail', sentence };
}
