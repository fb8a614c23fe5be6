// What waits of a log that the engine sends, while nobody reads it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogStream } from '#agent/docker.ts';
import { attach } from '#agent/logs/attached.ts';
import { until } from '#test/harness/until.ts';

const MIB = 1024 * 1024;

function frame(size: number): Buffer {
  const payload = Buffer.from(`2026-01-01T00:00:00Z ${'x'.repeat(size)}\n`);
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(payload.length, 4);
  return Buffer.concat([head, payload]);
}

for (const [size, most] of [
  [16_000, 5 * MIB],
  [10, MIB],
] as const) {
  test(`entries of ${size} bytes are not asked for without end, and go on when they were taken`, async () => {
    let given = 0;
    let isDestroyed = false;
    async function* endless() {
      // Without a bound it would fill all memory.
      while (!isDestroyed && given < 64 * MIB) {
        given += size;
        yield frame(size);
        // As a socket does it: what is read is there only a turn later.
        if (given % (64 * size) === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const destroy = () => {
      isDestroyed = true;
    };
    const stream = Object.assign(endless(), { destroy }) as unknown as LogStream;
    const engine = { logStream: async () => stream };
    const log = { debug() {} };
    const attached = attach({ engine, container: 'c', hasTerminal: false, askAgain: () => null, log });
    try {
      let seen = -1;
      const rests = async () => {
        const before = seen;
        seen = given;
        await new Promise((resolve) => setTimeout(resolve, 30));
        return before === given;
      };
      await until(rests, 20_000, 'it to wait');
      assert.ok(given > 0 && given < most, `${given} bytes wait`);
      const first = given;
      attached.entries.splice(0);
      attached.taken();
      await until(() => given > first, 5_000, 'it to go on');
    } finally {
      attached.close();
    }
  });
}
