// A node with secrets for tests: a machine, a reconciler and a room of its own for each test, and what they share.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { after, afterEach, before, beforeEach } from 'node:test';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { newId } from '#infra/ids.ts';
import type { DesiredSecret } from '#subjects/schema/secret.ts';
import { TEST_IMAGE } from '#test/harness/image.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { sealedSecret } from '#test/harness/secrets.ts';
import { NODE, type Reconciler, startReconciler } from './reconciler.ts';

export const canary = () => `canary-${randomBytes(12).toString('hex')}`;
export const service = (more = '', name = 'app') => `  ${name}:
    image: ${TEST_IMAGE}
    init: true
    command: ["sleep", "100000"]
${more}`;
export const usingDb = '    secrets: [db]\n';
export const external = 'secrets:\n  db: {external: true}\n';

export interface SecretStage {
  readonly machine: Machine;
  readonly agent: Reconciler;
  /** Where secrets are opened. */
  readonly room: string;
  seal(stack: string, name: string, value: string | Uint8Array, more?: Partial<DesiredSecret>): Promise<DesiredSecret>;
  docker(...args: string[]): string;
  /** What a command in a container prints. */
  inside(container: string, command: string): string;
  isMounted(): boolean;
  unmount(): void;
}

/** Called within a suite: it has its hooks there. */
export function secretStage(): SecretStage {
  let machine: Machine;
  let agent: Reconciler;
  let room: string;
  let identity: string;
  let recipient: string;

  const stage: SecretStage = {
    get machine() {
      return machine;
    },
    get agent() {
      return agent;
    },
    get room() {
      return room;
    },
    seal: (stack, name, value, more = {}) => sealedSecret({ recipient, node: NODE, stack }, name, value, more),
    docker: (...args) =>
      execFileSync('docker', args, { encoding: 'utf8', env: { ...process.env, DOCKER_HOST: machine.dockerHost } }),
    inside: (container, command) => stage.docker('exec', container, 'sh', '-c', command).trim(),
    isMounted: () => readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${room} `),
    unmount() {
      while (stage.isMounted()) execFileSync('umount', ['-l', room]);
    },
  };

  before(async () => {
    machine = await startMachine();
    identity = await generateX25519Identity();
    recipient = await identityToRecipient(identity);
  });
  after(() => machine.stop());
  beforeEach(() => {
    room = mkdtempSync('/tmp/ovs-room-');
    agent = startReconciler(machine.dockerHost, { directory: room, identity });
  });
  afterEach(async () => {
    const names = agent.loop.view().stacks.map(({ name }) => name);
    const removed = names.map((name) => ({ name, deployment: newId(), generation: 0, volumes: true }));
    agent.want([], removed);
    await agent.converged();
    await agent.stop();
    const left = existsSync(room) ? readdirSync(room) : [];
    stage.unmount();
    rmSync(room, { recursive: true, force: true });
    assert.deepEqual(left, [], 'nothing of a removed stack stays opened');
  });
  return stage;
}
