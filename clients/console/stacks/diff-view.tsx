// A text that changed: what went is marked with −, what came with +, and by colour on top.
import { type DiffLine, lineDiff } from '#clients/sdk/line-diff.ts';
import { ScrollArea } from '../parts/scroll-area.tsx';
import { plural } from '../parts/words.ts';

const LOOKS = { same: '', gone: 'bg-bad-soft', new: 'bg-accent-soft' } as const;
const SIGNS = { same: ' ', gone: '−', new: '+' } as const;
const SPOKEN = { same: '', gone: 'removed: ', new: 'added: ' } as const;

function Line({ line }: { line: DiffLine }) {
  return (
    <span className={`grid grid-cols-[40px_40px_18px_1fr] ${LOOKS[line.kind]}`}>
      <span aria-hidden="true" className="pr-2 text-right text-ink-2 select-none">
        {line.before}
      </span>
      <span aria-hidden="true" className="pr-2 text-right text-ink-2 select-none">
        {line.after}
      </span>
      <span aria-hidden="true" className="text-center select-none">
        {SIGNS[line.kind]}
      </span>
      <span className="pr-4 whitespace-pre">
        <span className="sr-only">{SPOKEN[line.kind]}</span>
        {line.text === '' ? ' ' : line.text}
      </span>
    </span>
  );
}

function Skipped({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span className="block border-y border-line bg-rail px-3 font-sans text-label text-ink-3 first:border-t-0">
      {plural(count, 'line')} alike
    </span>
  );
}

export function DiffView({ title, before, after }: { title: string; before: string; after: string }) {
  const { hunks, rest } = lineDiff(before, after);
  if (hunks.length === 0) return null;
  return (
    <div>
      <h3 className="mb-1.5 font-mono text-mono font-semibold">{title}</h3>
      <ScrollArea label={`Changes of ${title}`} className="panel max-h-[46dvh]">
        <pre className="min-w-max font-mono text-mono">
          {hunks.map(({ skipped, lines, oldStart }) => (
            <span key={oldStart}>
              <Skipped count={skipped} />
              {lines.map((line) => (
                <Line key={`${line.before} ${line.after}`} line={line} />
              ))}
            </span>
          ))}
          <Skipped count={rest} />
        </pre>
      </ScrollArea>
    </div>
  );
}
