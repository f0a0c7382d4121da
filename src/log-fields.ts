import { AsyncLocalStorage } from 'node:async_hooks';

/** What each line of the log says besides its own fields while some work is under way. */
const underWay = new AsyncLocalStorage<Record<string, string | number>>();

/** Does `work` with `fields` in each line that is logged meanwhile, besides those of the work around it. */
export function withLogFields<T>(fields: Readonly<Record<string, string | number>>, work: () => T): T {
  return underWay.run({ ...underWay.getStore(), ...fields }, work);
}

/** Adds to the fields of the work under way what was learned meanwhile: who asked for it, on what, what came of it. */
export function noteInLog(fields: Readonly<Record<string, string | number>>): void {
  const now = underWay.getStore();
  if (now !== undefined) Object.assign(now, fields);
}

/** The fields of the work under way. */
export function logFields(): Readonly<Record<string, string | number>> {
  return underWay.getStore() ?? {};
}
