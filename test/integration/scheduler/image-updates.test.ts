// Images by their digests, against a real registry: pinned when a stack is put, told or deployed when a tag moves, left
// alone when the registry is away.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { seal } from '#infra/sealing/age.ts';
import type { Node } from '#subjects/schema/node.ts';
import type { ImagePolicy } from '#subjects/schema/source.ts';
import { startGitServer } from '#test/harness/git-server.ts';
import { importTestImage } from '#test/harness/image.ts';
import { REGISTRY_LOGIN, type Registry, startRegistry } from '#test/harness/registry.ts';
import { type Core, operator, startCore } from './core.ts';

let core: Core;
let node: Node;
let registry: Registry;
let closed: Registry;

before(async () => {
  await importTestImage('unix:///var/run/docker.sock');
  [core, registry, closed] = await Promise.all([startCore(), startRegistry(), startRegistry({ isPrivate: true })]);
  await core.startScheduler();
  node = await core.enroll('node-1');
});
after(async () => {
  await core.stop();
  await Promise.all([registry.stop(), closed.stop()]);
});
afterEach(() => registry.resume());

const stack = (name: string) => core.ask('getStack', { name });
const sync = (name: string) => core.ask('syncStack', { by: operator(), name });
const compose = (images: Record<string, string>) =>
  `services:\n${Object.entries(images)
    .map(([service, image]) => `  ${service}:\n    image: ${image}\n`)
    .join('')}`;

const put = (name: string, images: Record<string, string>, policy: Partial<ImagePolicy> = {}) =>
  core.put(name, {
    compose: compose(images),
    targets: { nodes: [node.id] },
    images: { policy: 'notify', everySeconds: 3600, ...policy },
  });

async function pins(name: string): Promise<Record<string, string>> {
  return (await core.document(node))?.stacks.find((one) => one.name === name)?.pins ?? {};
}

async function toldMoves(name: string): Promise<{ from: string; to: string }[]> {
  const found = await core.database
    .em()
    .execute(
      `select distinct on (body->>'id') body->'data' as data from image_facts where body->'data'->>'stack' = ?`,
      [name],
    );
  return (found as { data: { from: string; to: string } }[]).map(({ data }) => data);
}

