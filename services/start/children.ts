// Core and local agent as children: their own environment, their output among ours, started again when they end.
import { join } from 'node:path';
import { prettyFactory } from 'pino-pretty';
import type { CoreConfig } from '#infra/config.ts';
import type { Logger } from '#infra/logger.ts';
import { plainEnvironment } from '#infra/process/environment.ts';
import { type Supervised, supervise } from '#infra/process.ts';
import type { Claim } from './claim.ts';

const OWN = [
  'OVERSEER_HTTP',
  'OVERSEER_NATS',
  'OVERSEER_ADVERTISE',
  'OVERSEER_PUBLIC_URL',
  'OVERSEER_SECRETS_MODE',
  'OVERSEER_RECOVERY_RECIPIENT',
  'OVERSEER_FORBID',
  'OVERSEER_INSECURE_REGISTRIES',
  'OVERSEER_LOGS_MAX_BYTES',
  'OVERSEER_LOKI_URL',
  'OVERSEER_LOKI_HEADERS_FILE',
  'OVERSEER_OTLP_LOGS_URL',
  'OVERSEER_OTLP_HEADERS_FILE',
  'DATABASE_URL',
  'LOG_LEVEL',
];

function chosen(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/**
 * As infra/deploy starts them. A batch of log lines is a string of some hundred kilobytes, which is collected with the young
 * ones only as long as they have room for it: with less, each such string costs a collection.
 */
const FLAGS = ['--disable-warning=ExperimentalWarning', '--min-semi-space-size=8'];

export const agentEnvironment = () => ({
  ...plainEnvironment(),
  ...chosen(['LOG_LEVEL', 'OVERSEER_AGENT_FORBID', 'OVERSEER_SECRETS_DIR']),
});

function printed(): (line: string) => void {
  if (!process.stdout.isTTY) return (line) => console.log(line);
  const pretty = prettyFactory({ colorize: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' });
  return (line) => process.stdout.write(line.startsWith('{') ? pretty(line) : `${line}\n`);
}

export interface Nursery {
  core(): Supervised;
  agent(data: string): Supervised;
}

export function nursery(root: string, config: CoreConfig, claim: Claim, log: Logger): Nursery {
  const print = printed();
  const child = (name: string, script: string, args: readonly string[], env: Record<string, string>) =>
    supervise(name, process.execPath, [...FLAGS, join(root, script), ...args], {
      log,
      cwd: root,
      env,
      onLine: (_, line) => print(line),
      onStart: (pid) => claim.note(name, pid),
      stopTimeoutMs: 20_000,
      maxBackoffMs: 5_000,
    });
  return {
    core: () =>
      child('core', 'services/all.ts', [], { ...plainEnvironment(), ...chosen(OWN), OVERSEER_DATA: config.data }),
    agent: (data) => child('agent', 'agent/main.ts', ['run', '--data', data], agentEnvironment()),
  };
}
