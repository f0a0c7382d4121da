import { Secret } from '../core/secret.js';
import { readText } from './file.js';
import type { Problem } from './problem.js';
import { printedBy } from './secret-command.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One secret: the variable's name, what it must look like, and what to do when it does not. */
export interface SecretRule {
  readonly name: string;
  readonly shape: RegExp;
  readonly advice: string;
}

export interface ReadSecret {
  readonly secret: Secret | null;
  readonly problems: readonly Problem[];
  /** The file that it came from; null for any other way. */
  readonly file: string | null;
}

/**
 * Takes a secret from its variable, from the file that the variable with `_FILE` behind its name points to (that is how
 * orchestrators mount secrets), or from the first line that the command in the one with `_COMMAND` prints. The value
 * never gets into a problem's sentence.
 */
export function readSecret(env: Environment, rule: SecretRule): ReadSecret {
  const ways = [rule.name, `${rule.name}_FILE`, `${rule.name}_COMMAND`] as const;
  const given = ways.filter((name) => (env[name] ?? '') !== '');
  const [way, second] = given;
  if (way === undefined) return { secret: null, problems: [], file: null };
  const all = given.length === 2 ? 'both' : 'all';
  if (second !== undefined) return problem(rule, `${given.join(' and ')} are ${all} set: keep one.`);
  const text = env[way] ?? '';
  if (way === ways[1]) return fromFile(rule, text);
  if (way === ways[2]) return fromCommand(rule, text, env);
  return checked(rule, text, rule.name);
}

function fromFile(rule: SecretRule, file: string): ReadSecret {
  const content = readText(file);
  if (content.kind === 'missing')
    return problem(rule, `${rule.name}_FILE points to ${file}, which is not there.`);
  if (content.kind === 'unreadable')
    return problem(rule, `${rule.name}_FILE points to ${file}. ${content.problem.problem}`);
  return { ...checked(rule, content.text.trim(), `The file ${file}`), file };
}

function fromCommand(rule: SecretRule, command: string, env: Environment): ReadSecret {
  const printed = printedBy(command, env);
  if (printed.kind === 'line') return checked(rule, printed.line, `The output of ${rule.name}_COMMAND`);
  const sentence = `The command in ${rule.name}_COMMAND gave no secret: ${printed.why}.`;
  return problem(rule, `${sentence} Run it by hand as the user that aixops runs as.`);
}

function checked(rule: SecretRule, value: string, where: string): ReadSecret {
  if (rule.shape.test(value)) return { secret: new Secret(value), problems: [], file: null };
  const what = value === '' ? `${where} is empty. ` : '';
  return problem(rule, what + rule.advice);
}

function problem(rule: SecretRule, sentence: string): ReadSecret {
  const problems = [{ file: 'environment', line: null, key: rule.name, problem: sentence }];
  return { secret: null, problems, file: null };
}
