// The audit of the whole product, by the CLI and over HTTP: verified, exported and verified again without a core, followed
// over restarts, and found out when somebody changes the database.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { messages } from '#clients/sdk/messages.ts';
import { createLogger } from '#infra/logger.ts';
import { startPostgres } from '#infra/postgres/embedded.ts';
import { type Database, openDatabase } from '#infra/postgres/orm.ts';
import { startAppending } from '#services/audit/appending.ts';
import { makeCheckpoint } from '#services/audit/checkpoints.ts';
import { auditSigner } from '#services/audit/signer.ts';
import { asOwner, trailRecord } from '#test/harness/audit-trail.ts';
import { expectStatus } from '#test/harness/fleet.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';
import { simulateAgent } from '#test/load/simulated-agent.ts';

const SOON_MS = 120_000;
const CALM = { pullMs: 0, crashPerMinute: 0, refuse: 0 };

describe('the audit', { timeout: 600_000 }, () => {
  let system: System;
  let owner: Database;
  const folder = mkdtempSync('/tmp/ovs-audit-');
  before(async () => {
    system = await startSystem({ dockerHost: null });
    // The server that runs already.
    const { url } = await startPostgres(`${system.data}/postgres`);
    owner = await openDatabase({ url, entities: [], log: createLogger('test', 'silent') });
  });
  after(async () => {
    await owner?.close();
    await system?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function cli(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const env = { PATH: process.env['PATH'] ?? '', OVERSEER_URL: system.url, OVERSEER_TOKEN: system.token };
    const child = spawn(process.execPath, ['--', 'clients/cli/main.ts', ...args], { env });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  }

  const makeToken = async () =>
    expectStatus(await system.api('POST', '/api/enrollment-tokens', { ttlSeconds: 600 }), 201).body.id as string;
  const kept = async (id: string) => {
    const { body } = await system.api('GET', `/api/audit?object=enrollment-tokens/${id}`);
    return body.items[0];
  };
  const ready = () =>
    until(async () => (await system.api('GET', '/readyz')).body.ready === true, SOON_MS, 'the core again');
  /** It makes a checkpoint when it starts, else once a minute. */
  async function sealed(): Promise<void> {
    system.kill('core', 'SIGKILL');
    await ready();
    const isSealed = async () => {
      const { newest, records } = (await system.api('GET', '/api/audit/summary')).body;
      return newest?.checkpoint.records >= records;
    };
    await until(isSealed, SOON_MS, 'a checkpoint of all');
  }

  test('a call is found by its request, and the whole is verified', async () => {
    const answer = await system.api('POST', '/api/enrollment-tokens', { ttlSeconds: 600 });
    const request = answer.headers.get('x-request-id') ?? '';
    const refused = await system.api('POST', '/api/enrollment-tokens', { ttlSeconds: -1 });
    const found = await until(
      async () => (await system.api('GET', `/api/audit?request=${request}`)).body.items[0],
      SOON_MS,
      'the record of the call',
    );
    assert.equal(found.action, 'enrollment-token.create');
    assert.deepEqual([found.partition, found.fault], ['registry', null]);
    const no = await until(
      async () => (await system.api('GET', `/api/audit?request=${refused.headers.get('x-request-id')}`)).body.items[0],
      SOON_MS,
      'the record of the refusal',
    );
    assert.deepEqual([no.outcome, no.code], ['refused', 'invalid-input']);
    const spec = { compose: 'services: {a: {image: busybox}}\n', targets: { selector: { nowhere: 'yes' } } };
    const put = await system.api('PUT', '/api/stacks/traced', spec);
    const created = await until(
      async () => (await system.api('GET', '/api/events?type=deployment.created')).body.items[0],
      SOON_MS,
      'the event of the deployment',
    );
    assert.equal(created.requestid, put.headers.get('x-request-id'), 'the event names the call, as its record does');
    const ofDeployment = await until(
      async () => (await system.api('GET', `/api/audit?deployment=${created.data.deployment}`)).body.items[0],
      SOON_MS,
      'the record of the deployment',
    );
    assert.deepEqual([ofDeployment.action, ofDeployment.actor.requestId], ['stack.put', created.requestid]);
    const { code, out, err } = await cli('audit', 'verify');
    assert.equal(code, 0, out + err);
    assert.match(out, /^As it was written: \d+ records/);
    assert.doesNotMatch(out, /lets this core itself change/, 'the service may only add');
  });

  test('an export is verified without a core; one that was changed or cut is not', async () => {
    await sealed();
    const file = `${folder}/audit.ndjson`;
    assert.equal((await cli('audit', 'export', '--out', file)).code, 0);
    const good = await cli('audit', 'verify', '--file', file);
    assert.equal(good.code, 0, good.out + good.err);
    assert.match(good.out, /^As it was written: \d+ records, \d+ checkpoints? by key /);
    const text = readFileSync(file, 'utf8');
    const lines = text.trimEnd().split('\n');
    const at = lines.findIndex((line) => line.includes('"type":"record"') && line.includes('enrollment-token.create'));
    const { partition, number } = JSON.parse(lines[at] ?? '{}');
    writeFileSync(`${folder}/changed`, text.replace('enrollment-token.create', 'enrollment-token.revoke'));
    const changed = await cli('audit', 'verify', '--file', `${folder}/changed`, '-o', 'json');
    assert.equal(changed.code, 7, changed.out + changed.err);
    const [fault] = JSON.parse(changed.out).faults;
    assert.deepEqual([fault.partition, fault.number, fault.kind], [partition, number, 'changed']);
    writeFileSync(`${folder}/without`, lines.toSpliced(at, 1).join('\n'));
    assert.match((await cli('audit', 'verify', '--file', `${folder}/without`)).out, /NOT as it was written/);
    writeFileSync(`${folder}/cut`, lines.slice(0, -1).join('\n'));
    const cut = await cli('audit', 'verify', '--file', `${folder}/cut`);
    assert.equal(cut.code, 1, 'it is not known whether it was changed');
    assert.match(cut.err, /broken off/);
    writeFileSync(`${folder}/unsealed`, lines.filter((line) => !line.includes('"type":"checkpoint"')).join('\n'));
    const unsealed = await cli('audit', 'verify', '--file', `${folder}/unsealed`);
    assert.equal(unsealed.code, 7, unsealed.out + unsealed.err);
    assert.match(unsealed.out, /nothing vouches for these records/);
    writeFileSync(`${folder}/kept.json`, (await cli('audit', 'checkpoint')).out);
    assert.equal((await cli('audit', 'export', '--out', file)).code, 0);
    const compared = await cli('audit', 'verify', '--file', file, '--checkpoint', `${folder}/kept.json`);
    assert.equal(compared.code, 0, compared.out + compared.err);
    writeFileSync(`${folder}/garbage`, `${lines[0]}\n\u0000{"type":"record"}\n`);
    assert.match((await cli('audit', 'verify', '--file', `${folder}/garbage`)).err, /line 2 is no JSON/);
    assert.notEqual((await cli('audit', 'verify', '--file', `${folder}/nowhere`)).code, 0);
  });

  test('followed over two restarts of the core: each record once, in order', async () => {
    const stopping = new AbortController();
    const heard: { sequence: number; object: string }[] = [];
    let opened = 0;
    const onOpen = () => {
      opened += 1;
    };
    const following = (async () => {
      const options = { signal: stopping.signal, onOpen };
      const connection = { url: system.url, token: system.token };
      for await (const { data } of messages(connection, '/api/audit?action=enrollment-token.create', options)) {
        heard.push(JSON.parse(data));
      }
    })();
    await until(() => opened === 1, SOON_MS, 'the stream to be open');
    const made: string[] = [];
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 5; count++) made.push(`enrollment-tokens/${await makeToken()}`);
      if (round === 2) break;
      const before = opened;
      system.kill('core', 'SIGKILL');
      await ready();
      await until(() => opened > before, SOON_MS, 'the stream again');
    }
    await until(() => heard.length >= made.length, SOON_MS, `${made.length} records`);
    stopping.abort();
    await following;
    assert.deepEqual(heard.map(({ object }) => object).sort(), made.toSorted());
    const order = heard.map(({ sequence }) => sequence);
    assert.deepEqual(
      order,
      order.toSorted((one, other) => one - other),
    );
    assert.ok(opened >= 3, 'control: it was cut');
  });

  test('a kept checkpoint is one of this audit; another is not', async () => {
    const { out } = await cli('audit', 'checkpoint');
    const file = `${folder}/checkpoint.json`;
    writeFileSync(file, out);
    assert.equal((await cli('audit', 'verify', '--checkpoint', file)).code, 0);
    const { number } = JSON.parse(out).checkpoint;
    const other = await system.api('GET', `/api/audit/verify?checkpoint=${number}-${'0'.repeat(64)}`);
    assert.deepEqual([other.body.valid, other.body.first.kind], [false, 'witness']);
    writeFileSync(file, out.replace('"number":', '"number":1'));
    assert.match((await cli('audit', 'verify', '--checkpoint', file)).err, /no signed checkpoint/);
  });

  test('a database that was rewritten with the right key, checkpoints and all, is found out by the nodes', async () => {
    const issued = expectStatus(await system.api('POST', '/api/enrollment-tokens', { uses: 2 }), 201).body;
    const log = createLogger('agent', 'silent');
    const simulation = { url: system.url, token: issued.token as string, dials: CALM, log };
    const agents = await Promise.all([0, 1].map((index) => simulateAgent(simulation, index)));
    const ask = async () => (await system.api('GET', '/api/audit/verify?agents=true')).body;
    try {
      await until(
        async () => {
          const { newest } = (await system.api('GET', '/api/audit/summary')).body;
          const found = await cli('audit', 'verify', '--agents');
          return newest !== null && /2 of 2 nodes told/.test(found.out) && found.code === 0;
        },
        SOON_MS,
        'the nodes to answer',
      );
      const holding = () => system.api('GET', '/api/audit/summary').then(({ body }) => body.newest.checkpoint.number);
      const number: number = await holding();
      await until(async () => (await holding()) > number, SOON_MS, 'a checkpoint that both heard');

      const signer = auditSigner(system.data);
      const now = () => new Date();
      const last = await holding();
      system.kill('core', 'SIGSTOP');
      await asOwner(owner, async (em) => {
        for (const table of ['audit_chain', 'audit_checkpoints', 'audit_sealed_heads']) {
          await em.execute(`truncate ${table}`, [], 'run');
        }
      });
      const appending = startAppending({ database: owner, signer, now });
      for (let made = 0; made < last; made++) {
        await appending.append({ partition: 'gateway', record: trailRecord(made) });
        await owner.transaction((em) => makeCheckpoint(em, { signer, now }));
      }
      rmSync(`${system.data}/audit-checkpoint.json`);
      system.kill('core', 'SIGKILL');
      await ready();
      assert.equal((await cli('audit', 'verify')).code, 0, 'control: it is right in itself');
      const found = await until(
        async () => {
          const answer = await ask();
          return answer.agents.answered === 2 ? answer : null;
        },
        SOON_MS,
        'the nodes to be back',
      );
      assert.deepEqual([found.valid, found.first.kind], [false, 'witness']);
      assert.match(found.first.detail, /the database was rewritten|another one|contradicts|is another/);
      const { code, out } = await cli('audit', 'verify', '--agents');
      assert.equal(code, 7, out);
    } finally {
      await Promise.all(agents.map((agent) => agent.stop()));
    }
  });

  test('whoever changes the database is found out, and the record named', async () => {
    const id = await makeToken();
    const record = await until(() => kept(id), SOON_MS, 'its record');
    await makeToken();
    await asOwner(owner, async (em) => {
      await em.execute(
        `update audit_chain set body = replace(body, '"admin"', '"nobody"') where partition = 'registry' and number = ?`,
        [record.number],
        'run',
      );
    });
    const { code, out } = await cli('audit', 'verify');
    assert.equal(code, 7, out);
    assert.match(out, new RegExp(`^NOT as it was written. First bad place: registry ${record.number}: changed`));
    const { body } = await system.api('GET', '/api/audit/verify?agents=true');
    assert.deepEqual([body.valid, body.first.partition, body.first.number], [false, 'registry', record.number]);
    assert.deepEqual([body.agents.asked, body.agents.answered, body.agents.silent.length], [2, 0, 2]);
  });
});
