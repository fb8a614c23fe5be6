// How wide the sources of lines are.
import { useRef } from 'react';
import { sourceOf } from '#clients/sdk/log-words.ts';
import type { LogItem } from '#clients/sdk/logs.ts';
import type { LogSearch } from './log-search.ts';

const WIDEST = 32;
/** Enough to meet all that speak; older lines are mostly of the same. */
const LOOKED_AT = 300;

/** In characters. It grows only, or lines would move sideways while somebody reads. */
export function useSourceWidth(
  items: readonly LogItem[] | undefined,
  { node, stack, service }: LogSearch,
  nameOf: (node: string) => string,
): number {
  const widest = useRef({ of: '', width: 0 });
  const of = [node, stack, service].join('\n');
  if (widest.current.of !== of) widest.current = { of, width: 0 };
  for (const item of items?.slice(-LOOKED_AT) ?? []) {
    const name = node === undefined ? nameOf(item.node).length + 1 : 0;
    const source = stack === undefined || service === undefined ? sourceOf(item).length : 0;
    widest.current.width = Math.min(WIDEST, Math.max(widest.current.width, name + source));
  }
  return widest.current.width;
}
