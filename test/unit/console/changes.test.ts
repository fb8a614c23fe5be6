// Plans, drift, revisions and settings as the console tells them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type {
  DriftItem,
  NodeStatus,
  PlannedChange,
  PlannedNode,
  RevisionDetail,
  StackPlan,
} from '#clients/console/api/shapes.ts';
import { driftPlace, driftTitle, driftValues } from '#clients/console/stacks/drift-words.ts';
import {
  batchWords,
  groupSummary,
  nodeList,
  planGroups,
  planTitle,
  reasonWords,
  summary,
} from '#clients/console/stacks/plan-words.ts';
import { changedTexts } from '#clients/console/stacks/revision-words.ts';
import { servicesSeen } from '#clients/console/stacks/services-seen.ts';
import {
  imageWords,
  pollWords,
  rolloutWords,
  serviceNames,
  shortDigest,
} from '#clients/console/stacks/setting-words.ts';

const change = (of: Partial<PlannedChange>): PlannedChange => ({
  service: 'web',
  container: 'x-web-1',
  change: 'keep',
  reasons: [],
  ...of,
});
const planned = (nodeName: string, of: Partial<PlannedNode> = {}): PlannedNode => ({
  node: nodeName,
  nodeName,
  state: 'planned',
  reason: null,
  batch: 1,
  steps: [],
  changes: [],
  ...of,
});
const plan = (nodes: PlannedNode[], of: Partial<StackPlan> = {}): StackPlan => ({
  name: 'web',
  revision: 3,
  changed: true,
  nodes,
  warnings: [],
  ...of,
});

describe('a plan', () => {
  test('counts what it does, in the order of what matters', () => {
    const changes = [change({}), change({ change: 'recreate' }), change({ change: 'create' }), change({})];
    assert.equal(summary(changes), '1 created, 1 recreated, 2 kept');
    assert.equal(summary([]), 'nothing');
  });

  test('a reason says its kind and what the node found', () => {
    assert.equal(reasonWords({ kind: 'image', detail: 'a → b' }), 'other image: a → b');
    assert.equal(reasonWords({ kind: 'new', detail: '' }), 'new');
  });

  test('nodes with the same changes are told once, whatever their containers are called', () => {
    const recreate = [change({ change: 'recreate' })];
    const groups = planGroups(
      plan([
        planned('nas-10', { changes: recreate, batch: 2 }),
        planned('nas-2', { changes: [change({ change: 'recreate', container: 'y-web-1' })] }),
        planned('cabin', { state: 'parked' }),
        planned('broken', { state: 'failed', reason: 'no answer' }),
        planned('other', { changes: [change({ change: 'keep' })] }),
      ]),
    );
    assert.deepEqual(
      groups.map(({ state, names, batches }) => [state, names, batches]),
      [
        ['failed', ['broken'], [1]],
        ['planned', ['nas-2', 'nas-10'], [1, 2]],
        ['planned', ['other'], [1]],
        ['parked', ['cabin'], [1]],
      ],
    );
    assert.equal(batchWords([1, 2]), 'batches 1–2');
    assert.equal(batchWords([2]), 'batch 2');
  });

  test('no node is lost or told twice', () => {
    const node = fc.record({
      state: fc.constantFrom('planned', 'parked', 'leaves', 'failed') as fc.Arbitrary<PlannedNode['state']>,
      service: fc.constantFrom('a', 'b'),
    });
    fc.assert(
      fc.property(fc.array(node, { maxLength: 30 }), (nodes) => {
        const all = nodes.map(({ state, service }, at) => planned(`n${at}`, { state, changes: [change({ service })] }));
        const names = planGroups(plan(all)).flatMap((group) => group.names);
        assert.deepEqual(names.toSorted(), all.map(({ nodeName }) => nodeName).sort());
      }),
    );
  });

  test('long lists of nodes are cut', () => {
    assert.equal(nodeList(['a', 'b']), 'a, b');
    assert.equal(nodeList([...'abcdefghij']), 'a, b, c, d, e, f and 4 more');
  });

  test('is one sentence as a whole', () => {
    const kept = planned('a', { changes: [change({})] });
    const touched = planned('b', { changes: [change({ change: 'stop' })] });
    assert.equal(planTitle(plan([kept], { changed: false })), 'Nothing to do: revision 3 is exactly this and runs so.');
    assert.equal(
      planTitle(plan([kept, touched, planned('c', { state: 'parked' })])),
      'Revision 3 would change 1 node now, 1 node later.',
    );
  });

  test('a node that could not be asked, or that the stack leaves, is never called nothing to do', () => {
    const title = (...nodes: PlannedNode[]) => planTitle(plan(nodes, { changed: false }));
    const kept = planned('a', { changes: [change({})] });
    const failed = planned('b', { state: 'failed', reason: 'no answer' });
    assert.equal(title(kept, failed), 'Revision 3 is exactly this. What changes on 1 node is not known.');
    assert.equal(
      title(kept, planned('c', { state: 'parked' })),
      'Nothing to do now: revision 3 is exactly this; 1 node may follow later.',
    );
    assert.equal(title(kept, planned('d', { state: 'leaves' })), 'Revision 3 would change 1 node now.');
    assert.equal(
      title(planned('e', { steps: [{ step: 'write', why: 'a file was edited' }] }), failed),
      'Revision 3 would change 1 node now. What changes on 1 node is not known.',
    );
  });

  test('where no container is touched the steps say what is done', () => {
    const steps = [
      { step: 'write', why: 'a file was edited' },
      { step: 'up', why: 'it has another file' },
    ];
    assert.equal(groupSummary({ changes: [change({})], steps }), 'write, up');
    assert.equal(groupSummary({ changes: [change({ change: 'start' }), change({})], steps }), '1 started, 1 kept');
    assert.equal(groupSummary({ changes: [change({})], steps: [] }), '1 kept');
    assert.equal(groupSummary({ changes: [], steps: [] }), 'nothing to do');
  });
});

