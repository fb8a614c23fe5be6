// Pure: what to do with a desired document that arrived. The signature was checked before; everything else about it is
// judged here, against the one that is held.
import type { DesiredDocument, DesiredPointer } from '#subjects/schema/desired.ts';

export type Decision =
  | { readonly kind: 'accept' }
  | { readonly kind: 'older' }
  | { readonly kind: 'same' }
  | { readonly kind: 'refuse'; readonly reason: string; readonly generation: number };

export interface Offered {
  readonly document: Pick<DesiredDocument, 'node' | 'epoch' | 'generation'>;
  readonly hash: string;
}

export function accept(own: string, held: DesiredPointer | null, offered: Offered): Decision {
  const { document, hash } = offered;
  const { generation, epoch } = document;
  const refuse = (reason: string): Decision => ({ kind: 'refuse', reason, generation });
  if (document.node !== own) return refuse('it is addressed to another node');
  if (held === null) return { kind: 'accept' };
  if (epoch !== held.epoch) {
    // After a restore generations may have gone back; a document of the new epoch must still reach further than ours.
    return generation > held.generation
      ? { kind: 'accept' }
      : refuse(`its epoch is another one and its generation is not above ${held.generation}`);
  }
  if (generation < held.generation) return { kind: 'older' };
  if (generation > held.generation) return { kind: 'accept' };
  return hash === held.hash ? { kind: 'same' } : refuse(`another document of generation ${generation} is held already`);
}
