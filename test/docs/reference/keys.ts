/** Every key of a schema of settings, as the manual lists it. */
import { z } from 'zod';

/** One key that may be written. */
export interface Key {
  /** `digest.channels[].time`. */
  readonly path: string;
  /** What may stand there, in the words in which a wrong value is refused. */
  readonly type: string;
  /** Markdown: the default as code, *needed*, or nothing where it is simply left out. */
  readonly otherwise: string;
  readonly meaning: string;
}

/** The keys of an object's schema, in its order; of a section the keys in it. */
export function keysOf(schema: z.ZodType, path = ''): readonly Key[] {
  const bare = bareOf(schema);
  if (bare instanceof z.ZodObject) {
    const shape = bare.shape as Readonly<Record<string, z.ZodType>>;
    return Object.entries(shape).flatMap(([name, inner]) =>
      keysIn(inner, path === '' ? name : `${path}.${name}`),
    );
  }
  return [];
}

function keysIn(schema: z.ZodType, path: string): readonly Key[] {
  const bare = bareOf(schema);
  if (bare instanceof z.ZodObject) return keysOf(bare, path);
  if (bare instanceof z.ZodRecord) {
    const inner = keysOf(bare.valueType as z.ZodType, `${path}.NAME`);
    if (inner.length > 0) return inner;
  }
  if (bare instanceof z.ZodArray) {
    const inner = keysOf(bare.element as z.ZodType, `${path}[]`);
    if (inner.length > 0) return inner;
  }
  return [{ path, type: typeOf(schema, bare), otherwise: otherwiseOf(schema), meaning: meaningOf(schema) }];
}

/** Without defaults, optionality and transformations. */
function bareOf(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodCatch
  )
    return bareOf(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodPipe) {
    // `preprocess` has its schema behind the pipe, `transform` before it.
    const [from, to] = [schema.in as z.ZodType, schema.out as z.ZodType];
    return bareOf(from instanceof z.ZodTransform ? to : from);
  }
  return schema;
}

/** The first description on the way to the bare schema. */
function meaningOf(schema: z.ZodType): string {
  if (schema.description !== undefined) return schema.description;
  const inner = innerOf(schema);
  return inner === null ? '' : meaningOf(inner);
}

function innerOf(schema: z.ZodType): z.ZodType | null {
  if (schema instanceof z.ZodPipe) {
    const from = schema.in as z.ZodType;
    return from instanceof z.ZodTransform ? (schema.out as z.ZodType) : from;
  }
  return schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable
    ? (schema.unwrap() as z.ZodType)
    : null;
}

/** A value that no schema of settings takes: what is said of it is what may stand there. */
const wrong = Symbol('wrong');

function typeOf(schema: z.ZodType, bare: z.ZodType): string {
  const refused = schema.safeParse(wrong).error?.issues[0]?.message ?? '';
  const said = /^This (?:is|must be) (?<words>.+?)\.?$/.exec(refused)?.groups?.['words'];
  // Behind a colon stands what to do, except in a list of what there is.
  const words =
    said?.includes('a list of: ') === true || said?.startsWith('a list of days') === true
      ? said
      : said?.split(': ')[0];
  const plain = words ?? plainWords(bare);
  const limits = limitsOf(bare);
  return limits === '' ? plain : `${plain}, ${limits}`;
}

function plainWords(bare: z.ZodType): string {
  if (bare instanceof z.ZodBoolean) return 'true or false';
  if (bare instanceof z.ZodEnum) return Object.keys(bare.enum).join(', ');
  if (bare instanceof z.ZodLiteral) return [...bare.values].join(', ');
  if (bare instanceof z.ZodRecord) return 'a mapping of names to text';
  if (bare instanceof z.ZodArray) return 'a list';
  return 'text';
}

function limitsOf(bare: z.ZodType): string {
  if (!(bare instanceof z.ZodNumber)) return '';
  const { minValue, maxValue } = bare;
  if (minValue === null || maxValue === null || !Number.isSafeInteger(maxValue + 1)) return '';
  return `${minValue} to ${maxValue}`;
}

function otherwiseOf(schema: z.ZodType): string {
  if (schema instanceof z.ZodOptional) return '';
  if (schema instanceof z.ZodDefault) {
    const value: unknown = schema.def.defaultValue;
    if (value === null || (Array.isArray(value) && value.length === 0)) return '';
    if (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0) return '';
    return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
  }
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodPipe) {
    const inner = innerOf(schema);
    return inner === null ? '' : otherwiseOf(inner);
  }
  return schema.safeParse(undefined).success ? '' : '*needed*';
}
