// The filter of a list; `/` brings the focus here, Escape clears and leaves.
import { useEffect, useRef } from 'react';
import { whenShortcut } from '../shell/shortcuts.ts';

interface Props {
  value: string;
  label: string;
  hint: string;
  onChange: (value: string) => void;
}

export function FilterField({ value, label, hint, onChange }: Props) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => whenShortcut({ '/': () => input.current?.select() }), []);
  return (
    <div className="relative w-72 max-w-full">
      <input
        ref={input}
        type="search"
        aria-label={label}
        aria-keyshortcuts="/"
        placeholder={hint}
        className="field h-[28px] pr-8 placeholder:font-normal"
        value={value}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          if (value === '') input.current?.blur();
          else onChange('');
          event.preventDefault();
        }}
      />
      {value === '' && (
        <span
          aria-hidden="true"
          className="pointer-events-none absolute top-1/2 right-1.5 -translate-y-1/2 rounded border border-line-strong px-1.5 font-mono text-[11px] leading-4 text-ink-3"
        >
          /
        </span>
      )}
    </div>
  );
}
