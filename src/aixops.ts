#!/usr/bin/env node
import { Command } from 'commander';
import { registerCheck } from './cli/check.js';
import { registerDemo } from './cli/demo.js';
import { registerEnrol } from './cli/enrol.js';
import { registerExplain } from './cli/explain.js';
import { registerInventory } from './cli/inventory.js';
import { registerManifest } from './cli/manifest.js';
import { registerPlan } from './cli/plan.js';
import { registerRun } from './cli/run.js';
import { registerStart } from './cli/start.js';
import { complain } from './cli/terminal.js';

const program = new Command('aixops')
  .description('Diagnoses and repairs RMC between AIX LPARs and their HMC, from Slack or from here.')
  .version('0.1.0')
  .showSuggestionAfterError()
  .showHelpAfterError('Type the command with --help to see what it takes.')
  .configureHelp({ sortSubcommands: true });

for (const register of [
  registerCheck,
  registerDemo,
  registerEnrol,
  registerExplain,
  registerInventory,
  registerManifest,
  registerPlan,
  registerRun,
  registerStart,
])
  register(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = complain(error);
}
