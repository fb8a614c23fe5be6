// What the stand-in's answers are made of.
import { idOf } from './ids.ts';
import type { World } from './world.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  // biome-ignore lint/suspicious/noExplicitAny: what the console sends is what tests look into
  readonly body: any;
  /** The revision that must be the newest, as `"7"`; `*`: there must be no such stack. Null: whatever is there. */
  readonly seen: string | null;
}
export interface Answered {
  readonly status: number;
  readonly body: unknown;
}
/** `second`: the second parameter of the address. */
export type Answer = (world: World, parameter: string, asked: Asked, second: string) => Answered;
export type Route = readonly [RegExp, Answer];

export const ok = (body: unknown, status = 200): Answered => ({ status, body });
export const page = (items: readonly unknown[]) => ok({ items, nextCursor: null });

export function problem(status: number, code: string, title: string, detail: string, fields = {}): Answered {
  return {
    status,
    body: {
      type: `https://overseer.dev/problems/${code}`,
      title,
      status,
      code,
      detail,
      traceId: idOf('trace', status),
      ...fields,
    },
  };
}
export const missing = (what: string) =>
  problem(404, `${what}-not-found`, `No such ${what}`, `there is no such ${what} here`);

export function paged(all: readonly unknown[], { query }: Asked): Answered {
  const limit = Number(query.get('limit') ?? 100);
  const from = Number(query.get('cursor') ?? 0);
  const next = from + limit < all.length ? String(from + limit) : null;
  return ok({ items: all.slice(from, from + limit), nextCursor: next });
}
