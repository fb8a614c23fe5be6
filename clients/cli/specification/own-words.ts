// What a stack's own text says of it: external secrets, and its strategy by `x-overseer`. The core tells it with what was
// sent; sent back it would outlive the text that said it. Pure.
import { parse } from 'yaml';
import type { Schemas } from '#clients/sdk/client.ts';

type Specification = Schemas['StackSpec'];
type Secrets = NonNullable<Specification['secrets']>;
type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function rootOf(text: string): Fields {
  try {
    return fieldsOf(parse(text, { merge: true }));
  } catch {
    // The core has read it, so it means something; just not to us.
    return {};
  }
}

/** A use that says services or a variable is nobody's but the sender's. */
function isOfText(declared: unknown, name: string, { secret = name, services, environment }: Secrets[string]): boolean {
  const { external, name: outside } = fieldsOf(declared);
  const isPlain = services === undefined && environment === undefined;
  return isPlain && external === true && secret === (typeof outside === 'string' ? outside : name);
}

/** Without what the text says itself. */
export function withoutOwnWords(spec: Specification, text: string): Specification {
  const root = rootOf(text);
  const declared = fieldsOf(root['secrets']);
  const own = fieldsOf(root['x-overseer']);
  const { secrets, strategy, ...rest } = spec;
  const uses = Object.entries(secrets ?? {}).filter(([name, use]) => !isOfText(declared[name], name, use));
  const ways = Object.entries(strategy ?? {}).filter(([key, value]) => own[key] !== value);
  return {
    ...rest,
    ...(secrets === undefined ? {} : { secrets: Object.fromEntries(uses) }),
    ...(strategy === undefined ? {} : { strategy: Object.fromEntries(ways) }),
  };
}
