// The logs service on a real bus and a real PostgreSQL. The tests play the nodes and the gateway, each with its own
// credential.
import { createHash } from 'node:crypto';
import { coreConfig } from '#infra/config.ts';
import { newHealth } from '#infra/health.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus, InputOf, OutputOf, RequestName, Stoppable } from '#infra/nats/bus.ts';
import { type Database, openDatabase } from '#infra/postgres/orm.ts';
import { startLogs } from '#services/logs/main.ts';
import type { LogFilter, LogItem } from '#subjects/schema/log.ts';
import type { LogBatch, LogChunk, LogGap } from '#subjects/schema/log-batch.ts';
import { encodeLines } from '#subjects/schema/log-lines.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { until } from '#test/harness/until.ts';

export const SOON_MS = 60_000;
export const log = createLogger('test', process.env['TEST_LOG'] ?? 'silent');

export const hexOf = (text: string, size: number) => createHash('sha256').update(text).digest('hex').slice(0, size);

/** 2026-01-01, and so many milliseconds. */
export const at = (milliseconds: number) => BigInt(Date.UTC(2026, 0, 1) + milliseconds) * 1_000_000n;

export interface Writing {
  readonly container?: string;
  readonly stack?: string;
  readonly file?: string;
}

function source({ container = 'web-1', stack = 'web' }: Writing) {
  const service = container.split('-')[0] ?? container;
  return { container: hexOf(container, 64), name: container, stack, service, deployment: null, keepDays: null };
}

export interface Line {
  readonly at: bigint;
  readonly text: string;
  readonly stream?: 'stdout' | 'stderr';
}

export function chunk(
  first: number,
  lines: readonly Line[],
  writing: Writing = {},
  given: Partial<LogChunk> = {},
): LogChunk {
  const times = lines.map((line) => line.at).sort((a, b) => (a < b ? -1 : 1));
  const [from = 0n] = times;
  const encoded = lines.map((line) => ({ stream: 'stdout' as const, isPiece: false, rows: 1, ...line }));
  return {
    ...source(writing),
    ...{ file: hexOf(writing.file ?? 'first', 32), first, rows: lines.length, lines: lines.length },
    ...{ from: String(from), to: String(times.at(-1)), text: encodeLines(from, encoded) },
    ...given,
  };
}

/** Rows `first` up to `first + count`, a millisecond each, whose text is their number. */
export const numbered = (first: number, count: number, writing?: Writing) =>
  chunk(
    first,
    Array.from({ length: count }, (_, index) => ({ at: at(first + index), text: `line ${first + index}` })),
    writing,
  );

export const gap = (given: Partial<LogGap>, writing: Writing = {}): LogGap => ({
  ...source(writing),
  ...{ file: hexOf(writing.file ?? 'first', 32), first: null, rows: null, from: null, to: null },
  ...{ reason: 'rotated', key: newId() },
  ...given,
});

export const batch = (chunks: readonly LogChunk[], gaps: readonly LogGap[] = []): LogBatch => ({
  ...{ kind: 'log', chunks: [...chunks], gaps: [...gaps] },
});

export interface TestNode {
  readonly id: string;
  readonly bus: Bus;
  /** Resolves once the stream holds it. */
  send(...parts: (LogChunk | LogGap)[]): Promise<void>;
}

export interface Stage {
  readonly nats: TestBus;
  readonly database: Database;
  readonly gateway: Bus;
  /** Another replica, with connections of its own. */
  startLogs(environment?: Readonly<Record<string, string>>): Promise<Stoppable>;
  node(): Promise<TestNode>;
  ask<N extends RequestName>(name: N, input: InputOf<N>): Promise<OutputOf<N>>;
  /** Every batch that was sent is handled. */
  handled(): Promise<void>;
  /** All pages, by as many questions as it takes. */
  all(filter: LogFilter, paging?: { order?: 'forward' | 'backward'; limit?: number }): Promise<LogItem[]>;
  stop(): Promise<void>;
}

export const textsOf = (items: readonly LogItem[]) =>
  items.map((item) => (item.type === 'line' ? item.text : `gap ${item.reason}`));

export async function startStage(): Promise<Stage> {
  const [nats, made] = await Promise.all([startTestBus(), testDatabase()]);
  const opened: Database[] = [];
  const running: Stoppable[] = [];
  const open = async () => {
    const database = await openDatabase({ url: made.url, entities: [], log });
    opened.push(database);
    return database;
  };
  const database = await open();
  const gateway = await nats.connect('gateway');
  const stage: Stage = {
    ...{ nats, database, gateway },
    async startLogs(environment = {}) {
      const config = coreConfig({ OVERSEER_DATA: nats.data, OVERSEER_NATS: nats.servers[0] ?? '', ...environment });
      const bus = await nats.connect('logs');
      const own = await open();
      const logs = await startLogs({
        bus,
        log,
        database: own,
        data: nats.data,
        config,
        version: 'test',
        health: newHealth(),
      });
      await bus.flush();
      running.push(logs);
      return logs;
    },
    async node() {
      const id = newId();
      const bus = await nats.connect('node', id, nats.mintNode(id));
      return {
        ...{ id, bus },
        async send(...parts) {
          const chunks = parts.filter((part): part is LogChunk => 'text' in part);
          const gaps = parts.filter((part): part is LogGap => 'reason' in part);
          // Over its cap a node is pushed back, and tries again.
          const sending = () => bus.emit('nodeLog', { node: id }, batch(chunks, gaps), { timeoutMs: SOON_MS });
          await until(async () => (await sending()) > 0, SOON_MS, 'a batch to be stored');
        },
      };
    },
    ask: (name, input) => gateway.request(name, {} as never, input, { timeoutMs: SOON_MS }),
    handled: () =>
      until(async () => (await waitingIn(nats)) === 0, SOON_MS, 'every batch to be handled').then(() => {}),
    async all(filter, { order = 'forward', limit = 500 } = {}) {
      const items: LogItem[] = [];
      let cursor: string | null = null;
      do {
        const page: OutputOf<'readLogs'> = await stage.ask('readLogs', {
          ...{ filter, order, limit },
          ...(cursor === null ? {} : { cursor }),
        });
        items.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null);
      return items;
    },
    async stop() {
      await Promise.all(running.map((logs) => logs.stop()));
      await nats.stop();
      await Promise.all(opened.map((one) => one.close()));
      await made.drop();
    },
  };
  return stage;
}

/** Messages that the stream of log batches still holds: it forgets what was acknowledged. */
async function waitingIn(nats: TestBus): Promise<number> {
  const response = await fetch(`${nats.monitorUrl}/jsz?accounts=true&streams=true`);
  const { account_details: accounts = [] } = (await response.json()) as {
    account_details?: { stream_detail?: { name: string; state: { messages: number } }[] }[];
  };
  const streams = accounts.flatMap(({ stream_detail: detail = [] }) => detail);
  const found = streams.find(({ name }) => name === 'NODE_LOGS');
  if (!found) throw new Error('there is no stream of log batches');
  return found.state.messages;
}
