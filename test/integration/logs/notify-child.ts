// Notifications as a process of their own, to be killed by a test. What they stand on comes in NOTIFY_STAGE; the clock is
// as far ahead as it says.
import { readFileSync } from 'node:fs';
import { coreConfig } from '#infra/config.ts';
import { newHealth } from '#infra/health.ts';
import { createLogger } from '#infra/logger.ts';
import { connectBus } from '#infra/nats/connect.ts';
import { loadCredential } from '#infra/nats/credentials.ts';
import { vault } from '#infra/nats/vault.ts';
import { openDatabase } from '#infra/postgres/orm.ts';
import { startNotifications } from '#services/logs/notify/main.ts';

const { data, servers, url, aheadMs } = JSON.parse(process.env['NOTIFY_STAGE'] ?? '{}');
const log = createLogger('test', process.env['TEST_LOG'] ?? 'silent');
const files = vault(data);
const ca = readFileSync(files.ca, 'utf8');
const bus = await connectBus({
  principal: 'logs',
  servers,
  ca,
  credential: loadCredential(files.credential('logs')),
  log,
});
const database = await openDatabase({ url, entities: [], log });
const config = coreConfig({ OVERSEER_DATA: data, OVERSEER_NATS: servers[0] });
const context = { bus, log, database, data, config, version: '0.0.0', health: newHealth() };
await startNotifications(context, { now: () => new Date(Date.now() + aheadMs) });
