// The lines on screen: only those exist. It stays at the end until somebody scrolls up, and where somebody reads while more
// comes at either end.
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react';
import type { LogItem } from '#clients/sdk/logs.ts';
import { ScrollArea } from '../parts/scroll-area.tsx';
import { plural } from '../parts/words.ts';
import { useLineKeys } from './line-keys.ts';
import { LogRow, type RowLook } from './log-row.tsx';
import { dayOf } from './log-time.ts';

interface Props {
  label: string;
  items: readonly LogItem[];
  /** How many came live so far. */
  arrived: number;
  look: RowLook;
  nameOf: (node: string) => string;
  isFollowing: boolean;
  onFollow: (following: boolean) => void;
  /** Null: there is nothing before the first. */
  onOlder: (() => void) | null;
  onOpen: (item: LogItem) => void;
  /** Id of the line that is pointed at. */
  pointed: string | null;
  onPoint: (id: string) => void;
  /** Above the first line. */
  head: ReactNode;
}

const ROW = 20;
const NEAR_PX = 30;
/** So near to the beginning older lines are read. */
const EARLY_PX = 600;

const timeOf = (item: LogItem | undefined) =>
  item === undefined ? '' : item.type === 'line' ? item.at : (item.to ?? item.from ?? '');

export function LogList(props: Props) {
  const { label, items, arrived, look, nameOf, isFollowing, onFollow, onOlder, onOpen, pointed, onPoint, head } = props;
  const box = useRef<HTMLElement>(null);
  const last = useRef({ top: 0, height: 0 });
  const [leftAt, setLeftAt] = useState(arrived);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    getItemKey: (index) => items[index]?.id ?? index,
    overscan: 20,
    anchorTo: 'end',
    followOnAppend: isFollowing,
    scrollEndThreshold: NEAR_PX,
  });
  const toEnd = useEffectEvent(() => virtualizer.scrollToEnd());
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height are measured anew
  useEffect(() => {
    virtualizer.measure();
    if (isFollowing) toEnd();
  }, [virtualizer, look.wrap, look.times, look.showsNode, look.showsSource]);
  const isEmpty = items.length === 0;
  useEffect(() => {
    if (isFollowing && !isEmpty) toEnd();
  }, [isFollowing, isEmpty]);
  const toPointed = useEffectEvent(() => {
    const index = items.findIndex(({ id }) => id === pointed);
    if (index >= 0) virtualizer.scrollToIndex(index, { align: 'center' });
  });
  const isThere = pointed !== null && items.some(({ id }) => id === pointed);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another line is another place
  useEffect(() => {
    if (isThere) toPointed();
  }, [pointed, isThere]);
  useLineKeys({
    items,
    pattern: look.pattern,
    at: pointed,
    onPoint: (index) => {
      const item = items[index];
      if (item === undefined) return;
      if (isFollowing) setLeftAt(arrived);
      onFollow(false);
      onPoint(item.id);
      virtualizer.scrollToIndex(index, { align: 'auto' });
    },
    onOpen,
    onEnd: () => onFollow(true),
  });
  const scrolled = (at: HTMLElement) => {
    const isAtEnd = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_PX;
    // Rows that grow or go away move it too; only somebody's hand moves it up in a list that has not become shorter.
    const isByHand = at.scrollTop < last.current.top - 1 && at.scrollHeight >= last.current.height;
    last.current = { top: at.scrollTop, height: at.scrollHeight };
    if (isFollowing && !isAtEnd && isByHand) {
      setLeftAt(arrived);
      onFollow(false);
    } else if (!isFollowing && isAtEnd) onFollow(true);
    if (at.scrollTop < EARLY_PX) onOlder?.();
  };
  const fresh = isFollowing ? 0 : arrived - leftAt;
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <ScrollArea
        ref={box}
        isLog
        label={label}
        className="min-h-0 flex-1 border-t border-line bg-rail font-mono text-mono"
        onScroll={({ currentTarget }) => scrolled(currentTarget)}
        onClick={(target) => {
          const index = target.closest<HTMLElement>('[data-index]')?.dataset['index'];
          const item = items[Number(index)];
          // Who selects text to copy it wants nothing opened.
          if (index !== undefined && item !== undefined && getSelection()?.isCollapsed !== false) onOpen(item);
        }}
      >
        {head}
        <div
          className="relative min-w-full"
          style={{ height: virtualizer.getTotalSize(), width: look.wrap ? '100%' : 'max-content' }}
        >
          {virtualizer.getVirtualItems().map((row) => {
            const item = items[row.index] as LogItem;
            const day = dayOf(timeOf(item), look.times);
            const isNewDay =
              look.times !== 'off' && day !== '' && day !== dayOf(timeOf(items[row.index - 1]), look.times);
            return (
              <div
                key={row.key}
                ref={virtualizer.measureElement}
                data-index={row.index}
                className="absolute top-0 left-0 min-w-full"
                style={{ transform: `translateY(${row.start}px)`, ...(look.wrap ? { width: '100%' } : {}) }}
              >
                {isNewDay && <p className="px-4 pt-1 font-sans text-label font-medium text-ink-3">{day}</p>}
                <div
                  className={`flex min-h-5 cursor-default gap-2 px-4 leading-5 hover:bg-hover ${look.wrap ? 'max-sm:flex-wrap max-sm:gap-y-0' : ''} ${item.id === pointed ? 'bg-accent-soft' : ''}`}
                >
                  <LogRow item={item} node={nameOf(item.node)} look={look} />
                </div>
              </div>
            );
          })}
        </div>
      </ScrollArea>
      {!isFollowing && (
        <button
          type="button"
          className="button absolute right-5 bottom-3 text-accent shadow-pop"
          onClick={() => onFollow(true)}
        >
          ▼ {fresh > 0 ? plural(fresh, 'new line') : 'To the end'}
        </button>
      )}
    </div>
  );
}
