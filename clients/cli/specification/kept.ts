// What stays of a stack although nobody said it: what would be gone if only what is said counted. Pure.
import { type Draft, merged, type Said } from './merged.ts';

/** In the order in which people think of them. */
const PARTS = [
  ...(['compose', 'source', 'files', 'env', 'secrets', 'profiles', 'scale', 'drift', 'logs', 'images'] as const),
  ...(['targets', 'dependsOn', 'strategy'] as const),
];

/** What the core takes when nothing is said: nobody misses it. */
const UNSAID: Draft = {
  drift: 'correct',
  logs: { collect: 'all' },
  images: { policy: 'off' },
  strategy: { rollback: true, gate: 'healthy', pauseSeconds: 0, stabilitySeconds: 5, healthTimeoutSeconds: 120 },
};

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same text for the same value, whatever the order of its keys. */
function textOf(value: unknown): string {
  const sorted = (_: string, one: unknown) => (isRecord(one) ? Object.fromEntries(Object.entries(one).sort()) : one);
  return JSON.stringify(value, sorted);
}

/** Empty when it means no more than if nothing were said. */
function meaning(value: unknown, unsaid: unknown): string {
  if (value === undefined || value === unsaid || (Array.isArray(value) && value.length === 0)) return '';
  if (!isRecord(value)) return textOf(value);
  const usual = isRecord(unsaid) ? unsaid : {};
  const some = Object.entries(value).filter(([key, one]) => one !== usual[key]);
  return some.length === 0 ? '' : textOf(Object.fromEntries(some));
}

/** @param floor what counts although it is not kept: a specification that was given as a whole */
export function keptOf(base: Draft, floor: Draft, said: Said): string[] {
  const all = merged(base, said);
  const alone = merged(floor, said);
  return PARTS.filter((part) => {
    if (part === 'targets') return alone.targets === undefined && all.targets !== undefined;
    return meaning(all[part], UNSAID[part]) !== meaning(alone[part], UNSAID[part]);
  });
}
