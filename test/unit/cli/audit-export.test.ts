// An export on standard output: the very bytes, whatever pieces they come in.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { overseer } from './run.ts';

const WORDS = '{"type":"record","detail":"größer als 日本"}\n';
const END = '{"type":"end"}\n';

async function exported(text: string) {
  const server = createServer(async (_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    // Pieces that end amid a character, each on its way before the next.
    for (const byte of Buffer.from(text)) {
      response.write(Buffer.of(byte));
      await pause(2);
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await overseer({ url: `http://127.0.0.1:${port}` }, ['audit', 'export']);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('is what came, byte by byte', async () => {
  const { code, out, err } = await exported(WORDS + END);
  assert.equal(out, WORDS + END);
  assert.equal(code, 0, err);
});

test('that was broken off says so', async () => {
  const { code, out, err } = await exported(WORDS);
  assert.equal(out, WORDS);
  assert.notEqual(code, 0);
  assert.match(err, /broken off/);
});
