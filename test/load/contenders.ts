// The three that run the same file on the same engine: plain Compose as the floor, a one-node swarm as the peer, and we.
import { spawn } from 'node:child_process';
import { ended, expectStatus } from '#test/harness/fleet.ts';
import type { System } from '#test/harness/system.ts';

export interface Contender {
  readonly name: string;
  /** Label by which the engine's events tell its containers. */
  readonly label: string;
  /** Brings the text up under a name, new or over what is there; resolves when it calls itself done. */
  apply(name: string, file: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
}

export function docker(dockerHost: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], DOCKER_HOST: dockerHost };
    const child = spawn('docker', args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`docker ${args.join(' ')}: exit ${code}\n${errors}`));
    });
  });
}

export function plainCompose(dockerHost: string): Contender {
  const compose = async (...args: string[]) => {
    await docker(dockerHost, ['compose', '--progress', 'quiet', ...args]);
  };
  return {
    name: 'compose up -d',
    label: 'com.docker.compose.project',
    apply: (name, file) => compose('-p', name, '-f', file, 'up', '-d'),
    remove: (name) => compose('-p', name, 'down', '-t', '1'),
  };
}

/** The engine must be a swarm of its own by now. */
export function swarm(dockerHost: string): Contender {
  return {
    name: 'docker stack deploy',
    label: 'com.docker.stack.namespace',
    async apply(name, file) {
      await docker(dockerHost, [
        'stack',
        'deploy',
        '-c',
        file,
        '--resolve-image',
        'never',
        '--detach=false',
        '-q',
        name,
      ]);
    },
    async remove(name) {
      await docker(dockerHost, ['stack', 'rm', name]);
      const filter = `label=com.docker.stack.namespace=${name}`;
      for (const what of [
        ['ps', '-aq'],
        ['network', 'ls', '-q'],
      ]) {
        while ((await docker(dockerHost, [...what, '--filter', filter])).trim() !== '') {
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    },
  };
}

const OUTCOME_MS = 180_000;

export function overseer(system: System, node: string): Contender {
  return {
    name: 'overseer',
    label: 'com.docker.compose.project',
    async apply(name, _, text) {
      const body = { compose: text, targets: { nodes: [node] } };
      const { deployment } = expectStatus(await system.api('PUT', `/api/stacks/${name}`, body), 200, 202).body;
      const outcome = await ended(system, deployment, OUTCOME_MS);
      if (outcome.state !== 'succeeded') throw new Error(`${name}: ${outcome.reason}`);
    },
    async remove(name) {
      const { deployment } = expectStatus(await system.api('DELETE', `/api/stacks/${name}`), 200, 202).body;
      await ended(system, deployment, OUTCOME_MS);
    },
  };
}
