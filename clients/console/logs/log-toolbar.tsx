// What is looked for in the logs, and how it is shown. Everything that chooses lines stands in the address.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import { nodes, stacks } from '../api/queries.ts';
import { byName } from '../parts/words.ts';
import { whenShortcut } from '../shell/shortcuts.ts';
import type { LogSearch } from './log-search.ts';
import { RangeMenu } from './range-menu.tsx';

interface Toolbar {
  search: LogSearch;
  /** What the page it is on says already. */
  fixed: Pick<LogSearch, 'stack' | 'node'>;
  onChange: (patch: LogSearch) => void;
}

interface Choice {
  label: string;
  all: string;
  value: string | undefined;
  options: readonly (readonly [string, string])[];
  onChange: (value: string | undefined) => void;
}

function Select({ label, all, value, options, onChange }: Choice) {
  const isKnown = value === undefined || options.some(([key]) => key === value);
  return (
    <select
      aria-label={label}
      className="field h-[28px] w-auto max-w-40 px-1.5"
      value={value ?? ''}
      onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
    >
      <option value="">{all}</option>
      {/* What was removed left its lines. */}
      {!isKnown && <option value={value}>{value}</option>}
      {options.map(([key, words]) => (
        <option key={key} value={key}>
          {words}
        </option>
      ))}
    </select>
  );
}

/** A search begins when somebody stops typing: each one may read a lot. */
const TYPED_MS = 400;

function SearchField({ search, onChange }: Pick<Toolbar, 'search' | 'onChange'>) {
  const input = useRef<HTMLInputElement>(null);
  const isRegex = search.regex !== undefined;
  const sought = search.regex ?? search.text ?? '';
  const [typed, setTyped] = useState(sought);
  const [kind, setKind] = useState<'text' | 'regex'>(isRegex ? 'regex' : 'text');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setTyped(sought), [sought]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => whenShortcut({ '/': () => input.current?.select() }), []);
  const seek = (text: string, as: 'text' | 'regex') => {
    clearTimeout(timer.current);
    const value = text === '' ? undefined : text;
    onChange({ text: as === 'text' ? value : undefined, regex: as === 'regex' ? value : undefined, line: undefined });
  };
  return (
    <div className="flex w-80 max-w-full min-w-0 items-center gap-1">
      <input
        ref={input}
        type="search"
        aria-label="Search"
        aria-keyshortcuts="/"
        placeholder={kind === 'regex' ? 'expression (RE2)' : 'text'}
        className="field h-[28px] min-w-0 flex-1"
        maxLength={512}
        value={typed}
        spellCheck={false}
        autoComplete="off"
        onChange={({ target }) => {
          setTyped(target.value);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => seek(target.value, kind), TYPED_MS);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') seek(typed, kind);
          else if (event.key === 'Escape' && typed === '') input.current?.blur();
          else if (event.key === 'Escape') seek('', kind);
          else return;
          event.preventDefault();
        }}
      />
      <button
        type="button"
        className="button button-quiet font-mono aria-pressed:bg-hover aria-pressed:text-ink"
        aria-pressed={kind === 'regex'}
        aria-label="As an expression"
        title="As an expression (RE2)"
        onClick={() => {
          const other = kind === 'regex' ? 'text' : 'regex';
          setKind(other);
          if (typed !== '') seek(typed, other);
        }}
      >
        .*
      </button>
      <select
        aria-label="Other lines"
        className="field h-[28px] w-auto px-1.5"
        // What an expression finds the core knows alone.
        disabled={kind === 'regex'}
        value={kind === 'regex' ? 'off' : (search.mark ?? 'off')}
        onChange={({ target }) => onChange({ mark: target.value === 'on' ? 'on' : undefined })}
      >
        <option value="off">only these</option>
        <option value="on">mark them</option>
      </select>
    </div>
  );
}

function NameField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const [typed, setTyped] = useState(value ?? '');
  useEffect(() => setTyped(value ?? ''), [value]);
  const done = () => onChange(typed.trim() === '' ? undefined : typed.trim());
  return (
    <input
      aria-label={label}
      placeholder={label.toLowerCase()}
      className="field h-[28px] w-28"
      maxLength={255}
      value={typed}
      spellCheck={false}
      autoComplete="off"
      onChange={({ target }) => setTyped(target.value)}
      onBlur={done}
      onKeyDown={({ key }) => key === 'Enter' && done()}
    />
  );
}

export function LogToolbar({ search, fixed, onChange }: Toolbar) {
  const known = useQuery({ ...nodes, refetchInterval: false });
  const placed = useQuery({ ...stacks, refetchInterval: false });
  const nodeNames = (known.data ?? []).map(({ id, name }) => [id, name] as const).sort(([, a], [, b]) => byName(a, b));
  const stackNames = (placed.data ?? []).map(({ name }) => [name, name] as const).sort(([a], [b]) => byName(a, b));
  // On a narrow page the lines need the room.
  const [isOpen, setOpen] = useState(false);
  const filters = useId();
  const { stack, node, service, container, stream, since, until } = search;
  const said = { stack, node, service, container, stream, since, until, ...fixed };
  const count = Object.values(said).filter((value) => value !== undefined).length - Object.keys(fixed).length;
  const choose = (patch: LogSearch) => onChange({ ...patch, line: undefined });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchField search={search} onChange={onChange} />
      <button
        type="button"
        className="button sm:hidden"
        aria-expanded={isOpen}
        aria-controls={filters}
        onClick={() => setOpen(!isOpen)}
      >
        Filters{count > 0 && ` (${count})`}
      </button>
      <div id={filters} className={`flex-wrap items-center gap-2 sm:flex ${isOpen ? 'flex' : 'hidden'}`}>
        {fixed.stack === undefined && (
          <Select
            label="Stack"
            all="all stacks"
            value={search.stack}
            options={stackNames}
            onChange={(stack) => choose({ stack })}
          />
        )}
        {fixed.node === undefined && (
          <Select
            label="Node"
            all="all nodes"
            value={search.node}
            options={nodeNames}
            onChange={(node) => choose({ node })}
          />
        )}
        <NameField label="Service" value={search.service} onChange={(service) => choose({ service })} />
        <NameField label="Container" value={search.container} onChange={(container) => choose({ container })} />
        <Select
          label="Stream"
          all="both streams"
          value={search.stream}
          options={[
            ['stdout', 'stdout'],
            ['stderr', 'stderr'],
          ]}
          onChange={(stream) => choose({ stream })}
        />
        <RangeMenu since={search.since} until={search.until} onChange={choose} />
      </div>
    </div>
  );
}
