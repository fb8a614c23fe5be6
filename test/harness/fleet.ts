// What operators do to a system under test, told once: wait for nodes, deploy and wait for the outcome, add a machine.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { type Answer, apiOf } from './api.ts';
import type { Machine } from './machine.ts';
import { kill, processesOf } from './processes.ts';
import type { System } from './system.ts';
import { until } from './until.ts';

/** The enrolled agent of a second machine. */
export interface EnrolledAgent {
  readonly node: string;
  /** Its --data. */
  readonly data: string;
  readonly log: string;
  readonly pid: number;
  output(): string;
  start(): void;
  /** Waits until it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export function expectStatus(answer: Answer, ...allowed: number[]): Answer {
  if (allowed.includes(answer.status)) return answer;
  throw new Error(`answered ${answer.status}, not ${allowed.join(' or ')}: ${JSON.stringify(answer.body)}`);
}

/** The only node of that name once it is online. */
export function onlineNode(system: System, name?: string) {
  return until(
    async () => {
      const { body } = expectStatus(await system.api('GET', '/api/nodes'), 200);
      // biome-ignore lint/suspicious/noExplicitAny: checked by what is read of it
      return body.items.find((n: any) => n.liveness === 'online' && (name === undefined || n.name === name));
    },
    15_000,
    `node ${name ?? '(any)'} to be online`,
  );
}

/** PUTs a stack; its answer. */
export async function put(system: System, name: string, compose: string, targets: object, more: object = {}) {
  const answer = await system.api('PUT', `/api/stacks/${name}`, { compose, targets, ...more });
  return expectStatus(answer, 200, 202).body;
}

/** The deployment once it has ended. */
export function ended(system: System, id: string, deadlineMs = 60_000) {
  return until(
    async () => {
      const { body } = expectStatus(await system.api('GET', `/api/deployments/${id}`), 200);
      return ['succeeded', 'failed', 'rolled-back', 'superseded'].includes(body.state) ? body : undefined;
    },
    deadlineMs,
    `deployment ${id} to end`,
  );
}

/** PUTs a stack and waits for its success. */
export async function deploy(system: System, name: string, compose: string, targets: object, more: object = {}) {
  const { deployment } = await put(system, name, compose, targets, more);
  const outcome = await ended(system, deployment);
  if (outcome.state !== 'succeeded') throw new Error(`${name}: ${JSON.stringify(outcome, null, 1)}`);
  return outcome;
}

/** The pasted command installs dependencies that do not fit the lock file: under a running test it must not. */
function assertInstalled(): void {
  const wanted = execFileSync('cksum', { input: readFileSync('package-lock.json'), encoding: 'utf8' });
  const installed = existsSync('node_modules/.overseer-lock') && readFileSync('node_modules/.overseer-lock', 'utf8');
  if (installed !== wanted) throw new Error('node_modules does not fit package-lock.json: run `npm test` once first');
}

/** The command as an operator gets it who reaches the core by this machine's cable, with a data folder of our own. */
async function pastedCommand(system: System, machine: Machine, spec: object, data: string): Promise<string> {
  const api = apiOf(`http://${machine.coreAddress}:${system.httpPort}`, () => system.token);
  const { command } = expectStatus(await api('POST', '/api/enrollment-tokens', spec), 201).body;
  return command.replace(' -- enroll ', ` -- enroll --data ${data} `).replace(' -- run', ` -- run --data ${data}`);
}

/** A second node: the pasted command, which enrolls it and goes on as its agent. */
export async function addMachine(system: System, machine: Machine, spec: object = {}): Promise<EnrolledAgent> {
  assertInstalled();
  const data = `${machine.folder}/agent`;
  const log = `${machine.folder}/agent.log`;
  const output = () => readFileSync(log, 'utf8');
  const env = { DOCKER_HOST: machine.dockerHost };
  let child = machine.spawn('sh', ['-c', await pastedCommand(system, machine, spec, data)], env, log);
  const agent = () => processesOf(data).find(({ command }) => /node .*agent\/main\.ts run/.test(command));
  await until(() => agent() || child.exitCode !== null, 30_000, 'the pasted command to enroll and run');
  if (child.exitCode !== null) throw new Error(`enrollment failed: ${output()}`);
  return {
    node: JSON.parse(readFileSync(`${data}/node.json`, 'utf8')).id,
    data,
    log,
    get pid() {
      const running = agent();
      if (running === undefined) throw new Error('the agent does not run');
      return running.pid;
    },
    output,
    start() {
      child = machine.spawn(process.execPath, ['agent/main.ts', 'run', '--data', data], env, log);
    },
    async kill(signal) {
      for (const { pid } of processesOf(data)) kill(pid, signal);
      await until(() => processesOf(data).length === 0, 15_000, 'the agent to end');
    },
  };
}
