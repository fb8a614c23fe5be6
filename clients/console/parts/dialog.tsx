// A modal dialog: the browser's own, which holds the focus, closes on Escape and gives the focus back.
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
}

export function Dialog({ title, onClose, children, wide = false }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Before the element leaves the page, or the browser could not give the focus back.
  useLayoutEffect(() => {
    const dialog = element.current;
    if (dialog !== null && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className={`m-auto max-h-[88dvh] w-[calc(100vw-32px)] overflow-auto rounded-xl border border-line-strong bg-raised p-0 text-ink shadow-pop ${wide ? 'max-w-3xl' : 'max-w-lg'}`}
    >
      <div className="flex items-center justify-between border-b border-line py-2.5 pr-2.5 pl-5">
        <h2 id={heading} className="text-[14px] font-semibold">
          {title}
        </h2>
        <button type="button" className="button button-quiet" onClick={onClose} aria-label="Close">
          <svg viewBox="0 0 12 12" aria-hidden="true" className="size-3">
            <path d="m2 2 8 8m0-8-8 8" stroke="currentColor" strokeWidth="1.6" />
          </svg>
        </button>
      </div>
      <div className="px-5 py-4">{children}</div>
    </dialog>
  );
}
