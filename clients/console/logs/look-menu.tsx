// How lines are shown in this browser, and the lines as a file.
import { Menu } from '../parts/menu.tsx';
import { type PreferenceName, prefer, usePreference } from '../shell/preferences.ts';
import { downloadAddress, type LogSearch } from './log-search.ts';

const TIMES = [
  ['off', 'Off'],
  ['local', 'Local'],
  ['utc', 'UTC'],
] as const;

function Switch({ name, title, hotkey }: { name: PreferenceName; title: string; hotkey: string | null }) {
  const isOn = usePreference(name) === 'on';
  return (
    <label className="flex h-7 items-center gap-2 whitespace-nowrap">
      <input
        type="checkbox"
        className="size-4 accent-accent"
        checked={isOn}
        onChange={() => prefer(name, isOn ? 'off' : 'on')}
      />
      <span className="flex-1">{title}</span>
      {hotkey !== null && <kbd className="font-mono text-mono text-ink-3">{hotkey}</kbd>}
    </label>
  );
}

export function LookMenu() {
  const times = usePreference('logTimes');
  return (
    <Menu label="View" title="View: times, wrapping, colours">
      {() => (
        <div className="w-52 space-y-1">
          <Switch name="logWrap" title="Wrap long lines" hotkey="w" />
          <Switch name="logColours" title="Colours of programs" hotkey={null} />
          <fieldset className="pt-1">
            <legend className="column-title mb-1">Time of each line (t)</legend>
            <div className="flex rounded-md border border-line-strong p-0.5">
              {TIMES.map(([value, words]) => (
                <label
                  key={value}
                  className="flex h-6 flex-1 cursor-pointer items-center justify-center rounded px-2 text-ink-2 has-checked:bg-hover has-checked:font-medium has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent"
                >
                  <input
                    type="radio"
                    name="log-times"
                    checked={times === value}
                    onChange={() => prefer('logTimes', value)}
                    className="sr-only"
                  />
                  {words}
                </label>
              ))}
            </div>
          </fieldset>
        </div>
      )}
    </Menu>
  );
}

export function DownloadMenu({ search }: { search: LogSearch }) {
  return (
    <Menu label="Download" title="Download what is shown">
      {(close) => (
        <div className="w-60">
          {(['text', 'ndjson'] as const).map((format) => (
            <a
              key={format}
              className="button button-quiet w-full"
              href={downloadAddress(search, format)}
              download
              onClick={close}
            >
              {format === 'text' ? 'As text' : 'As NDJSON, one line an object'}
            </a>
          ))}
          <p className="hint mt-2 border-t border-line pt-2">
            All lines that match, not only those on screen. A large one goes on where it broke off with{' '}
            <code className="font-mono">overseer logs --download</code>.
          </p>
        </div>
      )}
    </Menu>
  );
}
