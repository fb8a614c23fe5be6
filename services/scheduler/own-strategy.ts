// Pure: a stack's strategy by what is sent and by what its Compose text says itself. The text's own word counts: it comes
// along wherever the text goes.
import { ownKeys } from '#infra/compose/own-keys.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { StackSpec, Strategy } from '#subjects/schema/stack.ts';

type WithText = Pick<StackSpec, 'strategy'> & { readonly compose: string };

/** @throws OverseerError `invalid-input` */
export function strategyIn({ compose, strategy }: WithText): Strategy {
  const { strategy: own, fault } = ownKeys(compose);
  if (fault === null) return { ...strategy, ...own };
  const { path, detail } = fault;
  throw new OverseerError('invalid-input', `compose: ${path}: ${detail}`, { fields: { path } });
}

/** Whoever sent another value is told, or they would wait for it to take effect. */
export function overruled({ compose, strategy = {} }: WithText): string[] {
  const { strategy: own } = ownKeys(compose);
  return (Object.keys(own) as (keyof Strategy)[])
    .filter((key) => strategy[key] !== undefined && strategy[key] !== own[key])
    .map(
      (key) => `strategy.${key}: ${strategy[key]} does not count, for x-overseer in the Compose text says ${own[key]}`,
    );
}