describe('drift', () => {
  const item = (kind: DriftItem['kind'], of: Partial<DriftItem> = {}): DriftItem => ({
    kind,
    service: null,
    container: null,
    subject: null,
    expected: null,
    actual: null,
    ...of,
  });

  test('each kind is told with what is expected and what is there', () => {
    const config = item('config', { subject: 'Env', service: 'web', expected: 'A=1', actual: 'A=2' });
    assert.equal(driftTitle(config), 'Changed setting Env');
    assert.equal(driftPlace(config), 'web');
    assert.deepEqual(driftValues(config), { expected: 'A=1', actual: 'A=2' });
    assert.deepEqual(driftValues(item('stopped')), { expected: 'running', actual: 'stopped' });
    assert.deepEqual(driftValues(item('extra', { container: 'x-job-1' })), { expected: 'nothing', actual: 'x-job-1' });
    assert.equal(driftPlace(item('extra', { container: 'x-job-1' })), 'x-job-1');
    assert.equal(driftTitle(item('file', { subject: 'compose.yaml' })), 'Changed file compose.yaml');
  });
});

describe('two revisions', () => {
  const revision = (of: Partial<RevisionDetail>): RevisionDetail => ({
    ...{ revision: 1, hash: 'h', createdAt: '', createdBy: 'ann', deployment: null, commit: null },
    ...{ compose: 'services: {}\n', files: {}, env: [] },
    ...of,
  });

  test('what differs has a title: texts, files, names of values, images', () => {
    const old = revision({ files: { a: '1', b: '2' }, env: ['B', 'A'] });
    const fresh = revision({ files: { b: '3', c: '4' }, env: ['C', 'A', 'B'] });
    assert.deepEqual(changedTexts(old, fresh), [
      { title: 'a', before: '1', after: '' },
      { title: 'b', before: '2', after: '3' },
      { title: 'names of the environment', before: 'A\nB', after: 'A\nB\nC' },
      { title: 'c', before: '', after: '4' },
    ]);
    assert.deepEqual(changedTexts(old, { ...old, env: ['A', 'B'], pins: {} }), []);
  });

  test('a tag that stood for another image is told, though nothing that was sent differs', () => {
    const pinned = (digest: string) => revision({ pins: { web: `nginx@${digest}`, api: 'api@sha256:0' } });
    assert.deepEqual(changedTexts(pinned('sha256:1'), pinned('sha256:2')), [
      {
        title: 'images that tags stood for',
        before: 'api: api@sha256:0\nweb: nginx@sha256:1',
        after: 'api: api@sha256:0\nweb: nginx@sha256:2',
      },
    ]);
  });
});

describe('settings', () => {
  test('the rollout in words', () => {
    assert.equal(rolloutWords(undefined), 'all nodes at once');
    assert.equal(
      rolloutWords({ batch: '25%', pauseSeconds: 30, gate: 'manual' }),
      'first one node, then 25% of the nodes at a time, 30 s apart, each batch waits for your word',
    );
  });

  test('names of services are read from the text', () => {
    const text = `name: x # y
services: # all
  web:
    image: a
    labels:
      services: no

  # comment
  "job-1": { image: b }
volumes:
  cache: {}
`;
    assert.deepEqual(serviceNames(text), ['web', 'job-1']);
    assert.deepEqual(serviceNames('volumes: {}'), []);
  });

  test('what is done about new images, and how often a repository is looked at', () => {
    assert.equal(imageWords(undefined), 'not looked for');
    assert.equal(
      imageWords({ policy: 'deploy', everySeconds: 60, credentials: { 'r.lan': 'login' } }),
      'deployed when a tag moves, looked for every 60 s, with a login for r.lan',
    );
    const source = { repository: 'https://a/b', ref: 'main' };
    assert.deepEqual(
      [undefined, 0, 60].map((everySeconds) =>
        pollWords({ ...source, ...(everySeconds === undefined ? {} : { everySeconds }) }),
      ),
      ['every 300 s', 'only by webhook or by hand', 'every 60 s'],
    );
  });

  test('services are those that the text names and those that nodes have', () => {
    const service = (name: string, container: string) => ({ name, container });
    const status = (...services: object[]) => ({ stacks: [{ name: 'x', services }] }) as unknown as NodeStatus;
    const stack = { name: 'x', compose: 'services:\n  web: {}\n  job: {}\n', spec: { targets: {}, scale: { web: 4 } } };
    const seen = servicesSeen(stack, [
      status(service('web', 'x-web-1'), service('db', 'x-db-1'), service('db', 'x-db-2')),
      status(service('db', 'x-db-1')),
      { stacks: [] } as unknown as NodeStatus,
    ]);
    assert.deepEqual(
      seen.map(({ name, containers }) => [name, containers]),
      [
        ['web', 4],
        ['job', null],
        ['db', 2],
      ],
    );
  });

  test('a digest is told by its first digits', () => {
    assert.equal(shortDigest(`nginx@sha256:${'ab12'.repeat(16)}`), 'ab12ab12ab12');
    assert.equal(shortDigest(null), null);
  });
});
