// Where an agent keeps its state and which engine it manages, when nobody says.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { FORBIDDABLE, type Forbidden, forbiddenIn } from '#infra/compose/policy.ts';
import { DEFAULT_DOCKER_HOST } from './docker.ts';

export function dataFolder(given: string | undefined): string {
  if (given !== undefined) return resolve(given);
  return process.getuid?.() === 0 ? '/var/lib/overseer-agent' : join(homedir(), '.overseer-agent');
}

export function dockerHost(env: NodeJS.ProcessEnv): string {
  return env['DOCKER_HOST'] || DEFAULT_DOCKER_HOST;
}

/** What this host forbids stacks. @throws Error that names what is no word of it: a rule that is not understood must not be left out */
export function hostPolicy(env: NodeJS.ProcessEnv): readonly Forbidden[] {
  const policy = forbiddenIn(env['OVERSEER_AGENT_FORBID'] ?? '');
  if ('forbidden' in policy) return policy.forbidden;
  throw new Error(`OVERSEER_AGENT_FORBID: "${policy.unknown}" is none of ${Object.keys(FORBIDDABLE).join(', ')}`);
}

const SPOOL_UNITS: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
/** An hour of a busy node, packed, and no more disk than a container image. */
const USUAL_SPOOL = '256m';

/** Disk for log lines that the core has not taken, in bytes. @throws Error when what is set is no size */
export function logSpoolBytes(env: NodeJS.ProcessEnv): number {
  const given = env['OVERSEER_AGENT_LOG_SPOOL'] || USUAL_SPOOL;
  const [, digits, unit = ''] = /^(\d{1,6})([kmg])$/.exec(given) ?? [];
  if (digits !== undefined) return Number(digits) * (SPOOL_UNITS[unit] ?? 1);
  throw new Error(`OVERSEER_AGENT_LOG_SPOOL: "${given}" is no size such as 256m or 2g`);
}

export interface AgentFiles {
  readonly identity: string;
  readonly node: string;
  readonly desired: string;
  readonly state: string;
  /** How far container logs were read, and what of them waits for the core. */
  readonly logs: string;
  /** Checkpoints of the audit that this node holds. */
  readonly witness: string;
  readonly stacks: string;
  /** For files that are there while Compose looks at them. */
  readonly scratch: string;
  readonly lock: string;
  readonly pid: string;
}

export function agentFiles(data: string): AgentFiles {
  return {
    identity: join(data, 'identity.json'),
    node: join(data, 'node.json'),
    desired: join(data, 'desired.bin'),
    state: join(data, 'state.db'),
    logs: join(data, 'logs.db'),
    witness: join(data, 'witness.json'),
    stacks: join(data, 'stacks'),
    scratch: join(data, 'scratch'),
    lock: join(data, 'agent.lock'),
    pid: join(data, 'agent.pid'),
  };
}
