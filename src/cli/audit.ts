import { Option, type Command } from 'commander';
import { configOption, exitStatuses, groups, jsonOption } from './options.js';

export interface VerifyCall {
  readonly file?: string;
  readonly publicKey?: string;
  readonly anchor?: string;
  readonly json?: boolean;
  readonly config?: string;
}

export interface ExportCall {
  readonly format: 'jsonl' | 'csv';
  readonly from?: string;
  readonly to?: string;
  readonly object?: string;
  readonly pseudonymise?: boolean;
  readonly config?: string;
}

/** `aixops audit`: checks the audit trail, writes it out, and makes the key that signs its checkpoints. */
export function registerAudit(program: Command): void {
  const audit = program
    .command('audit')
    .helpGroup(groups.look)
    .summary('check or export the audit trail')
    .description('Checks or exports the audit trail. It only reads. What is in it: docs/audit.md.');
  registerVerify(audit);
  registerExport(audit);
  audit
    .command('keygen')
    .description(
      'Prints a new key pair. The private key goes to AUDIT_SIGNING_KEY of the workers, the public one to those who verify.',
    )
    .action(async () => {
      const { newKeyPair } = await import('../audit/signing-key.js');
      const { privateKey, publicKey } = newKeyPair();
      process.stdout.write(`${privateKey}${publicKey}`);
    });
}

function registerVerify(audit: Command): void {
  audit
    .command('verify')
    .description('Reads the whole trail and names every record that was changed, removed, put in or moved.')
    .option('--file <export>', 'an export as JSONL in place of Redis; - for stdin')
    .option('--public-key <file>', 'PEM of the public keys whose checkpoints count')
    .option('--anchor <file>', 'an earlier export, or checkpoints of it, that was kept elsewhere')
    .addOption(jsonOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      exitStatuses({
        0: 'the trail is whole',
        2: 'it was tampered with',
        3: 'it could not be read',
        64: 'the call or the settings make no sense',
      }),
    )
    .action(async (options: VerifyCall) => {
      const { verify } = await import('./audit-verify.js');
      process.exitCode = await verify(options);
    });
}

function registerExport(audit: Command): void {
  audit
    .command('export')
    .description('Writes records to stdout, the oldest first, with the checkpoints that prove them.')
    .addOption(new Option('--format <format>', 'how').choices(['jsonl', 'csv']).default('jsonl'))
    .option('--from <time>', 'records of then and later, such as 2026-07-01 or 2026-07-01T08:00Z')
    .option('--to <time>', 'records of before then')
    .option('--object <id>', 'records about one change, request or target')
    .option('--pseudonymise', 'replace people by pseudonyms, and leave out what they wrote')
    .addOption(configOption())
    .addHelpText('after', '\nJSONL verifies later: aixops audit verify --file <export>. CSV is for reading.')
    .action(async (options: ExportCall) => {
      const { exportTrail } = await import('./audit-export.js');
      await exportTrail(options);
    });
}
