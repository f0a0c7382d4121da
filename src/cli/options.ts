import { Option } from 'commander';

/** `--config DIR`, the same for every command that reads settings. */
export function configOption(): Option {
  return new Option(
    '--config <dir>',
    'folder with aixops.yaml, inventory.yaml and policy.yaml; else AIXOPS_CONFIG, else this folder',
  );
}

/** `--json`, the same for every command that has it. */
export function jsonOption(): Option {
  return new Option('--json', 'print one JSON document instead');
}

/** Headings under which `aixops --help` lists the commands. */
export const groups = {
  look: 'Look, and change nothing:',
  setUp: 'Set up:',
  serve: 'Run:',
} as const;

/** The exit statuses at the end of a command's help, one a line. */
export function exitStatuses(meanings: Readonly<Record<number, string>>): string {
  const lines = Object.entries(meanings).map(([status, meaning]) => `  ${status.padEnd(4)}${meaning}`);
  return ['', 'Exit status:', ...lines].join('\n');
}
