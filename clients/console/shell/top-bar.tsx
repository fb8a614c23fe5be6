// The top bar: where you are, whether what you see is live, and what concerns yourself.
import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useMatches } from '@tanstack/react-router';
import { signOut } from '../api/changes.ts';
import { node, session } from '../api/queries.ts';
import { useLive } from '../live/provider.tsx';
import { Menu } from '../parts/menu.tsx';
import { Preferences } from './preferences-panel.tsx';

/** A node's place has its id in the address and its name in the breadcrumb. */
function NodeName({ id }: { id: string }) {
  const { data } = useQuery({ ...node(id), refetchInterval: false });
  return <>{data?.name ?? `${id.slice(0, 8)}…`}</>;
}

function Breadcrumb() {
  const match = useMatches().at(-1);
  const parameters = (match?.params ?? {}) as Record<string, string>;
  const place = match?.staticData.place;
  if (place === undefined) return null;
  const leaf = place.leaf === undefined ? undefined : (parameters[place.leaf] ?? place.leaf);
  return (
    <nav aria-label="Breadcrumb" className="min-w-0">
      <ol className="flex items-center gap-1.5">
        <li>
          {leaf === undefined ? (
            <span className="text-ink-2">{place.name}</span>
          ) : (
            <Link to={place.to} search={{}} className="rounded-sm text-ink-2 hover:text-ink">
              {place.name}
            </Link>
          )}
        </li>
        {leaf !== undefined && (
          <li className="flex min-w-0 items-center gap-1.5">
            <span aria-hidden="true" className="text-ink-3">
              /
            </span>
            <span aria-current="page" className="truncate font-medium">
              {place.leaf === 'nodeId' ? <NodeName id={leaf} /> : leaf}
            </span>
          </li>
        )}
      </ol>
    </nav>
  );
}

function LiveIndicator() {
  const live = useLive();
  const words = {
    live: 'Live',
    connecting: 'Connecting',
    down: 'Paused',
    'signed-out': 'Signed out',
    gone: 'Not there',
  }[live.kind];
  return (
    <span
      role="status"
      className={`flex items-center gap-1.5 text-label ${live.kind === 'down' ? 'text-warn' : 'text-ink-3'}`}
    >
      <svg viewBox="0 0 8 8" aria-hidden="true" className="size-2">
        {live.kind === 'live' ? (
          <circle cx="4" cy="4" r="3" fill="currentColor" />
        ) : (
          <circle cx="4" cy="4" r="2.8" fill="none" stroke="currentColor" strokeWidth="1.4" />
        )}
      </svg>
      {words}
    </span>
  );
}

/** The session first: what is on the screen must not be asked again without one. Then nothing of it is kept. */
async function forget(cache: QueryClient): Promise<void> {
  await cache.resetQueries({ queryKey: ['session'] });
  cache.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
}

export function TopBar({ onHelp }: { onHelp: () => void }) {
  const cache = useQueryClient();
  const { data: own } = useQuery(session);
  const leave = useMutation({ mutationFn: signOut, onSettled: () => forget(cache) });
  return (
    <header className="flex h-10 shrink-0 items-center gap-4 border-b border-line px-5">
      <Breadcrumb />
      <div className="ml-auto flex items-center gap-3">
        <LiveIndicator />
        <button
          type="button"
          className="button button-quiet"
          aria-label="Keyboard shortcuts"
          aria-keyshortcuts="?"
          onClick={onHelp}
        >
          ?
        </button>
        <Menu label={own?.actor ?? '…'} title={`${own?.actor ?? ''}: preferences and sign out`}>
          {() => (
            <>
              <Preferences />
              <div className="mt-3 border-t border-line pt-3">
                <button type="button" className="button w-full justify-center" onClick={() => leave.mutate()}>
                  Sign out
                </button>
                <p className="hint mt-3 text-center">Overseer {own?.version}</p>
              </div>
            </>
          )}
        </Menu>
      </div>
    </header>
  );
}
