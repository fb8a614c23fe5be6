// What a tool said, line by line, drawn as text and nothing else. Follows its end until somebody scrolls up.
import { useEffect, useRef, useState } from 'react';
import { plain } from '../parts/ansi.ts';
import { ScrollArea } from '../parts/scroll-area.tsx';
import { plural } from '../parts/words.ts';

const LINES_SHOWN = 500;
/** So near to the end is at the end. */
const NEAR_PX = 24;

interface Props {
  lines: readonly string[];
  isLive: boolean;
  label?: string;
}

export function Output({ lines, isLive, label = 'Output' }: Props) {
  const box = useRef<HTMLElement>(null);
  /** How many lines there were when somebody scrolled away; null while it follows. */
  const [leftAt, setLeftAt] = useState<number | null>(null);
  const [all, setAll] = useState(false);
  const shown = all ? lines : lines.slice(-LINES_SHOWN);
  const hidden = lines.length - shown.length;
  const fresh = leftAt === null ? 0 : lines.length - leftAt;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new line scrolls
  useEffect(() => {
    if (isLive && leftAt === null && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [lines.length, isLive, leftAt]);
  return (
    <div className="relative mt-2">
      <ScrollArea
        ref={box}
        isLog
        label={label}
        className="max-h-80 rounded-md border border-line bg-rail px-3 py-2"
        onScroll={({ currentTarget: at }) => {
          const isAtEnd = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_PX;
          setLeftAt((held) => (isAtEnd ? null : (held ?? lines.length)));
        }}
      >
        {hidden > 0 && (
          <button type="button" className="button button-quiet mb-1" onClick={() => setAll(true)}>
            Show {plural(hidden, 'earlier line')}
          </button>
        )}
        <pre className="font-mono text-mono break-words whitespace-pre-wrap text-ink-2">
          {shown.map(plain).join('\n')}
        </pre>
      </ScrollArea>
      {isLive && leftAt !== null && (
        <button
          type="button"
          className="button absolute right-4 bottom-2 text-accent shadow-pop"
          onClick={() => setLeftAt(null)}
        >
          ▼ {fresh > 0 ? `${plural(fresh, 'new line')}` : 'Follow'}
        </button>
      )}
    </div>
  );
}
