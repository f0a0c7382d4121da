import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

export const root = new URL('../..', import.meta.url).pathname;
export const chart = join(root, 'helm');

const found = z
  .union([z.object({ path: z.string() }), z.object({ missing: z.string() })])
  .parse(JSON.parse(execFileSync(process.execPath, [join(root, '.config/helm.mjs')], { encoding: 'utf8' })));

/** Where helm is, or null; the reason is printed, once. */
export const helm = 'path' in found ? found.path : null;
if ('missing' in found) process.stdout.write(`The chart is not tested: ${found.missing}.\n`);

/** Helm's own default is a Kubernetes of years ago. */
export const kubeVersion = '1.33.0';

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs helm to its end; values that are objects go in by standard input. */
export function runHelm(args: readonly string[], values?: unknown): Promise<Answer> {
  const all = [...args, ...(values === undefined ? [] : ['--values', '-'])];
  return new Promise((resolve) => {
    const options = { maxBuffer: 64 * 1024 * 1024, timeout: 120_000 };
    const child = execFile(helm ?? 'helm', all, options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(values === undefined ? '' : JSON.stringify(values));
  });
}

/** An object as it was rendered; looked into with `at`. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly [key: string]: unknown;
}

const shape = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }),
});

export interface Rendering {
  readonly files?: readonly string[];
  readonly values?: unknown;
  /** Another copy of it. */
  readonly chart?: string;
}

/** The chart with `minimal.yaml`, further files of values over it, and values over those. */
export function template({ files = [], values, chart: at = chart }: Rendering): Promise<Answer> {
  const named = ['minimal', ...files].flatMap((name) => ['--values', valuesFile(name)]);
  const settled = ['--namespace', 'ops', '--kube-version', kubeVersion];
  return runHelm(['template', 'aixops', at, ...settled, ...named], values);
}

export function valuesFile(name: string): string {
  return join(root, 'test/helm/values', `${name}.yaml`);
}

/** The objects of a rendering that must succeed. */
export async function objects(rendering: Rendering): Promise<readonly KubernetesObject[]> {
  const { code, stdout, stderr } = await template(rendering);
  if (code !== 0) throw new Error(stderr);
  // As Kubernetes reads it: 0400 is a mode in octal.
  return parseAllDocuments(stdout, { version: '1.1' })
    .map((document): unknown => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      return document.toJS() as unknown;
    })
    .filter((content) => content !== null && content !== undefined)
    .map((content) => shape.parse(content));
}

/** What lies at a path of names and places in a list; undefined where it ends before. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (now, part) =>
      typeof now === 'object' && now !== null
        ? (now as Readonly<Record<string | number, unknown>>)[part]
        : undefined,
    value,
  );
}

/** A list at a path; empty where there is none. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as readonly unknown[]) : [];
}

/** The pod that an object starts: its labels and its specification; null where it starts none. */
export function podOf(object: KubernetesObject): { readonly labels: unknown; readonly spec: unknown } | null {
  if (object.kind === 'Pod') return { labels: object.metadata.labels, spec: object['spec'] };
  if (object.kind !== 'Deployment' && object.kind !== 'StatefulSet') return null;
  const pod = at(object, 'spec', 'template');
  return { labels: at(pod, 'metadata', 'labels'), spec: at(pod, 'spec') };
}
