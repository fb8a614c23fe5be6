// One line of a log, or a gap in it. Text is text: nothing of it becomes markup.
import { memo } from 'react';
import { gapAmount, gapReason, sourceOf } from '#clients/sdk/log-words.ts';
import type { LogGap, LogItem, LogLine } from '#clients/sdk/logs.ts';
import { plain } from '../parts/ansi.ts';
import { plural } from '../parts/words.ts';
import { lookClass, sourceClass } from './log-colours.ts';
import { piecesOf } from './log-text.ts';
import { clockTime, type TimeForm } from './log-time.ts';

export interface RowLook {
  readonly times: TimeForm;
  readonly wrap: boolean;
  readonly colours: boolean;
  readonly pattern: RegExp | null;
  /** What all lines have in common need not stand before each. */
  readonly showsNode: boolean;
  readonly showsSource: boolean;
  /** Characters of the longest of them, so that texts stand below each other. */
  readonly sourceWidth: number;
}

interface Props {
  item: LogItem;
  node: string;
  look: RowLook;
}

function Text({ item, look }: { item: LogLine; look: RowLook }) {
  const { pieces, rest } = piecesOf(item.text, look.pattern);
  return (
    <span
      className={`${look.wrap ? 'min-w-0 flex-1 break-words whitespace-pre-wrap max-sm:basis-full' : 'whitespace-pre'} ${
        item.stream === 'stderr' ? 'max-sm:border-l-2 max-sm:border-bad max-sm:pl-2' : ''
      }`}
    >
      {pieces.map(({ from, text, look: own, isFound }) => {
        const classes = look.colours ? lookClass(own) : '';
        if (isFound)
          return (
            <mark key={from} className="rounded-xs bg-found text-ink">
              {text}
            </mark>
          );
        if (classes === '') return text;
        return (
          <span key={from} className={classes}>
            {text}
          </span>
        );
      })}
      {rest > 0 && <span className="text-ink-3"> … {plural(rest, 'more character')}</span>}
      {item.partial && <span className="text-ink-3"> …</span>}
    </span>
  );
}

export function gapWords(gap: LogGap, node: string): string {
  const verb = gap.rows === 1 ? 'is' : 'are';
  return plain(`${gapAmount(gap)} ${verb} missing on ${node} ${sourceOf(gap)}: ${gapReason(gap)}`);
}

function GapRow({ gap, node, times }: { gap: LogGap; node: string; times: TimeForm }) {
  const { from, to } = gap;
  const between = from !== null && to !== null && times !== 'off';
  return (
    <p className="flex min-w-0 flex-1 flex-wrap gap-x-3 border-y border-warn bg-warn-soft px-2 font-sans font-medium text-warn">
      <span className="first-letter:uppercase">{gapWords(gap, node)}</span>
      {between && (
        <span className="font-normal">
          {clockTime(from, times)} – {clockTime(to, times)}
        </span>
      )}
    </p>
  );
}

function Row({ item, node, look }: Props) {
  if (item.type === 'gap') return <GapRow gap={item} node={node} times={look.times} />;
  const source = sourceOf(item);
  const isError = item.stream === 'stderr';
  return (
    <>
      {look.times !== 'off' && (
        <time dateTime={item.at} className="shrink-0 text-ink-3 select-none">
          {clockTime(item.at, look.times)}
        </time>
      )}
      {(look.showsNode || look.showsSource) && (
        <span
          className={`shrink-0 truncate select-none ${sourceClass(`${node} ${source}`)}`}
          style={{ width: `${look.sourceWidth}ch` }}
          title={`${node} ${source}`}
        >
          {look.showsNode && plain(node)}
          {look.showsNode && look.showsSource && ' '}
          {look.showsSource && plain(source)}
        </span>
      )}
      <span
        aria-hidden="true"
        title={isError ? 'stderr' : 'stdout'}
        className={`w-[2px] shrink-0 self-stretch max-sm:hidden ${isError ? 'bg-bad' : 'bg-line'}`}
      />
      {isError && <span className="sr-only">stderr</span>}
      <Text item={item} look={look} />
    </>
  );
}

/** Lines never change: only how they are looked at does. */
export const LogRow = memo(Row);
