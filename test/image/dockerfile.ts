/** One instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  readonly name: string;
  readonly rest: string;
  readonly line: number;
}

/** What is built from one image: everything between one FROM and the next. */
export interface Stage {
  readonly base: string;
  readonly name: string;
  readonly steps: readonly Instruction[];
}

/** Reads what our own Dockerfile is written in; refuses what it does not understand. */
export function readDockerfile(text: string): {
  readonly args: ReadonlyMap<string, string>;
  readonly stages: readonly Stage[];
} {
  const args = new Map<string, string>();
  const stages: { base: string; name: string; steps: Instruction[] }[] = [];
  for (const step of instructions(text)) {
    const now = stages.at(-1);
    if (step.name === 'FROM') {
      const { base = '', name } = /^(?<base>\S+)(?: AS (?<name>[a-z]+))?$/.exec(step.rest)?.groups ?? {};
      if (base === '') throw new Error(`line ${step.line}: FROM ${step.rest}`);
      stages.push({ base: substitute(base, args), name: name ?? String(stages.length), steps: [] });
    } else if (now !== undefined) {
      now.steps.push(step);
    } else if (step.name === 'ARG') {
      const [name = '', value = ''] = step.rest.split('=');
      args.set(name, value);
    } else {
      throw new Error(`line ${step.line}: ${step.name} stands before the first FROM`);
    }
  }
  return { args, stages };
}

function instructions(text: string): readonly Instruction[] {
  const found: Instruction[] = [];
  let begun = '';
  let first = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (begun === '') first = index + 1;
    begun = `${begun} ${line.replace(/\s*\\$/, '')}`.trim();
    if (line.endsWith('\\')) continue;
    const { name = '', rest = '' } = /^(?<name>[A-Z]+)\s+(?<rest>.+)$/.exec(begun)?.groups ?? {};
    if (name === '') throw new Error(`line ${first} is no instruction: ${begun}`);
    found.push({ name, rest, line: first });
    begun = '';
  }
  return found;
}

function substitute(text: string, args: ReadonlyMap<string, string>): string {
  return text.replace(/\$\{(?<name>\w+)\}/g, (_, name: string) => {
    const value = args.get(name);
    if (value === undefined) throw new Error(`\${${name}} has no value`);
    return value;
  });
}

/** `NAME=value NAME="value"` as ENV and LABEL have it. */
export function pairs(rest: string): Readonly<Record<string, string>> {
  const found = [...rest.matchAll(/(?<name>[\w.]+)=(?:"(?<quoted>[^"]*)"|(?<plain>\S+))/g)];
  return Object.fromEntries(
    found.map(({ groups }) => [groups?.['name'] ?? '', groups?.['quoted'] ?? groups?.['plain'] ?? '']),
  );
}

/** The words of the exec form; null for the form that a shell reads. */
export function execForm(rest: string): readonly string[] | null {
  const list = /\[.*\]$/.exec(rest)?.[0];
  if (list === undefined || !/^(?:--\S+ )*(?:CMD )?\[/.test(rest)) return null;
  return JSON.parse(list) as readonly string[];
}
