// Pure: what a stack's text says of single services: how long each must be steady, and which of them are jobs.
import { ownKeys, type ServiceGate } from '#infra/compose/own-keys.ts';

type Gates = Readonly<Record<string, ServiceGate>>;

/** A look every few seconds reads no text again. */
const known = new WeakMap<object, Gates>();

export function gatesOf(target: { readonly compose: string }): Gates {
  const before = known.get(target);
  if (before !== undefined) return before;
  const { services } = ownKeys(target.compose);
  known.set(target, services);
  return services;
}
