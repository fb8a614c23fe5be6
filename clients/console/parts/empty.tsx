// An empty list says why it is empty and the one next action.
import type { ReactNode } from 'react';

interface Props {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** It is all there is on the page. */
  isPage?: boolean;
}

export function Empty({ title, children, action, isPage = false }: Props) {
  const Title = isPage ? 'h1' : 'h2';
  return (
    <div className="mx-auto flex max-w-md flex-col items-center px-4 pt-20 pb-10 text-center">
      <Title className="text-title font-semibold">{title}</Title>
      {children && <p className="mt-1.5 text-ink-2">{children}</p>}
      {action && <div className="mt-5">{action}</div>}
    </div>
  );
}

/** Still loading for the first time. Said after a moment only, so that a quick answer does not flicker. */
export function Loading({ what }: { what: string }) {
  return (
    <p role="status" className="late px-5 pt-6 text-ink-3">
      Loading {what} …
    </p>
  );
}
