// `npm start`: everything on this machine. nats-server, PostgreSQL, the five services in one process, the console, and an
// agent for this host; each a process of its own, started again when it dies, stopped together.
import { mkdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CoreConfig, coreConfig } from '#infra/config.ts';
import { createLogger, type Logger } from '#infra/logger.ts';
import { provision } from '#infra/nats/provision.ts';
import { startServer, stopLeftover } from '#infra/nats/server.ts';
import { ensureDocker } from '#infra/setup/docker.ts';
import { nursery } from './start/children.ts';
import { claimFolder } from './start/claim.ts';
import { buildConsole } from './start/console.ts';
import { enrollLocalAgent } from './start/local-agent.ts';
import { keepPostgres } from './start/postgres.ts';
import { assertFree, dialled, untilReady } from './start/readiness.ts';
import { makeRecovery } from './start/recovery.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const say = (line: string) => console.log(line);
/** In the order they were started; stopped in the opposite one. */
const running: { name: string; stop(): Promise<void> }[] = [];
const ending = new AbortController();
const STOP_MS = 60_000;
let release = async () => {};

async function stopAll(): Promise<void> {
  for (const { name, stop } of running.splice(0).reverse()) {
    await stop().catch((error: unknown) => console.error(`${name} did not stop cleanly: ${String(error)}`));
  }
}

/** A part that comes up only after we were told to end is stopped with the rest. */
function keep(name: string, part: { stop(): Promise<void> }): void {
  running.push({ name, stop: () => part.stop() });
  ending.signal.throwIfAborted();
}

async function startNats({ nats, data, advertise }: CoreConfig, log: Logger): Promise<void> {
  if ('servers' in nats) return;
  await stopLeftover(data);
  await assertFree('OVERSEER_NATS', nats);
  const server = await startServer({ ...nats, advertise: advertise === null ? [] : [advertise], data, log });
  keep('nats-server', server);
  await provision({ data, servers: server.servers, ca: server.ca, print: (line) => log.info(line) });
}

async function startDatabase({ databaseUrl, data }: CoreConfig, log: Logger): Promise<void> {
  if (databaseUrl === null) keep('PostgreSQL', await keepPostgres(join(data, 'postgres'), log));
}

/** Also when one fails, only after all have come to an end: what they started has to be known to be stopped. */
async function allOf(parts: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(parts)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

async function start(): Promise<void> {
  const begun = Date.now();
  const config = coreConfig(process.env);
  const { data } = config;
  const log = createLogger('overseer', config.logLevel);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const claim = await claimFolder(data);
  release = claim.release;
  ending.signal.throwIfAborted();
  await assertFree('OVERSEER_HTTP', config.http);

  const docker = config.localAgent ? await ensureDocker({ log: say, install: true }) : null;
  if (docker && !docker.ok) say(`${docker.message}\nStarting without an agent for this host.`);
  await buildConsole(root, say);
  const recovery = await makeRecovery(data, config.secrets.recoveryRecipient);
  if (recovery !== null) say(recovery);
  await allOf([startNats(config, log), startDatabase(config, log)]);

  const children = nursery(root, config, claim, log);
  keep('core', children.core());
  const url = `http://${dialled(config.http.host)}:${config.http.port}`;
  await untilReady(url, ending.signal);
  // Made by the gateway on its first start.
  const file = join(data, 'admin-token');

  if (docker?.ok) {
    const agentData = join(data, 'agent');
    await enrollLocalAgent(root, agentData, { url, adminToken: readFileSync(file, 'utf8').trim() });
    keep('agent', children.agent(agentData));
  }
  say(`
Overseer is ready (${((Date.now() - begun) / 1000).toFixed(1)} s)
  console      ${url}
  admin token  ${relative(process.cwd(), file) || file}
  stop         Ctrl-C; containers run on
`);
}

let exitCode = 0;
const starting = start().catch((error: unknown) => {
  if (ending.signal.aborted) return;
  console.error(error instanceof Error ? error.message : String(error));
  exitCode = 1;
  ending.abort();
});

async function end(): Promise<void> {
  const late = setTimeout(() => process.exit(1), STOP_MS);
  await stopAll();
  await starting;
  await stopAll();
  await release();
  clearTimeout(late);
  process.exit(exitCode);
}

ending.signal.addEventListener('abort', () => void end());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());
