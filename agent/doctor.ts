// `overseer-agent doctor`: goes through everything an agent needs and says what to do about what is missing.
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createLogger } from '#infra/logger.ts';
import { connectBus } from '#infra/nats/connect.ts';
import { OverseerError } from '#subjects/errors.ts';
import { clockSkew } from './clock-skew.ts';
import { nodeCredential } from './credential.ts';
import { hasExpired } from './credential-life.ts';
import { openEngine } from './docker.ts';
import { type Identity, readIdentity } from './identity.ts';
import { type NodeFile, readNodeFile } from './node-file.ts';
import { secretsMount, secretsPlace, swapRisk } from './secrets/mount.ts';
import type { AgentFiles } from './settings.ts';
import { openCompose } from './stacks/compose.ts';

export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do; only when it is not ok. */
  readonly advice: string | null;
}

interface Subject {
  readonly node: NodeFile | null;
  readonly identity: Identity | null;
  readonly data: string;
  readonly dockerHost: string;
}

const ok = (check: string, detail: string): Finding => ({ check, ok: true, detail, advice: null });
const bad = (check: string, detail: string, advice: string): Finding => ({ check, ok: false, detail, advice });
const LEAST_FREE_BYTES = 512 * 1024 * 1024;

/** In the order in which a person would look. */
const CHECKS: readonly ((subject: Subject) => Promise<Finding>)[] = [
  enrolled,
  credential,
  url,
  clock,
  nats,
  engine,
  compose,
  secrets,
  disk,
];

export async function examine(files: AgentFiles, data: string, dockerHost: string): Promise<Finding[]> {
  const [node, identity] = await Promise.all([
    readNodeFile(files.node).catch(() => null),
    readIdentity(files.identity).catch(() => null),
  ]);
  return Promise.all(CHECKS.map((check) => check({ node, identity, data, dockerHost })));
}

const NOT_ENROLLED = 'make a token (`overseer node add`) and run `overseer-agent enroll --url URL --token TOKEN`';

async function enrolled({ node, identity, data }: Subject): Promise<Finding> {
  if (node && identity) return ok('enrolled', `as ${node.name} (${node.id})`);
  if (node) return bad('enrolled', `${data} holds no identity that can be read`, 'restore identity.json from a backup');
  return bad('enrolled', `${data} is not enrolled, or its node.json can't be read`, NOT_ENROLLED);
}

async function credential({ node }: Subject): Promise<Finding> {
  if (!node) return bad('credential', 'none', NOT_ENROLLED);
  const { expiresAt } = node.credential;
  if (!hasExpired({ from: 0, until: Date.parse(expiresAt) }, Date.now()))
    return ok('credential', `valid until ${expiresAt}`);
  return bad('credential', `ended at ${expiresAt}`, 'start the agent: it asks the core for a new one over HTTP');
}

async function askCore(node: NodeFile): Promise<Response> {
  return fetch(new URL('healthz', node.url.endsWith('/') ? node.url : `${node.url}/`), {
    signal: AbortSignal.timeout(10_000),
  });
}

async function url({ node }: Subject): Promise<Finding> {
  if (!node) return bad('url', 'unknown', NOT_ENROLLED);
  try {
    const { status } = await askCore(node);
    return ok('url', `${node.url} answers (${status})`);
  } catch (error) {
    const advice = 'check name resolution, the route and firewalls to it; stacks run on meanwhile';
    return bad('url', `${node.url} does not answer: ${reasonOf(error)}`, advice);
  }
}

async function clock({ node }: Subject): Promise<Finding> {
  const date = node && (await askCore(node).catch(() => null))?.headers.get('date');
  if (!date) return bad('clock', 'could not be compared with the core', 'make the core reachable first');
  const { isSkewed, reason } = clockSkew(Date.parse(date), Date.now());
  return isSkewed ? bad('clock', reason, 'set the clock, best by NTP') : ok('clock', reason);
}

async function nats({ node, identity }: Subject): Promise<Finding> {
  if (!node || !identity) return bad('nats', 'unknown', NOT_ENROLLED);
  const { id: name, servers, ca } = node;
  const own = nodeCredential(identity.nkeySeed, node.credential, async () => {});
  const where = servers.join(', ');
  try {
    const log = createLogger('doctor', 'silent');
    const bus = await connectBus({ principal: 'node', name, servers, ca, credential: own, log });
    await bus.close();
    return ok('nats', `${where} takes the credential`);
  } catch (error) {
    if (error instanceof OverseerError && error.code === 'unauthorized') {
      const advice = 'start the agent: it asks for a new credential, and says so when this node was deregistered';
      return bad('nats', `${where} refuses the credential`, advice);
    }
    const advice = `open the way to ${where} (TCP, outbound) in firewalls between here and the core`;
    return bad('nats', `${where} can't be reached: ${reasonOf(error)}`, advice);
  }
}

async function engine({ dockerHost }: Subject): Promise<Finding> {
  try {
    return ok('docker', `${dockerHost}, version ${await openEngine(dockerHost).version()}`);
  } catch (error) {
    const advice = 'start Docker, set DOCKER_HOST, or run as a user who may use its socket';
    return bad('docker', `${dockerHost} does not answer: ${reasonOf(error)}`, advice);
  }
}

async function compose({ dockerHost }: Subject): Promise<Finding> {
  const version = await openCompose(dockerHost).version();
  if (version !== null) return ok('compose', `version ${version}`);
  return bad(
    'compose',
    'there is none',
    'install Docker Compose v2 (package docker-compose-plugin or docker-compose-v2)',
  );
}

async function secrets({ node }: Subject): Promise<Finding> {
  if (!node) return bad('secrets', 'unknown', NOT_ENROLLED);
  const place = secretsPlace(node.id, process.env);
  const { directory, isGiven } = place;
  // A given folder gets one for this node when the first secret is opened.
  const looked = isGiven ? [directory, dirname(directory)] : [directory];
  for (const at of looked) {
    const mount = secretsMount({ directory: at, isGiven }, () => {});
    if (!(await mount.isReady())) continue;
    const risk = await swapRisk(at);
    if (risk === null) return ok('secrets', `${at} is a tmpfs, and none of it is swapped`);
    return bad(
      'secrets',
      risk,
      'mount it with noswap (Linux 6.4), encrypt the swap space, or turn it off: `swapoff -a`',
    );
  }
  if (isGiven) {
    return bad('secrets', `${directory} is not on a tmpfs`, 'name a folder on one: OVERSEER_SECRETS_DIR');
  }
  if (process.getuid?.() === 0) return ok('secrets', `a tmpfs is mounted at ${directory} when the first one is opened`);
  const advice = 'run as root, or name a folder on a tmpfs: OVERSEER_SECRETS_DIR';
  return bad('secrets', `no tmpfs can be mounted at ${directory}`, advice);
}

async function disk({ data }: Subject): Promise<Finding> {
  const { bavail, bsize } = await statfs(data).catch(() => statfs('/'));
  const free = bavail * bsize;
  const detail = `${Math.round(free / 1024 / 1024)} MiB free at ${data}`;
  if (free >= LEAST_FREE_BYTES) return ok('disk', detail);
  return bad('disk', detail, 'free some space: `docker image prune` removes images that no container uses');
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}

export function printed(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .flatMap(({ check, ok: isOk, detail, advice }) => [
      `${isOk ? 'ok  ' : 'FAIL'}  ${check.padEnd(width)}  ${detail}`,
      ...(advice === null ? [] : [`      ${' '.repeat(width)}  -> ${advice}`]),
    ])
    .join('\n');
}
