// A machine of its own inside this one: a network namespace with its own Docker Engine, joined to us by a cable that a
// test can cut. Docker keeps its bridge in the namespace, so engines never touch each other or this machine's own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { enginePrefix } from '#infra/setup/namespace-root.ts';
import { Engine } from './engine.ts';
import { importTestImage } from './image.ts';
import { kill, killAllOf, processesOf } from './processes.ts';
import { until } from './until.ts';

export interface Machine {
  readonly folder: string;
  /** As DOCKER_HOST. */
  readonly dockerHost: string;
  readonly engine: Engine;
  /** Our address as this machine sees it. */
  readonly coreAddress: string;
  /** Starts a program in the machine's network. */
  spawn(file: string, args: readonly string[], env: Readonly<Record<string, string>>, log: string): ChildProcess;
  /** The cable alone; everything on the machine goes on. `silent` swallows all, `reset` lets both ends know at once. */
  cut(how: 'silent' | 'reset'): void;
  heal(): void;
  /** Of the daemon, with all that it started. */
  readonly enginePid: number;
  /** Where the engine keeps everything. */
  readonly engineRoot: string;
  /** As by the power switch: engine and containers are gone at once. */
  powerOff(): Promise<void>;
  /** The engine again, on what it left on disk. Resolves when it answers. */
  powerOn(): Promise<void>;
  stop(): Promise<void>;
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

interface Network {
  readonly path: string;
  readonly cable: string;
  readonly coreAddress: string;
  remove(): void;
}

function newNetwork(): Network {
  const tag = randomInt(2 ** 30).toString(36);
  const space = `ovs-${tag}`;
  const cable = `ov${tag}`;
  // A pair of addresses of our own; 10.224.0.0/11 is nobody's default pool.
  const net = `10.${224 + randomInt(16)}.${randomInt(256)}`;
  const last = 4 * randomInt(63);
  ip('netns', 'add', space);
  ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space);
  ip('addr', 'add', `${net}.${last + 1}/30`, 'dev', cable);
  ip('link', 'set', cable, 'up');
  ip('-n', space, 'addr', 'add', `${net}.${last + 2}/30`, 'dev', 'eth0');
  ip('-n', space, 'link', 'set', 'lo', 'up');
  ip('-n', space, 'link', 'set', 'eth0', 'up');
  return {
    path: `/run/netns/${space}`,
    cable,
    coreAddress: `${net}.${last + 1}`,
    remove() {
      ip('link', 'del', cable);
      ip('netns', 'del', space);
    },
  };
}

/** Root folders of engines hold overlay mounts while containers run; they go before the folder does. */
function unmountBelow(folder: string): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(folder));
  for (const path of mounts.reverse()) execFileSync('umount', ['-l', path]);
}

export async function startMachine(): Promise<Machine> {
  // Sockets have 108 bytes for their path; containerd's lies deep below this.
  const folder = mkdtempSync('/tmp/ovm-');
  const network = newNetwork();
  mkdirSync(`${folder}/docker`);
  const spawnInside: Machine['spawn'] = (file, args, env, log) => {
    const output = openSync(log, 'a');
    try {
      return spawn('nsenter', [`--net=${network.path}`, file, ...args], {
        stdio: ['ignore', output, output],
        env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/root', ...env },
        detached: true,
      });
    } finally {
      closeSync(output);
    }
  };
  const paths = ['--data-root', `${folder}/docker/root`, '--exec-root', `${folder}/docker/exec`];
  const socket = `${folder}/d.sock`;
  const options = ['-H', `unix://${socket}`, ...paths, '--pidfile', `${folder}/docker/pid`, '--log-level=warn'];
  const [program = '', ...args] = [...(await enginePrefix()), 'dockerd', ...options];
  let daemon = spawnInside(program, args, {}, `${folder}/dockerd.log`);
  const engine = new Engine(socket);
  let refused = false;
  const refuse = (verb: '-I' | '-D') => {
    for (const rule of [
      ['INPUT', '-i'],
      ['OUTPUT', '-o'],
    ] as const) {
      // Our own resets must pass, or nobody hears of them.
      const match = [rule[0], rule[1], network.cable, '-p', 'tcp', '!', '--tcp-flags', 'RST', 'RST'];
      execFileSync('iptables', ['-w', verb, ...match, '-j', 'REJECT', '--reject-with', 'tcp-reset']);
    }
    refused = verb === '-I';
  };
  const stop = async () => {
    if (daemon.pid) kill(daemon.pid, 'SIGTERM');
    await until(() => daemon.exitCode !== null || daemon.signalCode !== null, 20_000, 'the engine to stop').catch(
      () => {},
    );
    await killAllOf(folder);
    if (refused) refuse('-D');
    network.remove();
    unmountBelow(folder);
    rmSync(folder, { recursive: true, force: true });
    const left = processesOf(folder);
    if (left.length > 0) throw new Error(`still running: ${JSON.stringify(left)}`);
  };
  try {
    await until(() => engine.ping(), 40_000, 'the engine of a test machine');
    await importTestImage(`unix://${socket}`);
  } catch (error) {
    const log = readFileSync(`${folder}/dockerd.log`, 'utf8').slice(-3000);
    await stop();
    throw new Error(`no engine: ${log}`, { cause: error });
  }
  return {
    folder,
    dockerHost: `unix://${socket}`,
    engine,
    get enginePid() {
      return daemon.pid ?? 0;
    },
    engineRoot: `${folder}/docker/root`,
    async powerOff() {
      const pids = await engine.processes();
      for (const { pid } of processesOf(`${folder}/docker`)) kill(pid, 'SIGKILL');
      for (const pid of pids) kill(pid, 'SIGKILL');
      await killAllOf(`${folder}/docker`);
      unmountBelow(`${folder}/docker`);
      rmSync(`${folder}/docker/exec`, { recursive: true, force: true });
      rmSync(`${folder}/docker/pid`, { force: true });
      rmSync(socket, { force: true });
    },
    async powerOn() {
      daemon = spawnInside(program, args, {}, `${folder}/dockerd.log`);
      await until(() => engine.ping(), 40_000, 'the engine to start again');
    },
    coreAddress: network.coreAddress,
    spawn: spawnInside,
    cut(how) {
      if (how === 'reset') refuse('-I');
      else ip('link', 'set', network.cable, 'down');
    },
    heal() {
      if (refused) refuse('-D');
      else ip('link', 'set', network.cable, 'up');
    },
    stop,
  };
}
