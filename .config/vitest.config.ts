import { defineConfig } from 'vitest/config';

// Whole stories of minutes with fail-overs in them: Slack's three seconds count there, so nothing runs beside them.
const alone = ['test/e2e/rolling.test.ts'];
// For what hangs, and not for what is slow: a busy machine can stand still for many seconds.
const limits = {
  ...{ testTimeout: 60_000, hookTimeout: 120_000, pool: 'forks' },
  expect: { poll: { timeout: 20_000 } },
} as const;

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    reporters: ['default'],
    projects: [
      {
        extends: true,
        test: {
          ...limits,
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: ['node_modules/**', ...alone],
          // Most tests wait for a shell, a server or a browser: more of them than cores go well together.
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { ...limits, name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
