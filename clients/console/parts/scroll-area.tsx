// A part of a page that scrolls by itself. It can be focused: what scrolls must be reachable by keyboard.
import type { ReactNode, Ref, UIEvent } from 'react';

interface Props {
  label: string;
  className: string;
  children: ReactNode;
  /** For output that grows. */
  isLog?: boolean;
  ref?: Ref<HTMLElement>;
  onScroll?: (event: UIEvent<HTMLElement>) => void;
  /** For the mouse; there is another way for the keyboard. Given what was pressed. */
  onClick?: (target: Element) => void;
}

export function ScrollArea({ label, className, children, isLog = false, ref, onScroll, onClick }: Props) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: see `onClick`
    <section
      ref={ref ?? null}
      aria-label={label}
      {...(isLog ? { role: 'log', 'aria-live': 'off' as const } : {})}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      className={`overflow-auto ${className}`}
      onScroll={onScroll}
      onClick={({ target }) => target instanceof Element && onClick?.(target)}
    >
      {children}
    </section>
  );
}
