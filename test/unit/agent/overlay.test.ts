import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { type ServiceSecrets, secretUses } from '#agent/secrets/uses.ts';
import { needsOverlay, overlayText } from '#agent/stacks/overlay.ts';
import { readModel } from '#infra/compose/model.ts';
import type { DesiredSecret } from '#subjects/schema/secret.ts';

const secret = (name: string, more: Partial<DesiredSecret> = {}): DesiredSecret => ({
  name,
  secret: name,
  version: 1,
  services: null,
  environment: null,
  sealed: null,
  digest: null,
  ...more,
});
const places = {
  directory: ({ service }: ServiceSecrets) => `/room/$web/${service}`,
  file: ({ service }: ServiceSecrets, path: string) => `/room/$web/${service}@files/${path}`,
};
const external = { db: { external: true, name: 'db' } };

function textOf(model: object, secrets: DesiredSecret[], pins: Record<string, string> = {}) {
  const read = readModel(JSON.stringify(model));
  assert.ok(read);
  const uses = secretUses(read, { secrets });
  if (!uses.ok) return uses.reason;
  const services = Object.keys(read.services);
  return overlayText({ stack: { secrets, pins }, services, uses: uses.services, places });
}

test('services whose Compose secrets name it get the folder and a label, the others nothing', () => {
  const model = { services: { web: { secrets: [{ source: 'db' }] }, other: {} }, secrets: external };
  const text = textOf(model, [secret('db', { version: 3 })]);
  assert.match(text ?? '', /secrets: !reset \[\]/);
  assert.deepEqual(parse(text ?? '', { logLevel: 'silent' }), {
    services: {
      web: {
        secrets: [],
        labels: { 'dev.overseer.secrets': 'db@3' },
        volumes: [
          {
            type: 'bind',
            source: '/room/$$web/web',
            target: '/run/secrets',
            read_only: true,
            bind: { create_host_path: false },
          },
        ],
      },
    },
  });
});

test('file-based secrets of the same service stay, and get a file to be mounted on', () => {
  const model = {
    services: { web: { secrets: [{ source: 'db' }, { source: 'cert', target: '/run/secrets/cert' }] } },
    secrets: { ...external, cert: { file: './cert.pem' } },
  };
  assert.match(textOf(model, [secret('db')]) ?? '', /secrets: !override/);
  const read = readModel(JSON.stringify(model));
  const uses = read && secretUses(read, { secrets: [secret('db')] });
  assert.deepEqual(uses?.ok && uses.services[0]?.holders, ['cert']);
});

test('target, owner and mode of the long form are honoured, an absolute target gets a mount of its own', () => {
  const long = { source: 'db', target: 'sub/password', uid: '70', gid: '71', mode: '0440' };
  const model = { services: { web: { secrets: [long, { source: 'db', target: '/etc/app/key' }] } }, secrets: external };
  const read = readModel(JSON.stringify(model));
  const uses = read && secretUses(read, { secrets: [secret('db')] });
  assert.ok(uses?.ok);
  assert.deepEqual(uses.services[0]?.files, [
    { secret: 'db', path: 'sub/password', target: null, uid: 70, gid: 71, mode: 0o440 },
    { secret: 'db', path: 'etc.app.key', target: '/etc/app/key', uid: null, gid: null, mode: null },
  ]);
  const parsed = parse(textOf(model, [secret('db')]) ?? '', { logLevel: 'silent' });
  assert.deepEqual(
    parsed.services.web.volumes.map((volume: { source: string; target: string }) => [volume.source, volume.target]),
    [
      ['/room/$$web/web', '/run/secrets'],
      ['/room/$$web/web@files/etc.app.key', '/etc/app/key'],
    ],
  );
});

test('a variable is carried by the environment of the call alone', () => {
  const model = { services: { web: {}, job: {} } };
  const secrets = [secret('b', { services: ['web'] }), secret('a', { services: ['web'], environment: 'TOKEN' })];
  const text = textOf(model, secrets) ?? '';
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as Compose reads it
  assert.equal(parse(text).services.web.environment.TOKEN, '${OVERSEER_SECRET_0}');
  assert.equal(parse(text).services.web.labels['dev.overseer.secrets'], 'a@1,b@1');
  assert.ok(!('job' in parse(text).services));
});

test('a secret under another name says so in the label', () => {
  const model = { services: { web: { secrets: [{ source: 'db' }] } }, secrets: external };
  assert.match(textOf(model, [secret('db', { secret: 'prod-db' })]) ?? '', /"db=prod-db@1"/);
});

test('pins replace images, of services that are there', () => {
  const text = textOf({ services: { web: {} } }, [], { web: 'a/b@sha256:1', gone: 'x' });
  assert.deepEqual(parse(text ?? ''), { services: { web: { image: 'a/b@sha256:1' } } });
  assert.equal(textOf({ services: {} }, [], { gone: 'x' }), null);
});

test('what can not be done is said', () => {
  const web = (service: object, secrets: object = external) => ({ services: { web: service }, secrets });
  const own = { volumes: [{ type: 'volume', source: 'x', target: '/run/secrets/' }] };
  assert.match(textOf(web({ ...own, secrets: [{ source: 'db' }] }), [secret('db')]) ?? '', /of its own/);
  const up = [{ source: 'db', target: '../x' }];
  assert.match(textOf(web({ secrets: up }), [secret('db')]) ?? '', /outside/);
  const foreign = { secrets: [{ source: 'db' }] };
  assert.match(textOf(web(foreign), [secret('z')]) ?? '', /does not have/);
  const twice = { secrets: [{ source: 'db' }, { source: 'z', target: 'db' }] };
  assert.match(textOf(web(twice, { ...external, z: {} }), [secret('db')]) ?? '', /two secrets at/);
});

test('only secrets and pins need one', () => {
  assert.ok(!needsOverlay({ secrets: [], pins: {} }));
  assert.ok(needsOverlay({ secrets: [secret('a')], pins: {} }));
  assert.ok(needsOverlay({ secrets: [], pins: { web: 'x' } }));
});
