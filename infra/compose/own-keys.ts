// Pure: what a Compose text says to Overseer by `x-overseer`, at its top for the whole stack and in a service for that one.
// Compose itself leaves keys that begin with `x-` alone. Only the stack's main text is read, not what it includes.
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { Strategy } from '#subjects/schema/stack.ts';

const ServiceGate = z.strictObject({
  /** Instead of the stack's. */
  stabilitySeconds: Strategy.shape.stabilitySeconds,
  /** It must end with 0, however long it runs first. */
  job: z.optional(z.literal(true)),
});
export type ServiceGate = z.infer<typeof ServiceGate>;

export interface OwnKeys {
  readonly strategy: Strategy;
  readonly services: Readonly<Record<string, ServiceGate>>;
  /** What can't be understood, with its path; null when all is. */
  readonly fault: { readonly path: string; readonly detail: string } | null;
}

const NOTHING: OwnKeys = { strategy: {}, services: {}, fault: null };
const KEY = 'x-overseer';

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Nothing for a text that is no YAML: Compose says so better. */
export function ownKeys(compose: string): OwnKeys {
  if (!compose.includes(KEY)) return NOTHING;
  let root: unknown;
  try {
    root = parse(compose, { merge: true, maxAliasCount: 100, logLevel: 'error' });
  } catch {
    return NOTHING;
  }
  if (!isMap(root)) return NOTHING;
  const services: Record<string, ServiceGate> = {};
  let fault: OwnKeys['fault'] = null;
  const read = <T>(path: string, schema: z.ZodMiniType<T>, value: unknown, otherwise: T): T => {
    const parsed = schema.safeParse(value ?? otherwise);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const at = [path, ...(issue?.path ?? [])].join('.');
    fault ??= { path: at, detail: issue?.message ?? 'can not be understood' };
    return otherwise;
  };
  const strategy = read<Strategy>(KEY, Strategy, root[KEY], {});
  for (const [name, body] of Object.entries(isMap(root['services']) ? root['services'] : {})) {
    if (!isMap(body) || body[KEY] === undefined) continue;
    services[name] = read<ServiceGate>(`services.${name}.${KEY}`, ServiceGate, body[KEY], {});
  }
  return { strategy, services, fault };
}
