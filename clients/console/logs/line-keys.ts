// Lines by keyboard: j and k go from one to the next, n and N from one match to the next, o opens, G goes to the end.
import { useEffect, useEffectEvent } from 'react';
import type { LogItem } from '#clients/sdk/logs.ts';
import { whenShortcut } from '../shell/shortcuts.ts';
import { matches } from './log-text.ts';

interface Lines {
  readonly items: readonly LogItem[];
  readonly pattern: RegExp | null;
  /** Id of the line that is pointed at. */
  readonly at: string | null;
  readonly onPoint: (index: number) => void;
  readonly onOpen: (item: LogItem) => void;
  readonly onEnd: () => void;
}

const isFound = (item: LogItem | undefined, pattern: RegExp | null) =>
  item?.type === 'line' && matches(item.text, pattern);

export function useLineKeys({ items, pattern, at, onPoint, onOpen, onEnd }: Lines): void {
  const here = () => items.findIndex(({ id }) => id === at);
  const step = useEffectEvent((by: number) => {
    const from = here() < 0 ? items.length : here();
    onPoint(Math.max(0, Math.min(items.length - 1, from + by)));
  });
  const toMatch = useEffectEvent((by: 1 | -1) => {
    const from = here();
    // Whoever has not begun is at the end, and everything is before it.
    if (from < 0 && by > 0) return toMatch(-1);
    for (let index = (from < 0 ? items.length : from) + by; index >= 0 && index < items.length; index += by) {
      if (isFound(items[index], pattern)) return onPoint(index);
    }
  });
  const open = useEffectEvent(() => {
    const item = items[here()];
    if (item !== undefined) onOpen(item);
  });
  const end = useEffectEvent(onEnd);
  useEffect(
    () =>
      whenShortcut({
        j: () => step(1),
        k: () => step(-1),
        n: () => toMatch(1),
        'Shift+N': () => toMatch(-1),
        'Shift+G': () => end(),
        o: () => open(),
      }),
    [],
  );
}
