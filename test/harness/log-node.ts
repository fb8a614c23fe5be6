// A node that sends batches of lines by hand, as fast as it is told: no agent holds it back.
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { connectBus } from '#infra/nats/connect.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { LogChunk } from '#subjects/schema/log-batch.ts';
import { encodeLines } from '#subjects/schema/log-lines.ts';
import { enrollByHand } from './applicant.ts';
import type { System } from './system.ts';

const RETRY_MS = 100;
const IN_FLIGHT = 16;

export interface LogNode {
  readonly node: string;
  readonly stack: string;
  readonly container: string;
  /** Rows that the core has taken. */
  readonly sent: number;
  /** One batch; tried until it is taken. */
  send(lines: readonly string[]): Promise<void>;
  /** Batches until the time is over, at this pace at most. @returns bytes of text that were taken */
  flood(bytesPerSecond: number, ms: number): Promise<number>;
  stop(): Promise<void>;
}

/** Clocks have milliseconds; lines of one batch are a nanosecond apart. */
const nanoseconds = () => BigInt(Date.now()) * 1_000_000n;

export async function logNode(system: System, stack: string): Promise<LogNode> {
  const { node, servers, ca, credential } = await enrollByHand(system);
  const log = createLogger('test', 'silent');
  const bus: Bus = await connectBus({ principal: 'node', name: node, servers, ca, credential, log });
  const container = randomBytes(32).toString('hex');
  const file = createHash('sha256').update(container).digest('hex').slice(0, 32);
  const epoch = newId();
  let [first, batch, sent] = [0, 0, 0];

  function chunkOf(lines: readonly string[]): LogChunk {
    const from = nanoseconds();
    const encoded = lines.map((text, index) => ({
      ...({ stream: 'stdout', isPiece: false, rows: 1 } as const),
      ...{ at: from + BigInt(index), text },
    }));
    const place = { file, first, rows: lines.length, lines: lines.length };
    first += lines.length;
    return {
      ...{ container, name: `${stack}-main-1`, stack, service: 'main', deployment: null, keepDays: null, ...place },
      from: from.toString(),
      to: (from + BigInt(lines.length - 1)).toString(),
      text: encodeLines(from, encoded),
    };
  }

  async function send(lines: readonly string[]): Promise<void> {
    const chunk = chunkOf(lines);
    batch += 1;
    const position = { epoch, sequence: batch };
    for (;;) {
      try {
        await bus.emit('nodeLog', { node }, { kind: 'log', chunks: [chunk], gaps: [] }, { position });
        sent += lines.length;
        return;
      } catch (error) {
        const isForNow =
          error instanceof OverseerError && ['rate-limited', 'unavailable', 'timeout'].includes(error.code);
        if (!isForNow) throw error;
        await pause(RETRY_MS);
      }
    }
  }

  return {
    ...{ node, stack, container, send },
    get sent() {
      return sent;
    },
    async flood(bytesPerSecond, ms) {
      const lines = Array.from(
        { length: 4000 },
        (_, index) => `${index} ${randomBytes(12).toString('hex')} ${'flood '.repeat(16)}`,
      );
      const size = lines.reduce((sum, { length }) => sum + length, 0);
      const begun = performance.now();
      let taken = 0;
      const sender = async () => {
        while (performance.now() - begun < ms) {
          if ((taken / (performance.now() - begun)) * 1000 > bytesPerSecond) await pause(5);
          else {
            taken += size;
            await send(lines);
          }
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
      return taken;
    },
    stop: () => bus.close(),
  };
}
