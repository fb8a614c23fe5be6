// From when to when.
import { type FormEvent, useState } from 'react';
import { Menu } from '../parts/menu.tsx';
import type { LogSearch } from './log-search.ts';
import { fieldTime, rangeWords, timeOfField } from './log-time.ts';

const AGO = [
  [undefined, 'All time'],
  ['15m', 'Last 15 minutes'],
  ['1h', 'Last hour'],
  ['6h', 'Last 6 hours'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
] as const;

interface Props {
  since: string | undefined;
  until: string | undefined;
  onChange: (range: Pick<LogSearch, 'since' | 'until'>) => void;
}

function Between({ since, until, onChange }: Props) {
  const [from, setFrom] = useState(since === undefined ? '' : fieldTime(since));
  const [to, setTo] = useState(until === undefined ? '' : fieldTime(until));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange({ since: timeOfField(from) ?? undefined, until: timeOfField(to) ?? undefined });
  };
  return (
    <form className="mt-2 space-y-2 border-t border-line pt-3" onSubmit={submit}>
      <label className="label">
        <span className="column-title">From</span>
        <input
          type="datetime-local"
          className="field"
          value={from}
          max={to}
          onChange={({ target }) => setFrom(target.value)}
        />
      </label>
      <label className="label">
        <span className="column-title">Until</span>
        <input
          type="datetime-local"
          className="field"
          value={to}
          min={from}
          onChange={({ target }) => setTo(target.value)}
        />
      </label>
      <p className="hint">In this browser’s time. Without an end, new lines come live.</p>
      <button type="submit" className="button w-full justify-center">
        Show
      </button>
    </form>
  );
}

export function RangeMenu(range: Props) {
  const words = rangeWords(range.since, range.until);
  return (
    <Menu label={words} title={`Time: ${words}`}>
      {(close) => {
        const choose: Props['onChange'] = (chosen) => {
          range.onChange(chosen);
          close();
        };
        return (
          <div className="w-56">
            <ul>
              {AGO.map(([since, title]) => (
                <li key={title}>
                  <button
                    type="button"
                    className="button button-quiet w-full aria-[current=true]:bg-hover aria-[current=true]:text-ink"
                    aria-current={range.since === since && range.until === undefined}
                    onClick={() => choose({ since, until: undefined })}
                  >
                    {title}
                  </button>
                </li>
              ))}
            </ul>
            <Between {...range} onChange={choose} />
          </div>
        );
      }}
    </Menu>
  );
}
