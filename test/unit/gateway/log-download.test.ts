// A download whose search does not go on: it ends, and says that it is not whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bus, OutputOf } from '#infra/nats/bus.ts';
import { downloaded } from '#services/gateway/live/log-download.ts';

const page = (nextCursor: string | null): OutputOf<'readLogs'> => ({ items: [], nextCursor, previousCursor: null });

async function lastLine(format: 'text' | 'ndjson', next: string | null): Promise<string> {
  const bus = { request: async () => page(next) } as unknown as Bus;
  let text = '';
  for await (const piece of downloaded(bus, {}, format, page('c1'))) text += piece;
  return text;
}

test('a cursor that leads to itself is told in the last line', async () => {
  assert.match(await lastLine('text', 'c1'), /^--- incomplete: internal: .*; go on with cursor=c1 ---\n$/);
  assert.deepEqual(JSON.parse(await lastLine('ndjson', 'c1')).cursor, 'c1');
  // The control: one that ends is whole.
  assert.equal(await lastLine('text', null), '');
});
