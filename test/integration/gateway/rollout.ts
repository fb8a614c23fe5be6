// One deployment on one node, told over a real bus as registry and scheduler tell it; how far the scheduler has put it
// down is the test's to say.
import { after, type TestContext } from 'node:test';
import { newId } from '#infra/ids.ts';
import type { Bus, Stoppable } from '#infra/nats/bus.ts';
import { deploymentFact } from '#services/scheduler/deployment-fact.ts';
import { type StepEvent, stepsFrom, stepTold } from '#services/scheduler/steps.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { CloudEvent, DeploymentFact, NodeFact } from '#subjects/schema/cloud-event.ts';
import type { Deployment } from '#subjects/schema/deployment.ts';
import type { NodeEventBody } from '#subjects/schema/node-event.ts';

type StepBody = Extract<NodeEventBody, { step: string }>;

export interface Rollout {
  readonly id: string;
  /** All that were told, in order. */
  readonly lines: readonly string[];
  output(count: number): Promise<void>;
  /** The scheduler has put down all but the newest `behind` events. */
  putDown(behind: number): void;
  settle(): Promise<void>;
  /** After the outcome. */
  strayOutput(): Promise<void>;
  finish(): Promise<void>;
}

const FACTS: Readonly<Record<string, NodeFact>> = {
  'stack.step.started': 'step-started',
  'stack.step.output': 'step-output',
  'stack.step.finished': 'step-finished',
  'stack.settled': 'stack-settled',
};

const served = new Map<Bus, Map<string, () => Deployment>>();
const serving: Stoppable[] = [];

/** One server of the question for all deployments of a file. */
function answers(scheduler: Bus): Map<string, () => Deployment> {
  const known = served.get(scheduler);
  if (known) return known;
  const views = new Map<string, () => Deployment>();
  served.set(scheduler, views);
  const viewOf = (id: string): Deployment => {
    const view = views.get(id);
    if (!view) throw new OverseerError('deployment-not-found', `there is no deployment ${id}`);
    return view();
  };
  serving.push(
    scheduler.serve('getDeployment', async ({ id }) => {
      const { targets, ...outline } = viewOf(id);
      return { ...outline, targets: targets.map(({ failure: _, steps: __, ...target }) => target) };
    }),
    scheduler.serve('listSteps', async ({ id }) => {
      const items = viewOf(id).targets.map(({ node, failure, steps }) => ({ node, failure, steps }));
      return { items, nextCursor: null };
    }),
  );
  return views;
}
after(() => Promise.all(serving.map((one) => one.stop())));

export async function startRollout(
  t: TestContext,
  { registry, scheduler }: { registry: Bus; scheduler: Bus },
): Promise<Rollout> {
  const id = newId();
  const node = newId();
  const epoch = newId();
  const steps: StepEvent[] = [];
  const lines: string[] = [];
  let known = 0;
  let sequence = 0;
  let state: Deployment['state'] = 'progressing';
  let settledAt: string | null = null;
  const about = { stack: 'web', revision: 1, deployment: id };

  const view = (): Deployment => ({
    ...{ id, stack: 'web', kind: 'apply', revision: 1, state, reason: null, createdAt: new Date(0).toISOString() },
    ...{ createdBy: 'admin', awaitsApproval: false, finishedAt: state === 'succeeded' ? settledAt : null },
    targets: [
      {
        ...{ node, nodeName: 'nas', state, reason: null, parked: false, finishedAt: settledAt, batch: 1 },
        ...{ failure: null, steps: stepsFrom(steps.slice(0, known)) },
      },
    ],
  });
  const views = answers(scheduler);
  views.set(id, view);
  t.after(() => views.delete(id));

  async function tellNode(body: NodeEventBody): Promise<void> {
    sequence += 1;
    const at = new Date();
    const fact = FACTS[body.type] ?? 'updated';
    const event: CloudEvent = {
      ...{ specversion: '1.0', id: newId(), type: `dev.overseer.node.${fact}.v1`, source: `nodes/${node}` },
      ...{ subject: `nodes/${node}`, time: at.toISOString(), datacontenttype: 'application/json' },
      ...{ nodesequence: `${epoch}:${sequence}`, data: { ...body } },
    };
    await registry.emit('nodeFact', { node, fact }, event);
    if ('step' in body && settledAt === null)
      steps.push({ ...stepTold(body as StepBody), step: body.step, at, dropped: 0, leftOut: 0 });
  }
  async function tell(fact: DeploymentFact): Promise<void> {
    const news = { id, stack: 'web', kind: 'apply', revision: 1, state, reason: null } as const;
    const body = deploymentFact(
      fact,
      { ...news, target: { node, state, reason: null } },
      newId(),
      new Date().toISOString(),
    );
    await scheduler.emit('deploymentFact', { deployment: id, fact }, body);
  }
  async function settle(): Promise<void> {
    if (settledAt !== null) return;
    await tellNode({
      type: 'stack.step.finished',
      step: 'up',
      outcome: 'ok',
      ...{ reason: null, exitCode: 0, durationMs: 5 },
      ...about,
    });
    await tellNode({ type: 'stack.settled', outcome: 'succeeded', reason: null, failure: null, ...about });
    settledAt = new Date().toISOString();
  }

  await tell('created');
  await tellNode({ type: 'stack.step.started', step: 'up', why: 'revision 1 is new', ...about });
  return {
    id,
    lines,
    async output(count) {
      for (let made = 0; made < count; made += 1) {
        const told = [`${id.slice(0, 4)} ${lines.length}`, `${id.slice(0, 4)} ${lines.length + 1}`];
        lines.push(...told);
        await tellNode({ type: 'stack.step.output', step: 'up', lines: told, ...about });
      }
    },
    putDown(behind) {
      known = Math.max(known, steps.length - behind);
    },
    settle,
    async strayOutput() {
      await tellNode({ type: 'stack.step.started', step: 'up', why: 'somebody stopped it', ...about });
      await tellNode({ type: 'stack.step.output', step: 'up', lines: ['stray'], ...about });
    },
    async finish() {
      await settle();
      known = steps.length;
      state = 'succeeded';
      await tell('finished');
    },
  };
}
