// A plan is worth something only when it comes true: each change is previewed, then really made, and what became of each
// container is compared with what was said.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { openEngine } from '#agent/docker.ts';
import { type EngineTools, engineTools } from '#agent/engine-tools.ts';
import { openCompose } from '#agent/stacks/compose.ts';
import { stackFolders } from '#agent/stacks/folder.ts';
import { newId } from '#infra/ids.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { Preview } from '#subjects/schema/plan.ts';
import { TEST_IMAGE } from '#test/harness/image.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { type Reconciler, startReconciler, wanted } from './reconciler.ts';
import { BASE, cases, compose, OTHER_IMAGE } from './stack-changes.ts';

let machine: Machine;
let agent: Reconciler;
let tools: EngineTools;

interface Fate {
  readonly id: string;
  readonly startedAt: string;
  readonly state: string;
}

async function containers(stack: string): Promise<Map<string, Fate>> {
  const found = await openEngine(machine.dockerHost).composeContainers();
  const inspected = await machine.engine.containers();
  const own = found.filter(({ Labels }) => Labels['com.docker.compose.project'] === stack);
  return new Map(
    own.map(({ Id, Names }) => {
      const { startedAt = '', state = '' } = inspected.find(({ id }) => id === Id) ?? {};
      return [(Names[0] ?? '').slice(1), { id: Id, startedAt, state }];
    }),
  );
}

/** What really became of each container, in the words of a plan. */
function fates(before: Map<string, Fate>, after: Map<string, Fate>): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return names.map((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === undefined) return `create ${name}`;
    if (now === undefined) return `remove ${name}`;
    if (old.id !== now.id) return `recreate ${name}`;
    if (old.startedAt !== now.startedAt) return `start ${name}`;
    return old.state === now.state ? `keep ${name}` : `stop ${name}`;
  });
}

function said({ changes }: Preview, stack: string): string[] {
  const made = new Map<string, number>();
  return changes
    .map(({ change, container, service: name }) => {
      if (container !== null) return `${change} ${container}`;
      const taken = changes.filter((one) => one.service === name && one.container !== null).length;
      const number = taken + (made.get(name) ?? 0) + 1;
      made.set(name, (made.get(name) ?? 0) + 1);
      return `${change} ${stack}-${name}-${number}`;
    })
    .toSorted((a, b) => (a.slice(a.indexOf(' ')) < b.slice(b.indexOf(' ')) ? -1 : 1));
}

function told(): string[] {
  return agent
    .events()
    .flatMap((event) => (event.type === 'stack.step.started' ? [`${event.step}: ${event.why}`] : []));
}

const reasonsOf = ({ changes }: Preview) =>
  Object.fromEntries(changes.map(({ service: name, reasons }) => [name, reasons.map(({ kind }) => kind).join()]));

/** Previews, deploys, compares. */
async function comesTrue(target: DesiredStack): Promise<Preview> {
  const before = await containers(target.name);
  const foretold = await tools.preview(target, () => agent.loop.observed());
  assert.equal(foretold.fault, null);
  assert.deepEqual(await containers(target.name), before, 'nothing was changed');
  const steps = told().length;
  agent.want([target]);
  await agent.converged();
  const after = await containers(target.name);
  assert.deepEqual(said(foretold, target.name), fates(before, after), JSON.stringify(foretold, null, 1));
  assert.deepEqual(
    foretold.steps.map(({ step, why }) => `${step}: ${why}`),
    told().slice(steps),
  );
  return foretold;
}

/** Of its own: others write and clear there as well, and what is left must be ours. */
const temporary = mkdtempSync('/tmp/ovs-preview-');
process.env['TMPDIR'] = temporary;

suite('a plan comes true', { timeout: 600_000 }, () => {
  before(async () => {
    machine = await startMachine();
    const env = { PATH: process.env['PATH'], DOCKER_HOST: machine.dockerHost };
    // Another image with the same content: one more setting makes another id.
    const made = execFileSync('docker', ['create', '--label', 'x=y', TEST_IMAGE, 'true'], { env, encoding: 'utf8' });
    execFileSync('docker', ['commit', '--change', 'LABEL other=1', made.trim(), OTHER_IMAGE], { env });
    execFileSync('docker', ['rm', made.trim()], { env });
  });
  after(async () => {
    await machine.stop();
    rmSync(temporary, { recursive: true, force: true });
  });
  beforeEach(() => {
    agent = startReconciler(machine.dockerHost);
    tools = engineTools({
      engine: openEngine(machine.dockerHost),
      compose: openCompose(machine.dockerHost),
      folders: stackFolders(`${agent.data}/stacks`),
      now: Date.now,
    });
  });
  afterEach(async () => {
    agent.want([], [{ name: 'p', deployment: newId(), generation: 0, volumes: true }]);
    await agent.converged();
    await agent.stop();
    assert.deepEqual(
      readdirSync(tmpdir()).filter((name) => name.startsWith('overseer-preview-')),
      [],
      'nothing is left of what was written to look',
    );
  });

  for (const { name, from, to, reasons, hurt } of cases) {
    test(name, async () => {
      const first = await comesTrue(wanted('p', from.compose, { ...from, revision: 1 }));
      assert.ok(first.changes.every(({ change }) => change === 'create'));
      if (hurt !== undefined) {
        agent.want([], [], { paused: true });
        const own = await machine.engine.containers();
        for (const { id, service } of own) if (service === hurt.removed) await machine.engine.remove(id);
        for (const { id, service } of own) if (service === hurt.killed) await machine.engine.kill(id);
      }
      const next = { ...from, ...to };
      const foretold = await comesTrue(wanted('p', next.compose, { ...next, revision: 2 }));
      if (reasons) assert.deepEqual(reasonsOf(foretold), reasons);
    });
  }

  test('the same version again is no step at all', async () => {
    const stack = wanted('p', compose(BASE));
    await comesTrue(stack);
    const again = await tools.preview({ ...stack, deployment: null }, () => agent.loop.observed());
    assert.deepEqual(again.steps, []);
    assert.deepEqual(said(again, 'p'), ['keep p-db-1', 'keep p-web-1']);
  });

  test('an image that is not here is named, and nothing is fetched', async () => {
    await comesTrue(wanted('p', compose(BASE)));
    const text = compose(BASE).replace(TEST_IMAGE, 'localhost:1/none:2');
    const foretold = await tools.preview(wanted('p', text, { revision: 2 }), () => agent.loop.observed());
    assert.deepEqual(
      foretold.steps.map(({ step }) => step),
      ['pull', 'up'],
    );
    const web = foretold.changes.find(({ service: one }) => one === 'web');
    assert.equal(web?.change, 'recreate');
    assert.match(web?.reasons[0]?.detail ?? '', /becomes localhost:1\/none:2, which is not here yet/);
  });

  test('what Compose refuses is told in its words, and no path of the node with it', async () => {
    const text = 'services: {web: {image: x, nonsense: true}}';
    const foretold = await tools.preview(wanted('p', text), () => agent.loop.observed());
    assert.match(foretold.fault ?? '', /nonsense/);
    assert.doesNotMatch(foretold.fault ?? '', /overseer-preview/);
    assert.equal(existsSync(`${agent.data}/stacks/p`), false);
  });
});
