// Records as they come, for whoever asks again and again with the last place seen. Places are in the order of commits, so
// nothing can appear before one that was told.
import type { Logger } from '#infra/logger.ts';
import type { InputOf, OutputOf, Stoppable } from '#infra/nats/bus.ts';
import type { Database } from '#infra/postgres/orm.ts';
import { recordView } from './page.ts';
import { lastPlace, recordsAfter } from './store/records.ts';

const PAGE = 200;
/** What is found without a filter's help is looked at in steps of this many places. */
const STRIDE = 20_000;

export interface Following extends Stoppable {
  follow(input: InputOf<'followAudit'>): Promise<OutputOf<'followAudit'>>;
}

export function startFollowing(database: Database, log: Pick<Logger, 'debug'>): Following {
  const stopping = new AbortController();
  let woken = Promise.withResolvers<void>();
  const listening = database.listen('audit_appended', () => {
    woken.resolve();
    woken = Promise.withResolvers();
  });

  async function look(filter: Omit<InputOf<'followAudit'>, 'after' | 'waitMs'>, after: number) {
    return database.read(async (em) => {
      const end = Math.min(await lastPlace(em), after + STRIDE);
      if (end <= after) return { items: [], place: after };
      const found = await recordsAfter(em, filter, after, end, PAGE);
      const last = found.at(-1);
      return { items: found.map(recordView), place: found.length === PAGE && last ? last.place : end };
    });
  }

  async function sleep(until: number, news: Promise<void>): Promise<void> {
    const rest = Math.max(0, until - performance.now());
    const timer = Promise.withResolvers<void>();
    const handle = setTimeout(timer.resolve, rest);
    await Promise.race([timer.promise, news]);
    clearTimeout(handle);
  }

  return {
    async follow({ after, waitMs, ...filter }) {
      const until = performance.now() + waitMs;
      let place = after ?? (await database.read(lastPlace));
      for (;;) {
        // Taken before looking, so that what comes in between wakes.
        const news = woken.promise;
        const found = await look(filter, place);
        const isNews = found.items.length > 0 || after === null;
        if (isNews || stopping.signal.aborted || performance.now() >= until) return found;
        const isBehind = found.place > place;
        place = found.place;
        if (!isBehind) await sleep(until, news);
      }
    },
    async stop() {
      stopping.abort();
      woken.resolve();
      log.debug('nobody follows the audit any more');
      await listening.stop();
    },
  };
}
