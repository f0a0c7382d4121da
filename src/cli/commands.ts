import type { Command } from 'commander';

type Register = (program: Command) => void;

/** Each command by its name; loaded when asked for, since reading a capture needs neither Slack nor Redis. */
export const cliCommands: Readonly<Record<string, () => Promise<Register>>> = {
  demo: async () => (await import('./demo.js')).registerDemo,
  explain: async () => (await import('./explain.js')).registerExplain,
  run: async () => (await import('./run.js')).registerRun,
  plan: async () => (await import('./plan.js')).registerPlan,
  digest: async () => (await import('./digest.js')).registerDigest,
  manifest: async () => (await import('./manifest.js')).registerManifest,
  enrol: async () => (await import('./enrol.js')).registerEnrol,
  check: async () => (await import('./check.js')).registerCheck,
  sudoers: async () => (await import('./sudoers.js')).registerSudoers,
  start: async () => (await import('./start.js')).registerStart,
  health: async () => (await import('./health.js')).registerHealth,
  'step-up': async () => (await import('./step-up.js')).registerStepUp,
  audit: async () => (await import('./audit.js')).registerAudit,
  inventory: async () => (await import('./inventory.js')).registerInventory,
};
