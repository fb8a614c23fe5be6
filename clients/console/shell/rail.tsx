// The left rail: where everything is. Below 1024 px only the drawings remain, with their names for assistive technology.
import { Link, useMatches } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Sign } from './sign.tsx';

const PLACES: readonly {
  to:
    | '/nodes'
    | '/stacks'
    | '/deployments'
    | '/secrets'
    | '/logs'
    | '/events'
    | '/audit'
    | '/notifications'
    | '/readers';
  name: string;
  drawing: ReactNode;
}[] = [
  {
    to: '/nodes',
    name: 'Nodes',
    drawing: <path d="M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01" />,
  },
  { to: '/stacks', name: 'Stacks', drawing: <path d="M8 2 14 5 8 8 2 5zM2 8l6 3 6-3M2 11l6 3 6-3" /> },
  { to: '/deployments', name: 'Deployments', drawing: <path d="M8 11V2.5M4.5 6 8 2.5 11.5 6M2.5 13.5h11" /> },
  {
    to: '/secrets',
    name: 'Secrets',
    drawing: <path d="M10.5 2a3.5 3.5 0 1 0 .01 0M8 8l-5.5 5.5V15h2v-1.5H6V12h1.5l1.6-3M11.5 4.5h.01" />,
  },
  { to: '/logs', name: 'Logs', drawing: <path d="M2 3.5h12M2 6.5h8M2 9.5h10M2 12.5h6" /> },
  { to: '/events', name: 'Events', drawing: <path d="M1.5 8H5l2-5 2.5 10 2-5h3" /> },
  {
    to: '/notifications',
    name: 'Notifications',
    drawing: <path d="M4 11V7a4 4 0 0 1 8 0v4l1.5 1.5h-11zM6.5 14.5h3" />,
  },
  { to: '/audit', name: 'Audit', drawing: <path d="M3.5 2h9v12h-9zM6 5.5h4M6 8h4M6 10.5h2.5" /> },
  {
    to: '/readers',
    name: 'Readers',
    drawing: <path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 1 0 .01 0" />,
  },
];

export function Rail() {
  const here = useMatches().at(-1)?.staticData.place?.to;
  return (
    <nav aria-label="Main" className="flex w-12 shrink-0 flex-col border-r border-line bg-rail lg:w-[200px]">
      <Link to="/nodes" className="flex h-10 items-center gap-2 px-[15px]" aria-label="Overseer, nodes">
        <Sign className="size-[18px]" />
        <span className="hidden text-[14px] font-semibold tracking-tight lg:inline">Overseer</span>
      </Link>
      <ul className="mt-2 space-y-0.5 px-2">
        {PLACES.map(({ to, name, drawing }) => (
          <li key={to}>
            <Link
              to={to}
              search={{}}
              aria-label={name}
              aria-current={here === to ? 'page' : undefined}
              className="flex h-8 items-center gap-2.5 rounded-md px-2 text-ink-2 hover:bg-hover hover:text-ink aria-[current=page]:bg-hover aria-[current=page]:font-medium aria-[current=page]:text-ink"
            >
              <svg
                viewBox="0 0 16 16"
                aria-hidden="true"
                className="size-4 shrink-0"
                fill="none"
                stroke="currentColor"
                strokeWidth="1.35"
                strokeLinejoin="round"
                strokeLinecap="round"
              >
                {drawing}
              </svg>
              <span className="hidden lg:inline">{name}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
