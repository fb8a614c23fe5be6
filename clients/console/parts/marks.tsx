// A state is always shape and text; colour comes on top, and only for what is not as it should be.
import type { ReactNode } from 'react';

type Shape =
  | 'disc'
  | 'half'
  | 'ring'
  | 'diamond'
  | 'bars'
  | 'cross'
  | 'check'
  | 'turning'
  | 'back'
  | 'differs'
  | 'plus';
type Tone = 'calm' | 'quiet' | 'busy' | 'warn' | 'bad';

const LOOKS: Readonly<Record<string, readonly [Shape, Tone]>> = {
  online: ['disc', 'calm'],
  suspect: ['half', 'warn'],
  offline: ['ring', 'bad'],
  pending: ['diamond', 'quiet'],
  drained: ['bars', 'quiet'],
  paused: ['bars', 'quiet'],
  running: ['disc', 'calm'],
  applying: ['turning', 'busy'],
  degraded: ['half', 'warn'],
  failed: ['cross', 'bad'],
  refused: ['cross', 'bad'],
  stopped: ['bars', 'quiet'],
  removing: ['turning', 'busy'],
  removed: ['ring', 'quiet'],
  progressing: ['turning', 'busy'],
  succeeded: ['check', 'calm'],
  accepted: ['check', 'calm'],
  ok: ['check', 'calm'],
  superseded: ['ring', 'quiet'],
  exited: ['ring', 'bad'],
  dead: ['cross', 'bad'],
  restarting: ['turning', 'warn'],
  missing: ['ring', 'bad'],
  created: ['diamond', 'quiet'],
  unhealthy: ['cross', 'bad'],
  waiting: ['diamond', 'quiet'],
  held: ['bars', 'quiet'],
  parked: ['diamond', 'quiet'],
  'rolled-back': ['back', 'warn'],
  drifted: ['differs', 'warn'],
  planned: ['check', 'calm'],
  leaves: ['ring', 'quiet'],
  delivered: ['check', 'calm'],
  valid: ['disc', 'calm'],
  expired: ['ring', 'warn'],
  given: ['cross', 'bad'],
  create: ['plus', 'busy'],
  recreate: ['turning', 'warn'],
  start: ['plus', 'busy'],
  stop: ['bars', 'warn'],
  remove: ['cross', 'bad'],
  keep: ['disc', 'quiet'],
};

const INK: Readonly<Record<Tone, string>> = {
  calm: 'text-ink-2',
  quiet: 'text-ink-3',
  busy: 'text-accent',
  warn: 'text-warn',
  bad: 'text-bad',
};

const DRAWINGS: Readonly<Record<Shape, ReactNode>> = {
  disc: <circle cx="6" cy="6" r="3.6" fill="currentColor" />,
  ring: <circle cx="6" cy="6" r="3.4" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  half: (
    <>
      <circle cx="6" cy="6" r="3.7" fill="none" stroke="currentColor" strokeWidth="1.4" />
      <path d="M6 2.3a3.7 3.7 0 0 0 0 7.4z" fill="currentColor" />
    </>
  ),
  diamond: <path d="M6 2 10 6 6 10 2 6z" fill="none" stroke="currentColor" strokeWidth="1.4" />,
  bars: <path d="M4.2 2.5v7M7.8 2.5v7" stroke="currentColor" strokeWidth="1.8" />,
  cross: <path d="m2.8 2.8 6.4 6.4m0-6.4L2.8 9.2" stroke="currentColor" strokeWidth="1.8" />,
  check: <path d="m2.2 6.4 2.6 2.6 5-5.6" fill="none" stroke="currentColor" strokeWidth="1.7" />,
  back: (
    <path
      d="M4.6 2 2 4.6l2.6 2.6M2.2 4.6H7a2.6 2.6 0 0 1 0 5.2H4"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
    />
  ),
  differs: <path d="M2 4.4h8M2 7.8h8M8 1.8 4 10.4" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  plus: <path d="M6 2v8M2 6h8" stroke="currentColor" strokeWidth="1.7" />,
  turning: <path d="M6 1.9A4.1 4.1 0 1 1 1.9 6" fill="none" stroke="currentColor" strokeWidth="1.7" />,
};

/** `isStill`: what would be done, not what is being done. */
export function Mark({ state, isStill = false }: { state: string; isStill?: boolean }) {
  const [shape, tone] = LOOKS[state] ?? ['diamond', 'quiet'];
  return (
    <svg
      viewBox="0 0 12 12"
      aria-hidden="true"
      className={`size-3 shrink-0 ${INK[tone]} ${shape === 'turning' && !isStill ? 'turning' : ''}`}
    >
      {DRAWINGS[shape]}
    </svg>
  );
}

/** Shape and word. `children` replace the word, not the state. */
export function State({ state, children }: { state: string; children?: ReactNode }) {
  const [, tone] = LOOKS[state] ?? ['diamond', 'quiet'];
  const ink = tone === 'warn' || tone === 'bad' || tone === 'busy' ? INK[tone] : tone === 'quiet' ? 'text-ink-2' : '';
  return (
    <span className={`flex min-w-0 items-center gap-1.5 ${ink}`}>
      <Mark state={state} />
      <span className="truncate">{children ?? state}</span>
    </span>
  );
}
