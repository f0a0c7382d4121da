import type { Command } from 'commander';
import { newStepUpSecret } from '../approval/step-up.js';
import { UsageError } from '../core/errors.js';
import { groups } from './options.js';

/** `aixops step-up <user>`: a new secret for a person's authenticator. It is printed, and kept nowhere. */
export function registerStepUp(program: Command): void {
  program
    .command('step-up')
    .helpGroup(groups.setUp)
    .summary('make a secret for step-up codes')
    .description(
      'Makes a secret with which a person proves an approval by the code of an authenticator, where policy.yaml says ' +
        'stepUp: true. The first line goes into the file that STEP_UP_SECRETS_FILE names (mode 0600); the second is the ' +
        'address to scan or paste into the authenticator. It is printed once and kept nowhere: hand it over in private.',
    )
    .argument('<user>', 'Slack user id, such as U0123456789')
    .action((user: string) => {
      if (!/^[UW][A-Z0-9]{2,20}$/.test(user))
        throw new UsageError(
          `"${user}" is no Slack user id: copy the member ID from the person's profile, such as U0123456789.`,
        );
      const { secret, url } = newStepUpSecret(user);
      process.stdout.write(`${user}: ${secret}\n${url}\n`);
    });
}
