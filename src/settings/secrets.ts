import { Secret } from '../core/secret.js';
import { readText } from './file.js';
import type { Problem } from './problem.js';

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
}

/**
 * Takes a secret from its variable, or from the file that the variable with `_FILE` behind its name points to: that
 * is how orchestrators mount secrets. The value never gets into a problem's sentence.
 */
export function readSecret(env: Environment, rule: SecretRule): ReadSecret {
  const value = env[rule.name] ?? '';
  const file = env[`${rule.name}_FILE`] ?? '';
  if (value !== '' && file !== '')
    return problem(rule, `${rule.name} and ${rule.name}_FILE are both set: keep one.`);
  if (file === '') return value === '' ? { secret: null, problems: [] } : checked(rule, value, rule.name);
  const content = readText(file);
  if (content.kind === 'missing')
    return problem(rule, `${rule.name}_FILE points to ${file}, which is not there.`);
  if (content.kind === 'unreadable') {
    return problem(rule, `${rule.name}_FILE points to ${file}. ${content.problem.problem}`);
  }
  return checked(rule, content.text.trim(), `The file ${file}`);
}

function checked(rule: SecretRule, value: string, where: string): ReadSecret {
  if (rule.shape.test(value)) return { secret: new Secret(value), problems: [] };
  const what = value === '' ? `${where} is empty. ` : '';
  return problem(rule, what + rule.advice);
}

function problem(rule: SecretRule, sentence: string): ReadSecret {
  return { secret: null, problems: [{ file: 'environment', line: null, key: rule.name, problem: sentence }] };
}
