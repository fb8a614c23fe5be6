// What the CLI prints, and how it ends.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { OverseerError } from '#subjects/errors.ts';
import { TOKEN } from '#test/unit/gateway/gateway.ts';
import { cliFixture, DEPLOYMENT, deployment, NAS, node, PI, target } from './fixture.ts';
import { overseer } from './run.ts';

describe('overseer', () => {
  const cli = cliFixture();

  test('node ls in every form', async () => {
    assert.equal(
      (await cli.run('node ls')).out,
      [
        'NAME  ID        STATE            SEEN  VERSION  LABELS',
        'nas   nas2aaaa  online           -     0.1.0    role=edge,site=home',
        'pi    pi22bbbb  offline,drained  -     -        -',
        '',
      ].join('\n'),
    );
    assert.equal((await cli.run('nodes ls --no-headers')).out.split('\n')[0]?.startsWith('nas '), true);
    assert.equal((await cli.run('node ls -q')).out, `${NAS}\n${PI}\n`);
    assert.equal((await cli.run('node ls -o name')).out, 'nodes/nas\nnodes/pi\n');
    assert.match((await cli.run('node ls -o wide')).out, /DOCKER +SYSTEM +CPUS +HOST/);
    assert.equal(JSON.parse((await cli.run('node ls --json')).out).items[1].liveness, 'offline');
    assert.equal(JSON.parse((await cli.run('-o ndjson node ls')).out.split('\n')[1] ?? '').name, 'pi');
    assert.equal(parse((await cli.run('node ls -o yaml')).out).items[0].labels.role, 'edge');
  });

  test('a node by name, id and the beginning of its id', async () => {
    for (const name of ['nas', NAS, 'nas2a']) assert.equal((await cli.run(`node get ${name} -q`)).out, `${NAS}\n`);
    const { code, err } = await cli.run('node get nax');
    assert.equal(code, 3);
    assert.equal(err, 'There is no node nax.\nSee which there are: overseer node ls\n');
  });

  test('failures say what, why and what next, with their exit code', async () => {
    const codes: [string, number][] = [
      ['nod ls', 2],
      ['node', 1],
      ['node ls --what', 2],
      ['node ls -o xml', 2],
      ['stack deploy web', 2],
      ['stack deploy web -f compose.yaml --wait soon --node nas', 2],
      ['stack deploy web -f absent.yaml --node nas', 2],
      ['stack deploy web -f compose.yaml', 2],
      ['stack get web', 3],
      ['node --help', 0],
    ];
    for (const [line, code] of codes) assert.equal((await cli.run(line)).code, code, line);
    const wrong = await cli.run('node ls', { env: { OVERSEER_TOKEN: 'wrong' } });
    assert.equal(wrong.code, 4);
    assert.match(
      wrong.err,
      /^Authentication is needed: this token is not valid\nGive the admin token by OVERSEER_TOKEN/,
    );
    const away = await overseer({ url: 'http://127.0.0.1:9' }, ['node', 'ls']);
    assert.equal(away.code, 1);
    assert.match(away.err, /The core does not answer: .*\nIs it running\? Start it with `npm start`/);
  });

  test('refusals of a service become exit codes, and every fault of a body is told', async () => {
    for (const [code, exit] of [
      ['conflict', 5],
      ['timeout', 6],
      ['node-offline', 6],
      ['forbidden', 4],
      ['compose-refused', 1],
    ] as const) {
      cli.gateway.bus.answers.putStack = () => {
        throw new OverseerError(code, 'no such key: image');
      };
      const ran = await cli.run('stack deploy web -f compose.yaml --node nas');
      assert.equal(ran.code, exit, code);
      assert.match(ran.err, /: no such key: image\n/);
    }
    const { err, code } = await cli.run(
      'stack deploy web -f compose.yaml --node nas --selector A!=b --file ../x=compose.yaml',
    );
    assert.equal(code, 1);
    assert.match(err, /selector\.A!: label key outside/);
  });

  test('what comes from others can not move the cursor', async () => {
    const evil = '\u001b]52;c;ZXZpbA==\u0007\u001b[2Jx\u202e\r\n';
    cli.gateway.bus.answers.listNodes = () => ({
      items: [{ ...node(NAS, 'nas'), agentVersion: evil }],
      nextCursor: null,
    });
    const { out } = await cli.run('node ls');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    assert.doesNotMatch(out, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    assert.match(out, /x\\u202e\\u000d\\u000a/);
  });

  test('events: listed, and watched until Ctrl-C', async () => {
    cli.onNas('online', { reason: 'a heartbeat' });
    assert.match(
      (await cli.run('event ls')).out,
      /^SEQUENCE +TIME +FACT +SUBJECT +WHAT\n1 .* online +nodes\/nas2.*reason=a heartbeat/,
    );
    const watched = await cli.run('event watch --after 0 -o ndjson', { stopAfter: 1 });
    assert.equal(watched.code, 130);
    assert.equal(JSON.parse(watched.out).sequence, '1');
  });

  test('events: of a node, a type, a time; followed from there on, each once', async () => {
    cli.gateway.bus.stored.length = 0;
    for (const reason of ['one', 'two']) cli.onNas('offline', { reason });
    cli.onNas('online', { reason: 'three' });
    const told = async (line: string) =>
      (await cli.run(`events ${line} -o ndjson`)).out
        .split('\n')
        .filter((text) => text !== '')
        .map((text) => JSON.parse(text).data.reason);
    assert.deepEqual(await told('--type node.offline'), ['two', 'one']);
    assert.deepEqual(await told('--node nas --limit 1'), ['three']);
    assert.deepEqual(await told(`--stack elsewhere`), []);
    assert.deepEqual(await told('--since 2026-11-23T20:00:00Z'), ['three', 'two', 'one']);
    assert.deepEqual(await told('--since 2026-11-23T20:00:01Z'), []);
    assert.equal((await cli.run('events --since 2030-01-01')).err, 'No events.\n');
    const followed = cli.run('events --type node.offline -f -o ndjson', { stopAfter: 3 });
    const adding = setInterval(() => {
      cli.onNas('online', { reason: 'other' });
      cli.onNas('offline', { reason: 'more' });
    }, 1000);
    const { out, code } = await followed;
    clearInterval(adding);
    assert.equal(code, 0);
    const sequences = out
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text).sequence);
    assert.equal(new Set(sequences).size, sequences.length);
    assert.deepEqual(sequences.slice(0, 2), ['1', '2']);
    assert.equal((await cli.run('events --node nax')).code, 3);
  });

  test('the token of this machine goes to this machine alone', async () => {
    const data = join(cli.folder, 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'admin-token'), `${TOKEN}\n`);
    const env = { OVERSEER_TOKEN: '', OVERSEER_DATA: data };
    assert.equal((await cli.run('node ls -q', { env })).out, `${NAS}\n${PI}\n`);
    assert.equal((await cli.run('node ls', { env: { ...env, OVERSEER_DATA: cli.folder } })).code, 4);
    // 127.0.0.2 is ours too, but by its name it could be anybody's.
    const elsewhere = cli.gateway.url.replace('127.0.0.1', '127.0.0.2');
    const ran = await cli.run('node ls', { env: { ...env, OVERSEER_URL: elsewhere } });
    assert.notEqual(ran.code, 0);
    const file = await cli.run('node ls -q', { env: { OVERSEER_TOKEN: '', OVERSEER_TOKEN_FILE: 'data/admin-token' } });
    assert.equal(file.out, `${NAS}\n${PI}\n`);
  });

  test('status, tokens, audit and deployments', async () => {
    const status = await cli.run('status');
    assert.equal(status.code, 0);
    assert.match(status.out, /^SERVICE +STATE +VERSION +UP\ngateway +up +9\.9\.9/);
    assert.match(status.out, /1 of 2 nodes online \(1 not\)/);
    cli.gateway.bus.answers.auditStatus = () => {
      throw new OverseerError('unavailable', 'nobody');
    };
    const down = await cli.run('status');
    assert.equal(down.code, 1);
    assert.match(down.out, /audit +down/);
    assert.match((await cli.run('token ls')).out, /^ID +STATE +USED/);
    assert.match((await cli.run('audit ls --object stacks/web')).out, /stack\.put/);
    assert.equal(cli.gateway.bus.asked.at(-1)?.input.object, 'stacks/web');
    cli.stands(() =>
      deployment('succeeded', [
        target(NAS, 'nas', 'succeeded', {
          steps: [
            {
              ...{ step: 'up', why: 'new', startedAt: '2026-11-23T20:00:00.000Z', finishedAt: null },
              ...{ outcome: 'ok', reason: null, exitCode: 0, output: ['10%\rStarted'] },
            },
            {
              ...{ step: 'probe', why: 'asked', startedAt: '2026-11-23T20:00:00.000Z', finishedAt: null },
              ...{ outcome: 'failed', reason: 'no such image', exitCode: 17, output: [] },
            },
          ],
        }),
      ]),
    );
    assert.match(
      (await cli.run(`deployment get ${DEPLOYMENT}`)).out,
      /\nnas {2}succeeded\n {2}up: new \(ok\)\n {4}Started\n {2}probe: asked \(failed, exit code 17: no such image\)\n$/,
    );
    assert.equal((await cli.run(`deployment get ${DEPLOYMENT} --node nas`)).code, 0);
    assert.equal(cli.gateway.bus.asked.findLast(({ name }) => name === 'listSteps')?.input.node, NAS);
    assert.equal((await cli.run(`deployment get ${DEPLOYMENT} --node nax`)).code, 3);
  });
});
