// A smallest value for any schema of the contract, so that a double of the bus answers in the right shape. Pure.
import * as z from 'zod/mini';

const WORDS = [
  'a'.repeat(26),
  'web',
  '2026-11-23T20:00:00.000Z',
  'f'.repeat(64),
  `U${'A'.repeat(55)}`,
  // A real one, with its checksum.
  'age149smrygu32us7rdecvyhca5e6ql9zdeqjn24p5kdhux22pqfr3wsfp3jra',
  'http://127.0.0.1:7700',
  'stack.put',
  'dev.overseer.node.online.v1',
  '/opt/web',
  'ssh://git@forge/web.git',
  // A log file's id.
  'f'.repeat(32),
  '1',
  // A raw public key and a signature, base64url.
  'A'.repeat(43),
  'A'.repeat(86),
];

type Schema = z.core.$ZodType;

interface Definition {
  readonly type: string;
  readonly shape?: Record<string, Schema>;
  readonly element?: Schema;
  readonly innerType?: Schema;
  readonly options?: readonly Schema[];
  readonly entries?: Record<string, string>;
  readonly values?: readonly unknown[];
}

function fitting(schema: Schema, candidates: readonly unknown[]): unknown {
  const found = candidates.find((candidate) => z.safeParse(schema, candidate).success);
  if (found === undefined) throw new Error('no candidate fits a schema of the contract: add one');
  return found;
}

/** With every field; without those that can't stand beside the others. */
function objectOf(schema: Schema, shape: Record<string, Schema>): unknown {
  const whole = Object.fromEntries(
    Object.entries(shape).map(([key, of]) => [
      key,
      // A list of one page.
      /^(nextC|c)ursor$/.test(key) ? null : exampleOf(of),
    ]),
  );
  if (z.safeParse(schema, whole).success) return whole;
  const optional = Object.keys(shape).filter((key) => shape[key]?._zod.def.type === 'optional');
  const without = (left: string) => Object.fromEntries(Object.entries(whole).filter(([key]) => key !== left));
  return optional.map(without).findLast((one) => z.safeParse(schema, one).success) ?? whole;
}

export function exampleOf(schema: Schema): unknown {
  const definition = schema._zod.def as unknown as Definition;
  switch (definition.type) {
    case 'object':
      return objectOf(schema, definition.shape ?? {});
    case 'array':
      return [exampleOf(definition.element as Schema)];
    case 'record':
      return {};
    case 'optional':
    case 'nullable':
    case 'default':
      return exampleOf(definition.innerType as Schema);
    case 'union':
      return exampleOf(definition.options?.[0] as Schema);
    case 'enum':
      return Object.values(definition.entries ?? {})[0];
    case 'literal':
      return definition.values?.[0];
    case 'boolean':
      return true;
    case 'string':
      return fitting(schema, WORDS);
    case 'int':
    case 'number':
      return fitting(schema, [1, 10]);
    default:
      return null;
  }
}
