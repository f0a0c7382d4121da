import type { Result } from './table.js';

/** One benchmark, as the registry has it. */
export interface Bench {
  readonly name: string;
  readonly title: string;
  /** Measures; `quick` is a small size of it, for looking whether it works. */
  run(how: { readonly quick: boolean }): Promise<Result>;
}

/** A benchmark of two sizes: `full` for the manual, `quick` for a look. */
export function bench<Size>(definition: {
  readonly name: string;
  readonly title: string;
  readonly full: Size;
  readonly quick: Size;
  readonly run: (size: Size) => Promise<Omit<Result, 'bench' | 'title'>>;
}): Bench {
  const { name, title, full, quick, run } = definition;
  return {
    name,
    title,
    run: async (how) => ({ ...(await run(how.quick ? quick : full)), bench: name, title }),
  };
}
