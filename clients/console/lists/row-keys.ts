// j and k go through the rows of a list by moving the focus; Enter then opens, as on any link.
import { type RefObject, useEffect, useEffectEvent } from 'react';
import { whenShortcut } from '../shell/shortcuts.ts';

function focusedRow(): number | null {
  const row = document.activeElement?.closest('[data-index]');
  return row instanceof HTMLElement ? Number(row.dataset['index']) : null;
}

export function useRowKeys(box: RefObject<HTMLElement | null>, count: number, show: (index: number) => void): void {
  const focusRow = useEffectEvent((index: number) => {
    if (count === 0) return;
    const bounded = Math.max(0, Math.min(count - 1, index));
    show(bounded);
    // A row that was off screen is drawn a frame later.
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        box.current
          ?.querySelector<HTMLElement>(`[data-index="${bounded}"] :is(a, button)`)
          ?.focus({ preventScroll: true }),
      ),
    );
  });
  useEffect(
    () =>
      whenShortcut({
        j: () => focusRow((focusedRow() ?? -1) + 1),
        k: () => focusRow((focusedRow() ?? 1) - 1),
      }),
    [],
  );
}
