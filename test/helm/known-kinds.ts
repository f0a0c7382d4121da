import { join } from 'node:path';
import ts from 'typescript';
import { root, type KubernetesObject } from './helm.js';

/** What kubernetes-models has against an object: wrong types, missing fields, values that Kubernetes refuses. */
export async function schemaProblems(object: KubernetesObject): Promise<readonly string[]> {
  const kinds = (await import(/* @vite-ignore */ `kubernetes-models/${object.apiVersion}`)) as Readonly<
    Record<string, (new (data: unknown) => { validate(): void }) | undefined>
  >;
  const Kind = kinds[object.kind];
  if (Kind === undefined) return [`no such kind is known: ${object.apiVersion} ${object.kind}`];
  try {
    new Kind(object).validate();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/**
 * Fields that no such object has. The validator lets them pass, and Kubernetes drops them in silence; the compiler does not
 * when each object stands as a literal beside its type.
 */
export function strayFields(objects: readonly KubernetesObject[]): readonly string[] {
  const file = join(root, 'test/helm/rendered-objects.ts');
  const lines = objects.map(
    (object, index) =>
      `export const _${index}: import('kubernetes-models/${object.apiVersion}/${object.kind}').I${object.kind} = ${JSON.stringify(object)};`,
  );
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    types: [],
  };
  const disk = ts.createCompilerHost(options);
  const content = lines.join('\n');
  const files: Partial<ts.CompilerHost> = {
    getSourceFile: (name, ...rest) =>
      name === file
        ? ts.createSourceFile(name, content, ts.ScriptTarget.ES2022)
        : disk.getSourceFile(name, ...rest),
    fileExists: (name) => name === file || disk.fileExists(name),
    readFile: (name) => (name === file ? content : disk.readFile(name)),
  };
  const program = ts.createProgram([file], options, { ...disk, ...files });
  return program.getSemanticDiagnostics(program.getSourceFile(file)).map(({ start = 0, messageText }) => {
    const { kind = '', metadata } = objects[content.slice(0, start).split('\n').length - 1] ?? {};
    return `${kind} ${metadata?.name ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}
