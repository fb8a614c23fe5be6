// Pure: which of the checkpoints that a witness took it still holds. The newest, and of earlier ones ever fewer, each about
// twice as old as the next: so much as one that was made long ago can't be pushed out by many new ones. Numbers with more
// zeros at their end are held longer, so that all nodes hold the same ones.
import type { SignedCheckpoint } from '#subjects/schema/checkpoint.ts';

/** A quarter of an hour of a busy core. */
const NEWEST = 16;
const OF_EACH_AGE = 4;
/** As many as the contract takes. */
const MOST = 64;

export interface Taken {
  readonly signed: SignedCheckpoint;
  /** How many were taken before it: an age that no number tells, since whoever makes them chooses those. */
  readonly place: number;
}

function zeros(number: number): number {
  let count = 0;
  for (let rest = BigInt(number); rest % 2n === 0n && count < 48; rest /= 2n) count += 1;
  return count;
}

/** Without the one that stands closest between its neighbours for its age. */
function withoutClosest(held: readonly Taken[], newest: number): Taken[] {
  const between = (at: number) => (held[at + 1]?.place ?? newest) - (held[at - 1]?.place ?? 0);
  let [closest, least] = [1, Number.POSITIVE_INFINITY];
  for (let at = 1; at < held.length - NEWEST; at++) {
    const share = between(at) / (newest - (held[at]?.place ?? 0));
    if (share < least) [closest, least] = [at, share];
  }
  return held.filter((_, at) => at !== closest);
}

/** @param taken oldest first */
export function thinned(taken: readonly Taken[]): Taken[] {
  const newest = taken.at(-1)?.place ?? 0;
  let held = taken.filter(({ signed, place }) => {
    const age = newest - place;
    return age < NEWEST || age < OF_EACH_AGE * 2 ** zeros(signed.checkpoint.number);
  });
  // Only with numbers that somebody chose for it.
  while (held.length > MOST) held = withoutClosest(held, newest);
  return held;
}
