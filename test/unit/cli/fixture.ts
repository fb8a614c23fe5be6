// A gateway with two nodes and one deployment on its way, for tests that run the CLI against it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach } from 'node:test';
import { OverseerError } from '#subjects/errors.ts';
import { Deployment } from '#subjects/schema/deployment.ts';
import { Node } from '#subjects/schema/node.ts';
import { exampleOf } from '#test/unit/gateway/example.ts';
import { startTestGateway, type TestGateway } from '#test/unit/gateway/gateway.ts';
import { overseer, type Ran, type RunOptions } from './run.ts';

export const NAS = `nas2${'a'.repeat(22)}`;
export const PI = `pi22${'b'.repeat(22)}`;
export const DEPLOYMENT = `dep2${'c'.repeat(22)}`;

export const node = (id: string, name: string, more: object = {}) => ({
  ...(exampleOf(Node) as Node),
  ...{
    id,
    name,
    liveness: 'online',
    lastSeenAt: null,
    agentVersion: '0.1.0',
    labels: {},
    paused: false,
    drained: false,
  },
  ...more,
});
export const target = (id: string, nodeName: string, state: string, more: object = {}) => ({
  ...{ node: id, nodeName, state, reason: null, parked: false, finishedAt: null, batch: 1 },
  ...{ steps: [] as object[], failure: null as object | null },
  ...more,
});
export type Whole = ReturnType<typeof deployment>;
export const deployment = (state: string, targets: ReturnType<typeof target>[], more: object = {}) => ({
  ...(exampleOf(Deployment) as object),
  ...{ id: DEPLOYMENT, stack: 'web', kind: 'apply', revision: 2, state, reason: null, targets },
  awaitsApproval: false,
  finishedAt: state === 'progressing' ? null : '2026-11-23T20:00:00.000Z',
  ...more,
});

/** Of a node's event, by the fact it becomes. */
const TYPES: Readonly<Record<string, string>> = {
  'step-started': 'stack.step.started',
  'step-output': 'stack.step.output',
  'step-finished': 'stack.step.finished',
  'stack-settled': 'stack.settled',
};

export interface Fixture {
  readonly gateway: TestGateway;
  /** Where the operator stands: compose.yaml and web.env lie there. */
  readonly folder: string;
  run(line: string, options?: RunOptions): Promise<Ran>;
  publish(fact: string, subject: string, data: object): void;
  /** How the deployment stands, whenever it is asked for. */
  stands(of: () => Whole): void;
  /** Something that node nas told of the deployment. */
  onNas(fact: string, data: object): void;
}

/** For use within a `describe`: ready before its tests, fresh answers before each. */
export function cliFixture(): Fixture {
  let gateway: TestGateway;
  let folder: string;
  before(async () => {
    gateway = await startTestGateway();
    folder = mkdtempSync(join(tmpdir(), 'overseer-cli-'));
    writeFileSync(join(folder, 'compose.yaml'), 'services: {}\n');
    writeFileSync(join(folder, 'web.env'), '# values\nTAG=1.2 # the newest\nexport NAME="a b"\n');
  });
  after(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    gateway.bus.asked.length = 0;
    gateway.bus.stored.length = 0;
    const nodes = [
      node(NAS, 'nas', { labels: { role: 'edge', site: 'home' } }),
      node(PI, 'pi', { liveness: 'offline', agentVersion: null, drained: true }),
    ];
    gateway.bus.answers = {
      listNodes: () => ({ items: nodes, nextCursor: null }),
      removeNode: () => ({}),
      revokeEnrollmentToken: () => ({}),
      getStack: () => {
        throw new OverseerError('stack-not-found', 'there is no stack web');
      },
      putStack: () => ({ name: 'web', revision: 2, deployment: DEPLOYMENT, changed: true, warnings: [] }),
    };
  });
  const publish: Fixture['publish'] = (fact, subject, data) =>
    gateway.bus.publish({
      ...{ specversion: '1.0', id: 'e'.repeat(26), type: `dev.overseer.${fact}.v1`, source: 'registry', subject, data },
      ...{ time: '2026-11-23T20:00:00.000Z', datacontenttype: 'application/json' },
    });
  const stands: Fixture['stands'] = (of) => {
    Object.assign(gateway.bus.answers, {
      getDeployment: () => {
        const { targets, ...outline } = of();
        return { ...outline, targets: targets.map(({ steps: _, failure: __, ...rest }) => rest) };
      },
      listSteps: () => {
        const items = of().targets.map(({ node: id, steps, failure }) => ({ node: id, steps, failure }));
        return { items, nextCursor: null };
      },
    });
  };
  return {
    stands,
    get gateway() {
      return gateway;
    },
    get folder() {
      return folder;
    },
    run: (line, options = {}) =>
      overseer(gateway, line.split(' '), { ...options, env: { INIT_CWD: folder, ...options.env } }),
    publish,
    onNas: (fact, data) =>
      publish(`node.${fact}`, `nodes/${NAS}`, {
        ...{ type: TYPES[fact] ?? fact, stack: 'web', revision: 2, deployment: DEPLOYMENT },
        ...data,
      }),
  };
}
