// Pages of a list whose rows may be large: asked of the bus in parts that fit into one of its messages.

interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
}

export interface PageOf {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** As many rows as are put together at a time; large ones come fewer at a time, as a message holds them. */
const PART = 200;
const DEFAULT_LIMIT = 100;
/** Characters of one answer. Beyond that a page ends before its limit; its cursor leads on. */
const ANSWER_MAX = 16 * 1024 * 1024;

/** What is not given does not travel. */
export function given<T extends object>(query: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as never;
}

type Ask<Item> = (page: { limit: number; cursor?: string }) => Promise<Page<Item>>;

async function gatheredUpTo<Item>({ limit = DEFAULT_LIMIT, cursor }: PageOf, most: number, ask: Ask<Item>) {
  const items: Item[] = [];
  let size = 0;
  let next: string | null = cursor ?? null;
  do {
    const page = await ask({ limit: Math.min(PART, limit - items.length), ...(next === null ? {} : { cursor: next }) });
    items.push(...page.items);
    // Without end it would go on for as long as a cursor leads nowhere.
    if (page.items.length === 0 || page.nextCursor === next) return { items, nextCursor: null };
    next = page.nextCursor;
    if (next !== null && most < Number.POSITIVE_INFINITY) size += JSON.stringify(page.items).length;
  } while (next !== null && items.length < limit && size < most);
  return { items, nextCursor: next };
}

export function gathered<Item>(page: PageOf, ask: Ask<Item>): Promise<Page<Item>> {
  return gatheredUpTo(page, ANSWER_MAX, ask);
}

/** Every row of a list, for one that needs them all. */
export async function everyRow<Item>(ask: Ask<Item>): Promise<Item[]> {
  return (await gatheredUpTo({ limit: Number.MAX_SAFE_INTEGER }, Number.POSITIVE_INFINITY, ask)).items;
}