describe('images of a stack', () => {
  before(async () => {
    // The outbox forgets what it has published: what it was told of moved images is kept for the test.
    await core.database.em().execute(`
      create table image_facts as select body from outbox where false;
      create function keep_image_fact() returns trigger language plpgsql as $$
        begin
          if new.body->>'type' like '%image-moved%' then insert into image_facts values (new.body); end if;
          return new;
        end $$;
      create trigger keep_image_fact before insert on outbox for each row execute function keep_image_fact()`);
  });

  test('are pinned by digest when it is put; what nobody can tell stays as it is, with a warning', async () => {
    const digest = registry.push('web', '1');
    const fixed = `${registry.host}/web@${digest}`;
    const answer = await put('pinned', {
      web: `${registry.host}/web:1`,
      fixed,
      lost: `${registry.host}/nothing:1`,
      away: '127.0.0.1:9/x:1',
    });
    assert.equal(answer.revision, 1);
    assert.deepEqual(answer.warnings.map((warning) => warning.split(':')[0]).sort(), ['away', 'lost']);
    await core.documentWith(node, 'the stack', ({ stacks }) => stacks.some(({ name }) => name === 'pinned'));
    assert.deepEqual(await pins('pinned'), { web: `${registry.host}/web:1@${digest}` });
    const { images } = await stack('pinned');
    assert.deepEqual(
      images.map(({ service, pinned, newest }) => [service, pinned, newest]),
      [
        ['away', null, null],
        ['lost', null, null],
        ['web', digest, digest],
      ],
    );
    assert.match(images.find(({ service }) => service === 'lost')?.error ?? '', /has no nothing:1/);
  });

  test("without a policy are nobody's business", async () => {
    registry.push('plain', '1');
    await core.put('plain', { compose: compose({ web: `${registry.host}/plain:1` }), targets: { nodes: [node.id] } });
    await core.documentWith(node, 'the stack', ({ stacks }) => stacks.some(({ name }) => name === 'plain'));
    assert.deepEqual(await pins('plain'), {});
    assert.deepEqual((await stack('plain')).images, []);
  });

  test('policy notify: a moved tag is told once, and nothing is deployed', async () => {
    const first = registry.push('told', '1');
    await put('told', { web: `${registry.host}/told:1` });
    const { deployment } = await stack('told');
    assert.deepEqual(await toldMoves('told'), []);
    const second = registry.push('told', '1');
    for (let times = 0; times < 3; times += 1) await sync('told');
    const third = registry.push('told', '1');
    for (let times = 0; times < 2; times += 1) await sync('told');
    assert.deepEqual(
      (await toldMoves('told')).map(({ from, to }) => [from, to]).sort(),
      [
        [first, second],
        [first, third],
      ].sort(),
    );
    const now = await stack('told');
    assert.equal(now.deployment, deployment);
    assert.deepEqual(
      now.images.map(({ pinned, newest }) => [pinned, newest]),
      [[first, third]],
    );
  });

  test('policy deploy: a moved tag is deployed by the next look, as a revision of its own', async () => {
    registry.push('moving', '1');
    await put('moving', { web: `${registry.host}/moving:1` }, { policy: 'deploy', everySeconds: 10 });
    const { deployment } = await stack('moving');
    const second = registry.push('moving', '1');
    await core.documentWith(node, 'the new image', ({ stacks }) =>
      stacks.some(({ name, pins: now }) => name === 'moving' && now['web']?.endsWith(second) === true),
    );
    const now = await stack('moving');
    assert.notEqual(now.deployment, deployment);
    assert.deepEqual([now.revision, now.images[0]?.pinned], [2, second]);
    assert.equal((await sync('moving')).changed, false);
  });

  test('policy deploy: what somebody went back from by hand stays away until its tag moves again', async () => {
    const image = `${registry.host}/regretted:1`;
    const first = registry.push('regretted', '1');
    await put('regretted', { web: image }, { policy: 'deploy' });
    const second = registry.push('regretted', '1');
    const moved = await sync('regretted');
    assert.deepEqual([moved.revision, moved.images[0]?.pinned], [2, second]);
    const pinsOf = async (revision: number) =>
      (await core.ask('getRevision', { name: 'regretted', revision })).pins?.['web'];
    assert.deepEqual(await Promise.all([1, 2].map(pinsOf)), [`${image}@${first}`, `${image}@${second}`]);
    const back = await core.ask('rollbackStack', { by: operator(), name: 'regretted', revision: 1 });
    assert.deepEqual([back.revision, back.changed], [3, true]);
    await core.documentWith(node, 'the first image', ({ stacks }) =>
      stacks.some(
        ({ name, revision, pins: now }) => name === 'regretted' && revision === 3 && now['web'] === `${image}@${first}`,
      ),
    );
    const kept = await sync('regretted');
    assert.deepEqual([kept.revision, kept.images[0]?.pinned, kept.images[0]?.newest], [3, first, second]);
    const third = registry.push('regretted', '1');
    const next = await sync('regretted');
    assert.deepEqual([next.revision, next.images[0]?.pinned], [4, third]);
    await core.ask('rollbackStack', { by: operator(), name: 'regretted', revision: 2 });
    assert.equal(await pinsOf(5), `${image}@${second}`, 'forward by hand is a revision too');
  });

  test('a registry that is away or hangs leaves a stack as it is pinned', async () => {
    const digest = registry.push('steady', '1');
    await put('steady', { web: `${registry.host}/steady:1` }, { policy: 'deploy' });
    registry.pause();
    const away = await sync('steady');
    assert.equal(away.changed, false);
    assert.match(away.images[0]?.error ?? '', /did not answer/);
    assert.deepEqual([away.images[0]?.pinned, away.images[0]?.newest], [digest, digest]);
    registry.resume();
    assert.equal((await sync('steady')).images[0]?.error, null);
  });

  test('one that nobody can tell holds up no other of its stack', async () => {
    registry.push('mixed', '1');
    const away = '127.0.0.1:9/x:1';
    await put('mixed', { web: `${registry.host}/mixed:1`, away }, { policy: 'deploy', everySeconds: 10 });
    for (let moves = 1; moves <= 3; moves += 1) {
      const digest = registry.push('mixed', '1');
      await core.documentWith(node, `move ${moves}`, ({ stacks }) =>
        stacks.some(({ name, pins: now }) => name === 'mixed' && now['web']?.endsWith(digest) === true),
      );
    }
    const { images } = await stack('mixed');
    assert.match(images.find(({ service }) => service === 'away')?.error ?? '', /does not answer/);
    await core.remove('mixed');
  });

  test('of a stack from git are pinned anew with its new text', async () => {
    const git = await startGitServer();
    try {
      const repository = git.repository('both');
      const [first, second] = [registry.push('both', '1'), registry.push('both', '2')];
      const text = (tag: string) => ({ 'compose.yaml': compose({ web: `${registry.host}/both:${tag}` }) });
      repository.commit(text('1'));
      const source = { repository: repository.url, ref: 'main', everySeconds: 0 };
      const spec = { source, targets: { nodes: [node.id] }, images: { policy: 'notify' as const } };
      await core.ask('putStack', { by: operator(), name: 'both', spec, onRevision: null });
      assert.equal((await stack('both')).images[0]?.pinned, first);
      repository.commit(text('2'));
      const moved = await sync('both');
      assert.deepEqual([moved.revision, moved.images[0]?.pinned], [2, second]);
    } finally {
      await git.stop();
    }
  });

  test('of a registry that asks for a login are found with the sealed credential', async () => {
    const digest = closed.push('own', '1');
    const image = `${closed.host}/own:1`;
    const without = await put('private', { web: image });
    assert.match(without.warnings.join(), /does not show own:1/);
    const { core: recipients, version } = await core.ask('secretRecipients', { name: 'registry' });
    const value = Buffer.from(`${REGISTRY_LOGIN.user}:${REGISTRY_LOGIN.password}`);
    const sealed = (await seal(value, recipients)).toString('base64');
    await core.ask('putSecret', { by: operator(), name: 'registry', version, description: null, sealed, nodes: [] });
    const answer = await put('private', { web: image }, { credentials: { [closed.host]: 'registry' } });
    assert.deepEqual(answer.warnings, []);
    assert.equal((await stack('private')).images[0]?.pinned, digest);
    await assert.rejects(
      core.ask('removeSecret', { by: operator(), name: 'registry' }),
      (error: { code?: string }) => error.code === 'secret-in-use',
    );
  });

  test('of another registry than the one a credential is for never bring it there', async () => {
    const shown: string[] = [];
    const evil = createServer(({ headers }, response) => {
      shown.push(headers.authorization ?? 'a stranger');
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    });
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    try {
      const host = `127.0.0.1:${(evil.address() as AddressInfo).port}`;
      const policy = { credentials: { [closed.host]: 'registry' } };
      closed.push('own', '1');
      const answer = await put('curious', { web: `${closed.host}/own:1`, evil: `${host}/x:1` }, policy);
      assert.match(answer.warnings.join(), /evil: .* does not show x:1 to us/);
      assert.deepEqual([...new Set(shown)], ['a stranger']);
      const own = await put('curious', { evil: `${host}/x:1` }, { credentials: { [host]: 'registry' } });
      assert.equal(own.warnings.length, 1);
      assert.ok(
        shown.some((value) => value.startsWith('Basic ')),
        'the control: named, it is shown',
      );
    } finally {
      evil.close();
    }
  });
});
