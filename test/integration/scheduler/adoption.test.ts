// A project on a node becomes a stack: stored like one that was put, at the place where it lies.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { OverseerError } from '#subjects/errors.ts';
import type { Node } from '#subjects/schema/node.ts';
import type { ProjectContent, ProjectSummary } from '#subjects/schema/project.ts';
import { answering, serveNonces } from './asked-node.ts';
import { COMPOSE, type Core, operator, startCore } from './core.ts';

let core: Core;
let nonces: Map<string, string>;
before(async () => {
  core = await startCore();
  await core.startScheduler();
  nonces = await serveNonces(core);
});
after(() => core?.stop());

const place = { directory: '/srv/shop', file: 'docker-compose.yml' };

function projectOf(name: string, state = 'running'): { summary: ProjectSummary; content: ProjectContent } {
  const services = [{ name: 'web', container: `${name}-web-1`, image: 'busybox', state, health: null }];
  const files = { 'web.env': 'A=1\n' };
  const compose = `${COMPOSE}    env_file: [web.env]\n`;
  return {
    summary: { name, place, services, obstacle: null },
    content: { name, place, compose, files, env: { B: '2' }, profiles: ['debug'], scale: { web: 2 } },
  };
}

type Project = { summary: ProjectSummary; content: ProjectContent | null };

async function nodeWith(name: string, ...projects: Project[]): Promise<Node> {
  const node = await core.enroll(name);
  await answering(core, nonces, node, {
    projects({ project }) {
      const found = projects.filter(({ summary }) => project === null || summary.name === project);
      const content = project === null ? null : (found[0]?.content ?? null);
      return { kind: 'projects', projects: found.map(({ summary }) => summary), content };
    },
  });
  return node;
}

const adopt = (node: Node, project: string) => core.ask('adoptProject', { by: operator(), node: node.id, project });

function refusedAs(code: string, text = /./) {
  return (error: unknown) => error instanceof OverseerError && error.code === code && text.test(error.message);
}

describe('adopting', () => {
  test('what runs on a node is listed, and one call takes it over', async () => {
    const shop = projectOf('shop');
    const odd = { summary: { ...projectOf('odd').summary, obstacle: 'it is built on the node' }, content: null };
    const node = await nodeWith('old', shop, odd);
    const listed = await core.ask('listProjects', { node: node.id });
    assert.deepEqual(listed, { items: [shop.summary, odd.summary], nextCursor: null });

    const stored = await adopt(node, 'shop');
    assert.deepEqual([stored.revision, stored.changed], [1, true]);
    assert.match(stored.warnings.join(), /^\.env, .*: stored as they are, not sealed/);
    const { stacks } = await core.documentWith(node, 'the stack', (document) => document.stacks.length === 1);
    const [stack] = stacks;
    assert.ok(stack);
    const { name, compose, files, env, profiles, scale, state, drift } = stack;
    assert.deepEqual({ name, place: stack.place, compose, files, env, profiles, scale }, shop.content);
    assert.deepEqual([state, drift, stack.deployment], ['running', 'correct', stored.deployment]);
    const { spec } = await core.ask('getStack', { name: 'shop' });
    assert.deepEqual(spec.targets, { nodes: [node.id] });
    const audited = await core.database
      .em()
      .execute(`select body->>'action' as action from outbox where body->>'object' = 'stacks/shop' order by id`);
    assert.ok(audited.some((row) => (row as { action: string }).action === 'stack.adopt'));

    // What is put under its name later stays where it is.
    const next = await core.put('shop', { ...spec, env: { B: '3' } });
    assert.equal(next.revision, 2);
    const later = await core.documentWith(node, 'revision 2', (document) => document.stacks[0]?.revision === 2);
    assert.deepEqual(later.stacks[0]?.place, place);
    assert.deepEqual(later.stacks[0]?.env, { B: '3' });
    await assert.rejects(adopt(node, 'shop'), refusedAs('name-taken'));
    await assert.rejects(adopt(node, 'odd'), refusedAs('not-adoptable', /built on the node/));
    await assert.rejects(adopt(node, 'nothing'), refusedAs('project-not-found'));
  });

  test('on other nodes it has a folder like every stack, whatever its own node told', async () => {
    const liar = projectOf('cron');
    const told = { ...place, directory: '/etc/cron.d' };
    const [summary, content] = [
      { ...liar.summary, place: told },
      { ...liar.content, place: told },
    ];
    const node = await nodeWith('liar', { summary, content });
    await adopt(node, 'cron');
    const other = await core.enroll('other');
    const { spec } = await core.ask('getStack', { name: 'cron' });
    await core.put('cron', { ...spec, targets: { nodes: [node.id, other.id] } });
    const placeOn = async (on: Node) => {
      const { stacks } = await core.documentWith(on, 'the stack', (document) => document.stacks.length === 1);
      return stacks[0]?.place;
    };
    assert.deepEqual([await placeOn(other), await placeOn(node)], [null, told]);
    await core.put('cron', { ...spec, env: { B: '3' }, targets: { nodes: [other.id] } });
    await core.documentWith(node, 'no stack', (document) => document.stacks.length === 0);
    await core.documentWith(other, 'revision 2', (document) => document.stacks[0]?.revision === 2);
    assert.equal(await placeOn(other), null);
    await core.remove('cron');
  });

  test('one of which nothing runs is taken over as stopped', async () => {
    const node = await nodeWith('quiet', projectOf('idle', 'exited'));
    await adopt(node, 'idle');
    const { stacks } = await core.documentWith(node, 'the stack', (document) => document.stacks.length === 1);
    assert.equal(stacks[0]?.state, 'stopped');
  });

  test('what a node tells is checked like what an operator puts', async () => {
    const [bad, outside, liar] = [projectOf('bad'), projectOf('outside'), projectOf('liar')];
    const node = await nodeWith(
      'doubtful',
      { ...bad, content: { ...bad.content, files: { '.env': 'A=1' } } },
      { ...outside, content: { ...outside.content, compose: 'services: {a: {image: x, env_file: /etc/shadow}}' } },
      { ...liar, content: { ...liar.content, name: 'other' } },
    );
    await assert.rejects(adopt(node, 'bad'), refusedAs('not-adoptable', /written by the agent/));
    await assert.rejects(adopt(node, 'outside'), refusedAs('path-outside'));
    await assert.rejects(adopt(node, 'liar'), refusedAs('not-adoptable'));
    const away = await core.enroll('away');
    await assert.rejects(adopt(away, 'shop2'), refusedAs('node-offline'));
    const { items } = await core.ask('listStacks', {});
    assert.deepEqual(items.map(({ name }) => name).toSorted(), ['idle', 'shop']);
  });
});
