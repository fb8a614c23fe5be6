// How long Compose may bring a stack up. It waits for dependencies by itself, and for ever: a job that hangs, a service
// that never gets healthy. Where all images are there nothing but that takes long; where Compose fetches or builds, it
// speaks while it works, and only silence counts.
import type { StepOf } from './steps.ts';

/** To make containers, beside what a stack itself is given to become healthy. */
const MAKING_MS = 60_000;
/** A large layer is unpacked without a word. */
const SILENCE_MS = 10 * 60_000;

export interface Patience {
  /** Aborted when it is over, or when `signal` is. */
  readonly signal: AbortSignal;
  hearing(onLine: (line: string) => void): (line: string) => void;
  isOver(): boolean;
  end(): void;
}

type Terms = Pick<StepOf<'up'>, 'pull'> & { readonly target: { readonly healthTimeoutSeconds: number } };

export function patienceFor({ target, pull }: Terms, signal: AbortSignal, makingMs = MAKING_MS): Patience {
  const over = new AbortController();
  const longest = target.healthTimeoutSeconds * 1000 + makingMs;
  const ms = pull === 'never' ? longest : Math.max(longest, SILENCE_MS);
  const arm = () => setTimeout(() => over.abort(), ms);
  let timer = arm();
  return {
    signal: AbortSignal.any([signal, over.signal]),
    hearing: (onLine) => (line) => {
      if (pull !== 'never') {
        clearTimeout(timer);
        timer = arm();
      }
      onLine(line);
    },
    isOver: () => over.signal.aborted && !signal.aborted,
    end: () => clearTimeout(timer),
  };
}
