// Copies a text. Over plain HTTP a browser has no clipboard API; a selection and the old command still work there.
import { useState } from 'react';

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    (document.querySelector('dialog[open]') ?? document.body).append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [result, setResult] = useState<'none' | 'copied' | 'failed'>('none');
  return (
    <>
      <button
        type="button"
        className="button"
        aria-label={`Copy ${what}`}
        onClick={async () => {
          setResult((await copy(text)) ? 'copied' : 'failed');
          setTimeout(() => setResult('none'), 2500);
        }}
      >
        {result === 'copied' ? 'Copied ✓' : result === 'failed' ? 'Select and copy by hand' : 'Copy'}
      </button>
      <span role="status" className="sr-only">
        {result === 'copied' ? `Copied ${what}` : ''}
      </span>
    </>
  );
}
