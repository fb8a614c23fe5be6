// What a deployment sends: what is said, before what the stack is already; never more than somebody meant.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { OverseerError } from '#subjects/errors.ts';
import { StackDetail } from '#subjects/schema/stack.ts';
import { exampleOf } from '#test/unit/gateway/example.ts';
import { cliFixture, NAS, PI } from './fixture.ts';

const strategy = {
  ...{ stabilitySeconds: 5, healthTimeoutSeconds: 120, rollback: true, pauseSeconds: 0, gate: 'manual', batch: 2 },
};
const spec = {
  compose: 'services: {}\n',
  files: { 'a.conf': 'a', 'b.conf': 'b' },
  env: { TAG: '1' },
  secrets: { db: { secret: 'db' }, key: { secret: 'prod-key', environment: 'KEY' } },
  ...{ profiles: ['debug'], scale: { web: 2, api: 3 }, drift: 'report', dependsOn: ['base'], state: 'stopped' },
  logs: { collect: 'errors', keepDays: 7 },
  ...{ images: { policy: 'notify', credentials: { 'ghcr.io': 'hub' } }, targets: { nodes: [NAS] }, strategy },
};
const stack = (more: object = {}) => ({
  ...(exampleOf(StackDetail) as object),
  ...{ name: 'web', revision: 4, spec, targets: spec.targets, state: spec.state },
  ...{ nodes: [], stoppedNodes: [], source: null, images: [], ...more },
});

