// The compose text with line numbers; a faulty line is marked. Tab indents, Escape then Tab leaves.
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';

interface Props {
  value: string;
  faultLine: number | null;
  onChange: (value: string) => void;
}

const SAMPLE = `services:
  web:
    image: nginx:1.27
    ports: ["8080:80"]
`;

export function ComposeField({ value, faultLine, onChange }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const [leaving, setLeaving] = useState(false);
  const lines = Math.max(value.split('\n').length, 1);
  useEffect(() => {
    if (faultLine === null || area.current === null) return;
    area.current.focus();
    area.current.scrollTop = Math.max(0, (faultLine - 5) * 18);
  }, [faultLine]);
  const key = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Escape') setLeaving(true);
    if (event.key !== 'Tab' || event.shiftKey || leaving) return;
    event.preventDefault();
    document.execCommand('insertText', false, '  ');
  };
  return (
    <div className="min-w-0 space-y-1.5">
      <label htmlFor="compose" className="label">
        compose.yaml
      </label>
      <div className="flex h-[68dvh] min-h-64 overflow-hidden rounded-md border border-control bg-raised focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-accent">
        <div
          ref={gutter}
          aria-hidden="true"
          className="w-11 shrink-0 overflow-hidden border-r border-line bg-rail py-2 text-right font-mono text-mono text-ink-3 select-none"
        >
          {Array.from({ length: lines }, (_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
            <div key={at} className={`pr-2.5 ${faultLine === at + 1 ? 'bg-bad-soft font-semibold text-bad' : ''}`}>
              {at + 1}
            </div>
          ))}
        </div>
        <textarea
          ref={area}
          id="compose"
          required
          wrap="off"
          spellCheck={false}
          placeholder={SAMPLE}
          aria-invalid={faultLine !== null}
          aria-describedby="compose-keys"
          className="min-w-0 flex-1 resize-none bg-transparent px-3 py-2 font-mono text-mono outline-none placeholder:text-ink-3"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={key}
          onBlur={() => setLeaving(false)}
          onScroll={(event) => {
            if (gutter.current !== null) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
      <p id="compose-keys" className="hint">
        Tab indents; Escape, then Tab, leaves the field.
      </p>
    </div>
  );
}
