// `npm run provision`: accounts and streams of a server made equal to the contract, before the services of a new version
// start.
import { readFileSync } from 'node:fs';
import { coreConfig } from '#infra/config.ts';
import { createLogger } from '#infra/logger.ts';
import { OverseerError } from '#subjects/errors.ts';
import { ACCOUNTS } from '#subjects/principals.ts';
import { connectClaims } from './claims.ts';
import { provision } from './provision.ts';
import { vault } from './vault.ts';

const { data, nats } = coreConfig(process.env);
const isCluster = 'servers' in nats;
const servers = isCluster ? nats.servers : [`${nats.host}:${nats.port}`];
try {
  const ca = readFileSync(vault(data).ca, 'utf8');
  if (isCluster) {
    // A server that ran through the upgrade still has the accounts of the version before.
    const claims = await connectClaims({ data, servers, ca, log: createLogger('provision') });
    await claims.push(ACCOUNTS).finally(() => claims.close());
  }
  await provision({
    data,
    servers,
    ca,
    replicas: isCluster && nats.servers.length >= 3 ? 3 : 1,
    print: (line) => console.log(line),
  });
  console.log('streams are as the contract says');
} catch (error) {
  if (!(error instanceof OverseerError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
