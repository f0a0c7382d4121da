import type { Sight } from '../../diagnostics/rmc/sight.js';

/** What `rmcctrl -z` stops: ctrmc and every resource manager on file. Names outside the SRC's own alphabet are left to the bounded wait. */
export function stoppedByRmcctrl(sight: Pick<Sight, 'subsystems'>): readonly string[] {
  const managers = (sight.subsystems ?? [])
    .filter((subsystem) => subsystem.group === 'rsct_rm')
    .map(({ name }) => name);
  return ['ctrmc', ...managers.filter((name) => /^[A-Za-z0-9_.]{1,30}$/.test(name)).sort()];
}
