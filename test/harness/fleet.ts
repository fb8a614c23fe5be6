// What operators do to a system under test, told once: wait for nodes, deploy and wait for the outcome, add a machine.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Answer } from './api.ts';
import type { Machine } from './machine.ts';
import { isAlive, kill } from './processes.ts';
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
      return ['succeeded', 'failed', 'superseded'].includes(body.state) ? body : undefined;
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

/** Runs the command that an operator pastes, in the machine's network, to its end; the exit code and what it printed. */
export async function enrollWith(machine: Machine, url: string, token: string, data: string) {
  const log = `${machine.folder}/enroll-${randomUUID()}.log`;
  const env = { DOCKER_HOST: machine.dockerHost };
  const args = ['agent/main.ts', 'enroll', '--url', url, '--token', token, '--data', data];
  const child = machine.spawn(process.execPath, args, env, log);
  await until(() => child.exitCode !== null || child.signalCode !== null, 30_000, 'enrollment to end');
  return { exitCode: child.exitCode, output: readFileSync(log, 'utf8') };
}

/** A second node: token, pasted command, `run`. */
export async function addMachine(system: System, machine: Machine, spec: object = {}): Promise<EnrolledAgent> {
  const issued = expectStatus(await system.api('POST', '/api/enrollment-tokens', spec), 200, 201).body;
  const url = `http://${machine.coreAddress}:${system.httpPort}`;
  const data = `${machine.folder}/agent`;
  const { exitCode, output } = await enrollWith(machine, url, issued.token, data);
  if (exitCode !== 0) throw new Error(`enrollment failed: ${output}`);
  const log = `${machine.folder}/agent.log`;
  const start = () =>
    machine.spawn(process.execPath, ['agent/main.ts', 'run', '--data', data], { DOCKER_HOST: machine.dockerHost }, log);
  let child = start();
  return {
    node: JSON.parse(readFileSync(`${data}/node.json`, 'utf8')).id,
    data,
    log,
    get pid() {
      if (child.pid === undefined) throw new Error('the agent does not run');
      return child.pid;
    },
    output: () => readFileSync(log, 'utf8'),
    start: () => {
      child = start();
    },
    async kill(signal) {
      const { pid } = child;
      if (pid === undefined) return;
      kill(pid, signal);
      await until(() => !isAlive(pid), 15_000, 'the agent to end');
    },
  };
}
