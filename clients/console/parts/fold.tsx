// A part of a form that is folded away. A field in it that is not valid opens it: nobody can correct what can't be seen,
// and a browser does not put the focus there.
import type { ReactNode } from 'react';

interface Props {
  title: string;
  /** What it holds, in a few words. */
  aside: string;
  children: ReactNode;
}

export function Fold({ title, aside, children }: Props) {
  return (
    <details
      className="group border-t border-line pt-3"
      onInvalidCapture={({ currentTarget }) => {
        currentTarget.open = true;
      }}
    >
      <summary className="flex min-h-6 items-baseline gap-2">
        <span aria-hidden="true" className="text-ink-3 group-open:rotate-90">
          ▸
        </span>
        <span className="font-medium">{title}</span>
        <span className="min-w-0 flex-1 truncate text-ink-3">{aside}</span>
      </summary>
      <div className="pt-3">{children}</div>
    </details>
  );
}
