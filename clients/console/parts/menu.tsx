// A button that opens a small panel under it; Escape and a click elsewhere close it.
import { type ReactNode, useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';

interface Props {
  label: ReactNode;
  title: string;
  /** Given how to close it: a menu of actions has done its part when one was chosen. */
  children: (close: () => void) => ReactNode;
}

/** Left of it is the rail. */
const EDGE = 52;

export function Menu({ label, title, children }: Props) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const panel = useId();
  /** Pixels to the right, on a page too narrow for it. */
  const [shift, setShift] = useState(0);
  useLayoutEffect(() => {
    const left = open ? (box.current?.querySelector('[data-panel]')?.getBoundingClientRect().left ?? EDGE) : EDGE;
    setShift((before) => Math.max(0, EDGE - (left - before)));
  }, [open]);
  const close = useCallback(() => {
    setOpen(false);
    box.current?.querySelector('button')?.focus();
  }, []);
  useEffect(() => {
    if (!open) return;
    const pressed = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as globalThis.Node)) setOpen(false);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key === 'Escape') close();
    };
    document.addEventListener('pointerdown', pressed);
    document.addEventListener('keydown', key);
    return () => {
      document.removeEventListener('pointerdown', pressed);
      document.removeEventListener('keydown', key);
    };
  }, [open, close]);
  return (
    <div ref={box} className="relative">
      <button
        type="button"
        className="button"
        aria-expanded={open}
        aria-controls={panel}
        onClick={() => setOpen(!open)}
        aria-label={title}
      >
        {label}
        <svg viewBox="0 0 10 10" aria-hidden="true" className="size-2.5 text-ink-3">
          <path d="m2 3.5 3 3 3-3" fill="none" stroke="currentColor" strokeWidth="1.4" />
        </svg>
      </button>
      <div
        id={panel}
        hidden={!open}
        data-panel
        style={shift > 0 ? { transform: `translateX(${shift}px)` } : undefined}
        className="absolute right-0 z-30 mt-1 max-h-[70dvh] min-w-56 overflow-auto rounded-lg border border-line-strong bg-raised p-3 shadow-pop"
      >
        {open && children(close)}
      </div>
    </div>
  );
}
