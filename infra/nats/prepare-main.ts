// `npm run prepare-bus`: keys, accounts, certificates and the configuration of a nats-server that somebody else runs, as
// docker-compose.yml does. `npm start` does the same by itself.
import { coreConfig } from '#infra/config.ts';
import { prepareServer } from './server.ts';

/** Inside its container the server listens everywhere; what is published is said outside. */
const LISTEN = { host: '0.0.0.0', port: 4222 };

const { data, advertise } = coreConfig(process.env);
const names = ['nats', ...(advertise === null ? [] : [advertise])];
const { configFile } = await prepareServer(data, { ...LISTEN, advertise: names });
console.log(`prepared ${configFile}`);
