// `npm run provision`: the streams of a server made equal to the contract, before the services of a new version start.
import { readFileSync } from 'node:fs';
import { coreConfig } from '#infra/config.ts';
import { OverseerError } from '#subjects/errors.ts';
import { provision } from './provision.ts';
import { vault } from './vault.ts';

const { data, nats } = coreConfig(process.env);
const isCluster = 'servers' in nats;
try {
  await provision({
    data,
    servers: isCluster ? nats.servers : [`${nats.host}:${nats.port}`],
    ca: readFileSync(vault(data).ca, 'utf8'),
    replicas: isCluster && nats.servers.length >= 3 ? 3 : 1,
    print: (line) => console.log(line),
  });
  console.log('streams are as the contract says');
} catch (error) {
  if (!(error instanceof OverseerError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
