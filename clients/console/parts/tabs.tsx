// The parts of a page that has several: links, so that each has its address; [ and ] go through them.
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent } from 'react';
import { whenShortcut } from '../shell/shortcuts.ts';

interface Props<Key extends string> {
  label: string;
  tabs: readonly { readonly key: Key; readonly title: string; readonly count?: number | undefined }[];
  open: Key;
}

export function Tabs<Key extends string>({ label, tabs, open }: Props<Key>) {
  const navigate = useNavigate();
  const first = tabs[0]?.key;
  // The search of whatever page it is on: the router can't know which.
  const searchOf = (key: Key | undefined) => (key === first ? {} : { tab: key }) as never;
  const step = useEffectEvent((by: number) => {
    const at = tabs.findIndex(({ key }) => key === open) + by;
    const next = tabs[(at + tabs.length) % tabs.length];
    void navigate({ to: '.', search: searchOf(next?.key), replace: true });
  });
  useEffect(() => whenShortcut({ '[': () => step(-1), ']': () => step(1) }), []);
  return (
    <nav aria-label={label} className="mb-4 flex gap-1 overflow-x-auto border-b border-line">
      {tabs.map(({ key, title, count }) => (
        <Link
          key={key}
          to="."
          search={searchOf(key)}
          replace
          activeOptions={{ exact: true }}
          aria-current={key === open ? 'page' : undefined}
          className="-mb-px flex h-9 items-center gap-1.5 border-b-2 border-transparent px-3 text-ink-2 hover:text-ink aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-ink"
        >
          {title}
          {count !== undefined && <span className="text-label font-normal text-ink-3">{count}</span>}
        </Link>
      ))}
    </nav>
  );
}