describe('deploying', () => {
  const cli = cliFixture();
  const asked = (name: string) => cli.gateway.bus.asked.findLast((one) => one.name === name)?.input;
  /** What is sent, and what was said before it was. */
  const deployed = async (flags: string) => {
    const { code, err } = await cli.run(`stack deploy web ${flags} -d`);
    assert.equal(code, 0, err);
    return { sent: asked('putStack').spec, notes: err.split('\n').slice(0, -2) };
  };

  test('every setting goes into the specification', async () => {
    const flags = [
      '-f compose.yaml --node nas --profile a --profile b --scale web=3 --state stopped --drift report',
      '--secret db --secret key=prod-key:SERVICES=web,api:ENV=KEY --depends-on base',
      '--images notify --images-every 1h --registry-credential ghcr.io=hub --logs errors --logs-rate 500 --logs-keep 30',
      '--batch 25% --max-unavailable 2 --pause 30s --gate manual --no-rollback',
      '--stability-seconds 0 --health-timeout-seconds 300',
    ];
    const { sent, notes } = await deployed(flags.join(' '));
    assert.deepEqual(sent, {
      ...{ compose: 'services: {}\n', targets: { nodes: [NAS] }, state: 'stopped', profiles: ['a', 'b'] },
      ...{ scale: { web: 3 }, drift: 'report', dependsOn: ['base'] },
      secrets: { db: {}, key: { secret: 'prod-key', services: ['web', 'api'], environment: 'KEY' } },
      images: { policy: 'notify', everySeconds: 3600, credentials: { 'ghcr.io': 'hub' } },
      strategy: {
        ...{ batch: '25%', maxUnavailable: 2, pauseSeconds: 30, gate: 'manual', rollback: false },
        ...{ stabilitySeconds: 0, healthTimeoutSeconds: 300 },
      },
      logs: { collect: 'errors', linesPerSecond: 500, keepDays: 30 },
    });
    assert.deepEqual(notes, []);
    const place = '--git https://forge.lan/web.git --path deploy --git-credential forge --git-every 0';
    assert.deepEqual((await deployed(`${place} --selector role=edge`)).sent, {
      source: {
        ...{ repository: 'https://forge.lan/web.git', ref: 'main', path: 'deploy' },
        ...{ credential: 'forge', everySeconds: 0 },
      },
      targets: { selector: { role: 'edge' } },
    });
  });

  test('what can not be is refused before anything is asked', async () => {
    for (const wrong of [
      ...['--batch 0', '--batch 101%', '--scale web', '--gate maybe', '--drift', '--stability-seconds -1'],
      ...['--secret :ENV=X', '--secret db:MODE=0400', '--registry-credential hub', '--images-every 1h'],
      ...['--git git@x:y.git', '--git-every 5m'],
      ...['--logs some', '--logs-rate 0', '--logs-keep 1w'],
    ]) {
      assert.equal((await cli.run(`stack deploy web -f compose.yaml --node nas ${wrong}`)).code, 2, wrong);
    }
    assert.equal(asked('putStack'), undefined);
  });

  test('what is not said stays as it was, and is named', async () => {
    cli.gateway.bus.answers.getStack = () => stack();
    writeFileSync(join(cli.folder, 'compose.yaml'), 'services: {web: {image: x}}\n');
    const other = await deployed('-f compose.yaml');
    assert.deepEqual(other.sent, { ...spec, compose: 'services: {web: {image: x}}\n' });
    assert.deepEqual(other.notes, [
      'kept from revision 4: files, env, secrets, profiles, scale, drift, logs, images, targets, dependsOn, strategy',
      'it stays stopped: start it with overseer stack start web',
    ]);
    assert.equal(asked('putStack').onRevision, 4);
    const some = await deployed('--batch none --scale api=1 --secret key --file b.conf=compose.yaml --state running');
    assert.deepEqual(some.sent, {
      ...spec,
      ...{ scale: { web: 2, api: 1 }, secrets: { ...spec.secrets, key: {} }, state: 'running' },
      ...{ files: { ...spec.files, 'b.conf': 'services: {web: {image: x}}\n' } },
      strategy: { stabilitySeconds: 5, healthTimeoutSeconds: 120, rollback: true, pauseSeconds: 0, gate: 'manual' },
    });
    assert.match(some.notes[0] ?? '', /^kept from revision 4: compose, files, env, secrets, /);
    assert.equal(some.notes.length, 1);
  });

  test('files that are said with a text are all of its files', async () => {
    cli.gateway.bus.answers.getStack = () => stack();
    const { sent, notes } = await deployed('-f compose.yaml --file c.conf=web.env --state running');
    assert.deepEqual(Object.keys(sent.files), ['c.conf']);
    assert.doesNotMatch(notes.join(), /\bfiles/);
  });

  test('everything that can be said can be taken back', async () => {
    cli.gateway.bus.answers.getStack = () => stack({ stoppedNodes: [PI], state: 'running' });
    const nothing =
      '--file none --env-file none --secret none --profile none --scale none --depends-on none --drift correct ' +
      '--logs all --logs-rate none --logs-keep none --images off --registry-credential none --batch none --gate healthy --rollback';
    const { sent, notes } = await deployed(nothing);
    assert.deepEqual(sent, {
      ...{ compose: spec.compose, files: {}, env: {}, secrets: {}, profiles: [], scale: {}, dependsOn: [] },
      ...{ drift: 'correct', images: { policy: 'off', credentials: {} }, targets: spec.targets, state: 'stopped' },
      logs: { collect: 'all' },
      strategy: { stabilitySeconds: 5, healthTimeoutSeconds: 120, rollback: true, pauseSeconds: 0, gate: 'healthy' },
    });
    assert.deepEqual(notes, [
      'kept from revision 4: compose, targets',
      'it stays stopped on 1 node: start it with overseer stack start web',
    ]);
    const anew = await deployed('--secret none --secret db --no-rollback');
    assert.deepEqual(anew.sent.secrets, { db: {} });
    assert.equal(anew.sent.strategy.rollback, false);
  });

  test('--fresh keeps the targets, --spec is the whole; other options go before it', async () => {
    cli.gateway.bus.answers.getStack = () => stack();
    const fresh = await deployed('--fresh -f compose.yaml --profile a');
    assert.deepEqual(Object.keys(fresh.sent).sort(), ['compose', 'profiles', 'targets']);
    assert.deepEqual(fresh.notes, ['kept from revision 4: targets']);
    assert.equal((await cli.run('stack deploy web --fresh --profile a')).code, 2);
    writeFileSync(join(cli.folder, 'whole.json'), JSON.stringify({ ...spec, targets: { nodes: [PI] } }));
    const whole = await deployed('--spec whole.json --selector role=edge --scale web=1');
    assert.deepEqual(whole.sent, {
      ...spec,
      ...{ targets: { selector: { role: 'edge' } }, scale: { ...spec.scale, web: 1 } },
    });
    assert.deepEqual([whole.notes, asked('putStack').onRevision], [[], null]);
    writeFileSync(join(cli.folder, 'part.yaml'), 'compose: |\n  services: {}\nstrategy: {batch: 25%}\n');
    const part = await deployed('--spec part.yaml');
    assert.deepEqual(part.sent, { compose: 'services: {}\n', strategy: { batch: '25%' }, targets: spec.targets });
    assert.deepEqual(part.notes, ['kept from revision 4: targets']);
    for (const [text, code] of [
      ['- a', 2],
      ['a: [', 2],
      ['compose: x\nnonsense: 1', 1],
    ] as const) {
      writeFileSync(join(cli.folder, 'wrong.yaml'), text);
      assert.equal((await cli.run('stack deploy web --spec wrong.yaml --node nas')).code, code, text);
    }
  });

  test('a credential goes to no other repository; a text takes the place of a source', async () => {
    const source = { repository: 'https://forge.lan/web.git', ref: 'v1', path: 'deploy', credential: 'forge' };
    const { compose: _, ...rest } = spec;
    cli.gateway.bus.answers.getStack = () => stack({ spec: { ...rest, source } });
    assert.deepEqual((await deployed('--ref v2')).sent.source, { ...source, ref: 'v2' });
    assert.deepEqual((await deployed('--git https://forge.lan/web.git --git-credential none')).sent.source, {
      ...{ repository: source.repository, ref: 'v1', path: 'deploy' },
    });
    const elsewhere = await deployed('--git https://other.lan/web.git');
    assert.deepEqual(elsewhere.sent.source, { repository: 'https://other.lan/web.git', ref: 'main' });
    assert.doesNotMatch(elsewhere.notes.join(), /source/);
    const { sent } = await deployed('-f compose.yaml');
    assert.deepEqual([sent.source, typeof sent.compose], [undefined, 'string']);
  });

  test('what only the text says of itself is gone with the text', async () => {
    const compose = [
      'x-overseer: {batch: 2, stabilitySeconds: 20}',
      'secrets: {db: {external: true}, key: {external: true, name: prod-key}, own: {file: x}}',
      '',
    ].join('\n');
    const secrets = { ...spec.secrets, own: { secret: 'own' } };
    cli.gateway.bus.answers.getStack = () => stack({ compose, spec: { ...spec, compose, secrets } });
    const { sent } = await deployed('-f compose.yaml');
    assert.deepEqual(sent.secrets, { key: spec.secrets.key, own: { secret: 'own' } });
    const { batch: _, ...rest } = strategy;
    assert.deepEqual(sent.strategy, rest);
  });

  test('only a core that says so has no such stack', async () => {
    for (const [code, exit] of [
      ['unauthorized', 4],
      ['internal', 1],
      ['unavailable', 1],
    ] as const) {
      cli.gateway.bus.answers.getStack = () => {
        throw new OverseerError(code, 'not now');
      };
      const ran = await cli.run('stack deploy web -f compose.yaml --node nas');
      assert.equal(ran.code, exit, ran.err);
    }
    assert.equal(asked('putStack'), undefined);
  });

  test('what is missing is said, and how to say it', async () => {
    for (const [line, says] of [
      ['--batch 2', /^Nothing says what should run, and there is no such stack yet\.\nAdd -f/],
      ['-f compose.yaml', /^Nothing says where it should run\.\nAdd --node/],
      ['-f compose.yaml --node nas --ref v2', /^It does not come from git\./],
      ['-f compose.yaml --node nas --images-every 1h', /^Nothing says what to do when a tag moves\./],
    ] as const) {
      const { code, err } = await cli.run(`stack deploy web ${line}`);
      assert.equal(code, 2, err);
      assert.match(err, says);
    }
  });

  test('a stack that somebody else changed meanwhile is left alone', async () => {
    cli.gateway.bus.answers.putStack = () => {
      throw new OverseerError('revision-moved', 'web: no such stack was expected, but revision 1 is the newest');
    };
    const ran = await cli.run('stack deploy web -f compose.yaml --node nas');
    assert.equal(ran.code, 5);
    assert.equal(asked('putStack').onRevision, 0);
    assert.match(ran.err, /run the command again\.\n$/);
  });
});
