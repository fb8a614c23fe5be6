// A service as a process of its own: it waits for what is not there yet, answers when it is, and ends when told.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startTestBus } from '#test/harness/nats.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { until } from '#test/harness/until.ts';

const SOON_MS = 20_000;
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
});

function start(service: string, env: Record<string, string>) {
  const script = fileURLToPath(new URL(`../../../services/${service}/main.ts`, import.meta.url));
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [script], { env: { PATH, HOME, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let output = '';
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { output: () => output, stop: () => child.kill('SIGTERM'), ended };
}

test('nothing is there: it says what it waits for, and ends at once when told', async () => {
  const data = mkdtempSync(join(tmpdir(), 'overseer-data-'));
  const service = start('logs', { OVERSEER_DATA: data, OVERSEER_NATS: '127.0.0.1:1' });
  await until(() => service.output().includes('waiting for the credential of logs'), SOON_MS, 'a line');
  service.stop();
  assert.equal(await service.ended, 0);
  rmSync(data, { recursive: true });
});

test('wrong settings are told at once, all of them', async () => {
  const service = start('logs', { OVERSEER_HTTP: 'nowhere', LOG_LEVEL: 'loud' });
  assert.equal(await service.ended, 1);
  assert.match(service.output(), /OVERSEER_HTTP/);
  assert.match(service.output(), /LOG_LEVEL/);
});

test('it answers once everything is there, and stops cleanly', async () => {
  const [nats, server] = [await startTestBus(), await testDatabase()];
  const { url } = server;
  const DATABASE_URL =
    typeof url === 'string' ? url : `postgres://${url.user}@${encodeURIComponent(url.host)}:${url.port}/${url.dbName}`;
  const service = start('audit', { OVERSEER_DATA: nats.data, OVERSEER_NATS: nats.servers[0] ?? '', DATABASE_URL });
  const gateway = await nats.connect('gateway');
  const status = await until(() => gateway.request('auditStatus', {}, {}), SOON_MS, 'an answer');
  assert.equal(status.service, 'audit');
  service.stop();
  assert.equal(await service.ended, 0);
  assert.match(service.output(), /stopped/);
  await nats.stop();
  await server.drop();
});
