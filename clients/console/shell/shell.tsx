// The frame around every screen: rail, top bar, banner, shortcuts; the log-in in its place while there is no session.
import { useQuery } from '@tanstack/react-query';
import { Outlet, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { Problem } from '#clients/sdk/problem.ts';
import { session } from '../api/queries.ts';
import { LiveProvider, useLive } from '../live/provider.tsx';
import { useNow } from '../parts/clock.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Loading } from '../parts/empty.tsx';
import { ProblemPage } from '../parts/problem-view.tsx';
import { duration } from '../parts/words.ts';
import { Login } from '../session/login.tsx';
import { Rail } from './rail.tsx';
import { SHORTCUTS, whenShortcut } from './shortcuts.ts';
import { TopBar } from './top-bar.tsx';

function Banner() {
  const live = useLive();
  useNow();
  if (live.kind !== 'down') return null;
  const wait = live.retryAt - Date.now();
  return (
    <p className="flex h-6 shrink-0 items-center justify-center bg-warn-soft text-label font-medium text-warn">
      Live updates paused — reconnecting{wait > 0 ? ` (${duration(wait + 999)})` : ' …'}
    </p>
  );
}

function Help({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-1.5">
        {SHORTCUTS.map(([key, does]) => (
          <div key={key} className="col-span-2 grid grid-cols-subgrid">
            <dt>
              <kbd className="rounded border border-line-strong bg-hover px-1.5 py-0.5 font-mono text-mono">{key}</kbd>
            </dt>
            <dd className="text-ink-2">{does}</dd>
          </div>
        ))}
      </dl>
      <p className="hint mt-4">Single-key shortcuts can be switched off in the menu at the top right.</p>
    </Dialog>
  );
}

function Frame() {
  const navigate = useNavigate();
  const [help, setHelp] = useState(false);
  useEffect(() => {
    const ask = () => setHelp(true);
    return whenShortcut({
      'g n': () => void navigate({ to: '/nodes' }),
      'g s': () => void navigate({ to: '/stacks' }),
      'g d': () => void navigate({ to: '/deployments' }),
      'g k': () => void navigate({ to: '/secrets' }),
      'g l': () => void navigate({ to: '/logs' }),
      'g e': () => void navigate({ to: '/events' }),
      'g a': () => void navigate({ to: '/audit' }),
      'g o': () => void navigate({ to: '/notifications' }),
      'g r': () => void navigate({ to: '/readers' }),
      '?': ask,
      'Shift+?': ask,
    });
  }, [navigate]);
  return (
    <div className="flex h-full">
      <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:p-2">
        Skip to content
      </a>
      <Rail />
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar onHelp={() => setHelp(true)} />
        <Banner />
        <main id="content" tabIndex={-1} className="min-h-0 flex-1 overflow-auto outline-none">
          <Outlet />
        </main>
      </div>
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  );
}

export function Shell() {
  const { error, isPending, refetch } = useQuery(session);
  if (isPending) return <Loading what="the console" />;
  if (error instanceof Problem && error.status === 401) return <Login />;
  if (error)
    return (
      <main>
        <ProblemPage error={error} onRetry={() => void refetch()} />
      </main>
    );
  return (
    <LiveProvider>
      <Frame />
    </LiveProvider>
  );
}
