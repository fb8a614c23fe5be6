// Brings a Docker Engine up on this machine: by systemd where it rules, else by starting dockerd ourselves.
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '#infra/process/group.ts';
import { launch } from '#infra/process/launch.ts';
import { run } from '#infra/process.ts';
import { enginePrefix } from './namespace-root.ts';
import { onPath } from './on-path.ts';
import type { Say } from './say.ts';

const LOG = '/var/log/overseer-dockerd.log';
const PID_FILE = '/var/run/docker.pid';
const START_MS = 60_000;
const POLL_MS = 200;

export interface Engine {
  readonly version: string | null;
  /** What the CLI said when the engine did not answer. */
  readonly reason: string;
}

export async function askEngine(host: string): Promise<Engine> {
  const { plainEnvironment } = await import('#infra/process/environment.ts');
  const env = { ...plainEnvironment(), DOCKER_HOST: host };
  const { exitCode, stdout, stderr } = await run('docker', ['version', '--format', '{{.Server.Version}}'], {
    env,
    timeoutMs: 30_000,
  });
  const version = stdout.trim();
  return exitCode === 0 && version !== '' ? { version, reason: '' } : { version: null, reason: stderr.trim() };
}

/**
 * An engine in our own network namespace, answering or not. Starting another one beside it would take its bridge away
 * from the containers of the first.
 */
function runningEngine(): number | null {
  const own = readlinkSync('/proc/self/ns/net');
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${entry}/comm`, 'utf8') !== 'dockerd\n') continue;
      if (readlinkSync(`/proc/${entry}/ns/net`) === own) return Number(entry);
    } catch {}
  }
  return null;
}

/** @throws Error with the engine's last words */
export async function startEngine(host: string, say: Say): Promise<void> {
  if (existsSync('/run/systemd/system')) {
    say('Starting Docker Engine (systemctl start docker)');
    const { exitCode, stderr } = await run('systemctl', ['start', 'docker'], { timeoutMs: 120_000 });
    if (exitCode !== 0) throw new Error(`systemctl start docker failed: ${stderr.trim()}`);
    await untilItAnswers(host, null);
    return;
  }
  const running = runningEngine();
  if (running !== null) {
    say('Waiting for the Docker Engine that is starting');
    await untilItAnswers(host, running);
    return;
  }
  removeStalePid();
  say(`Starting Docker Engine (log: ${LOG})`);
  const failure = await launchEngine(host);
  if (failure === null) return;
  if (!/iptables|nf_tables|nftables/i.test(failure) || onPath('iptables-legacy') === null) throw new Error(failure);
  say('Docker Engine could not use iptables-nft here: setting iptables and ip6tables to the legacy variant');
  for (const name of ['iptables', 'ip6tables']) {
    await run('update-alternatives', ['--set', name, `/usr/sbin/${name}-legacy`]);
  }
  removeStalePid();
  const second = await launchEngine(host);
  if (second !== null) throw new Error(second);
}

function removeStalePid(): void {
  if (!existsSync(PID_FILE)) return;
  const pid = Number(readFileSync(PID_FILE, 'utf8'));
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid) || !isEngine(pid)) rmSync(PID_FILE, { force: true });
}

function isEngine(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'dockerd\n';
  } catch {
    return false;
  }
}

/** Null once it answers, else why not. */
async function launchEngine(host: string): Promise<string | null> {
  mkdirSync('/var/log', { recursive: true });
  const before = existsSync(LOG) ? readFileSync(LOG, 'utf8').length : 0;
  const line = [...(await enginePrefix()), onPath('dockerd') ?? 'dockerd', '--log-level=warn'];
  const [file = '', ...args] = line;
  const pid = await launch(file, args, { log: LOG });
  try {
    await untilItAnswers(host, pid);
    return null;
  } catch (error) {
    const words = readFileSync(LOG, 'utf8').slice(before).trim().split('\n').slice(-8).join('\n');
    return `${error instanceof Error ? error.message : error}\n${words}`;
  }
}

async function untilItAnswers(host: string, pid: number | null): Promise<void> {
  const deadline = performance.now() + START_MS;
  let last = await askEngine(host);
  while (last.version === null) {
    if (pid !== null && !isAlive(pid)) throw new Error('Docker Engine ended while it started');
    if (performance.now() > deadline) throw new Error(`Docker Engine does not answer: ${last.reason}`);
    await delay(POLL_MS);
    last = await askEngine(host);
  }
}
