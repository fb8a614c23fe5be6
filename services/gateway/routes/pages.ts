// Pages of a list whose rows may be large: asked of the bus in parts that fit into one of its messages.

interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
}

export interface PageOf {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** Rows of a kilobyte or two stay well below a message's megabyte. */
const PART = 200;
const DEFAULT_LIMIT = 100;

/** What is not given does not travel. */
export function given<T extends object>(query: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as never;
}

export async function gathered<Item>(
  { limit = DEFAULT_LIMIT, cursor }: PageOf,
  ask: (page: { limit: number; cursor?: string }) => Promise<Page<Item>>,
): Promise<Page<Item>> {
  const items: Item[] = [];
  let next: string | null = cursor ?? null;
  do {
    const page = await ask({ limit: Math.min(PART, limit - items.length), ...(next === null ? {} : { cursor: next }) });
    items.push(...page.items);
    // Without end it would go on for as long as a cursor leads nowhere.
    if (page.items.length === 0 || page.nextCursor === next) return { items, nextCursor: null };
    next = page.nextCursor;
  } while (next !== null && items.length < limit);
  return { items, nextCursor: next };
}

/** Every row of a list, for counting. */
export async function everyRow<Item>(
  ask: (page: { limit: number; cursor?: string }) => Promise<Page<Item>>,
): Promise<Item[]> {
  return (await gathered({ limit: Number.MAX_SAFE_INTEGER }, ask)).items;
}
