// What to do with a checkpoint of the audit that arrived, judged by those that are held.
import { checkpointHash, isSigned } from '#infra/audit/checkpoint.ts';
import type { SignedCheckpoint, Witness } from '#subjects/schema/checkpoint.ts';

export type Judged =
  | { readonly kind: 'keep' }
  | { readonly kind: 'same' }
  /** It contradicts what is held, and the holder of the key made it: a proof. */
  | { readonly kind: 'conflict'; readonly reason: string }
  /** By another key than the one that is trusted: told, but anybody can make a key, so nothing follows from it. */
  | { readonly kind: 'stranger'; readonly reason: string }
  /** Anybody could have made it. */
  | { readonly kind: 'ignore'; readonly reason: string };

export function judgeCheckpoint({ key, held, conflict }: Omit<Witness, 'kind'>, next: SignedCheckpoint): Judged {
  if (!isSigned(next)) return { kind: 'ignore', reason: 'it is not signed' };
  if (key !== null && next.key !== key) {
    return {
      kind: 'stranger',
      reason: `checkpoint ${next.checkpoint.number} is signed by another key than all before`,
    };
  }
  const newest = held.at(-1);
  if (newest === undefined) return { kind: 'keep' };
  const { number, previous, records } = next.checkpoint;
  const same = held.find(({ checkpoint }) => checkpoint.number === number);
  const contradicts = (reason: string): Judged => ({ kind: 'conflict', reason: `checkpoint ${number} ${reason}` });
  if (same !== undefined) {
    return checkpointHash(same.checkpoint) === checkpointHash(next.checkpoint)
      ? { kind: 'same' }
      : contradicts('is another one than that held');
  }
  if (number < newest.checkpoint.number) {
    return contradicts(`comes after checkpoint ${newest.checkpoint.number}: the audit was set back`);
  }
  const follows = number === newest.checkpoint.number + 1;
  if (follows && previous !== checkpointHash(newest.checkpoint)) return contradicts('does not follow the one held');
  if (records < newest.checkpoint.records) return contradicts('counts fewer records than the one held');
  // Those between were missed, as after an outage. Once there was a conflict only what follows for certain is taken.
  if (!follows && conflict !== null) return { kind: 'ignore', reason: conflict };
  return { kind: 'keep' };
}
