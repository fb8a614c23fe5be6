// Secrets over HTTP: sealed before anything goes on the bus, and never repeated, whatever is sent.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type KeyPair, newKeyPair, open } from '#infra/sealing/age.ts';
import { checkEnvelope } from '#infra/sealing/envelope.ts';
import { OverseerError } from '#subjects/errors.ts';
import { SECRET_MAX_BYTES } from '#subjects/limits.ts';
import type { PutSecretAnswer } from '#subjects/schema/secret.ts';
import { startTestGateway, type TestGateway, TOKEN } from './gateway.ts';

const VALUE = 'correct horse battery staple';
const NODE = 'n'.repeat(26);
const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };

describe('secrets', () => {
  let gateway: TestGateway;
  let vault: KeyPair;
  let recovery: KeyPair;
  before(async () => {
    gateway = await startTestGateway();
    [vault, recovery] = await Promise.all([newKeyPair(), newKeyPair()]);
  });
  after(() => gateway.stop());
  beforeEach(() => {
    gateway.bus.asked.length = 0;
    gateway.bus.audit.length = 0;
    gateway.bus.answers = {
      secretRecipients: () => ({
        mode: 'managed',
        core: [vault.recipient, recovery.recipient],
        version: 3,
        nodes: [{ node: NODE, stack: 'web', recipient: recovery.recipient }],
        nextCursor: null,
      }),
      putSecret: ({ name, version }) => ({ name, version, deployments: [], warnings: [] }),
    };
  });

  const send = (body: unknown, path = '/api/secrets/db') =>
    fetch(gateway.url + path, { method: 'PUT', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
  const last = () => gateway.bus.asked.at(-1)?.input;

  test('text and bytes arrive sealed for every recipient, with the version they are for', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 0]);
    const cases: [object, Buffer][] = [
      [{ value: VALUE }, Buffer.from(VALUE)],
      [{ base64: bytes.toString('base64') }, bytes],
      [{ value: 'ä€\u0000' }, Buffer.from('ä€\u0000')],
    ];
    for (const [body, expected] of cases) {
      const response = await send(body);
      assert.equal(response.status, 202);
      assert.deepEqual(await response.json(), { name: 'db', version: 3, deployments: [], warnings: [] });
      const sealed = Buffer.from(last().sealed, 'base64');
      for (const { identity } of [vault, recovery]) assert.deepEqual(await open(sealed, identity), expected);
      const inside = await open(Buffer.from(last().nodes[0].sealed, 'base64'), recovery.identity);
      const checked = checkEnvelope(inside, { secret: 'db', version: 3, node: NODE, stack: 'web' });
      assert.ok(checked.ok);
      assert.deepEqual(checked.value, expected);
    }
  });

  test('a value that is too short to be found in output is warned of', async () => {
    for (const [value, count] of [
      ['abc', 1],
      ['abcd', 0],
    ] as const) {
      const { warnings } = (await (await send({ value })).json()) as { warnings: string[] };
      assert.equal(warnings.length, count);
      assert.ok(!warnings.join().includes(value));
    }
  });

  test('nothing that the bus is asked holds the value', async () => {
    await send({ value: VALUE });
    const forms = (['utf8', 'base64', 'hex'] as const).map((form) => Buffer.from(VALUE).toString(form));
    const asked = JSON.stringify(gateway.bus.asked);
    for (const form of forms) assert.ok(!asked.includes(form));
    assert.ok(JSON.stringify([{ input: { planted: forms } }]).includes(forms[1] as string), 'the control finds it');
  });

  test('a version that somebody else took is sealed once more, and only once', async () => {
    let version = 3;
    let puts = 0;
    const to = { mode: 'managed', core: [vault.recipient], nodes: [], nextCursor: null };
    gateway.bus.answers.secretRecipients = () => ({ ...to, version });
    gateway.bus.answers.putSecret = ({ name, version: given }) => {
      puts += 1;
      version = 4;
      if (given === 3) throw new OverseerError('conflict', 'the next version is 4');
      return { name, version: given, deployments: [], warnings: [] };
    };
    assert.equal((await send({ value: VALUE })).status, 202);
    assert.equal(puts, 2);
    gateway.bus.answers.putSecret = () => {
      puts += 1;
      throw new OverseerError('conflict', 'again');
    };
    assert.equal((await send({ value: VALUE })).status, 409);
    assert.equal(puts, 4);
  });

  test('no refusal repeats what was sent, nor does its record', async () => {
    const long = VALUE.repeat(Math.ceil(SECRET_MAX_BYTES / VALUE.length) + 1);
    const bodies: [body: unknown, status: number][] = [
      [{ value: VALUE, base64: VALUE }, 400],
      [{ base64: `${VALUE}!` }, 400],
      [{ value: [VALUE] }, 400],
      [{ value: { [VALUE]: VALUE } }, 400],
      [VALUE, 400],
      [`"${VALUE}"`, 400],
      [`{"value": "${VALUE}`, 400],
      [`{"value": ${VALUE}}`, 400],
      [{ value: long }, 400],
      [{ base64: Buffer.from(long).toString('base64') }, 413],
      [{ value: '€'.repeat(SECRET_MAX_BYTES - 1) }, 413],
    ];
    for (const [body, status] of bodies) {
      const response = await send(body);
      const text = await response.text();
      assert.equal(response.status, status, text.slice(0, 200));
      assert.ok(!text.includes('correct') && !text.includes('€'), text.slice(0, 300));
    }
    gateway.bus.answers.putSecret = () => {
      throw new OverseerError('internal', 'no');
    };
    assert.ok(!(await (await send({ value: VALUE })).text()).includes(VALUE));
    assert.ok(!JSON.stringify(gateway.bus.audit).includes('correct'));
  });

  test('large strict fleets go over the bus in parts', async () => {
    const nodes = Array.from({ length: 12 }, (_, index) => ({
      node: `${'n'.repeat(25)}${String.fromCharCode(97 + index)}`,
      stack: 'web',
      recipient: recovery.recipient,
    }));
    // Asked for in pages, as many as there are.
    const page = nodes.length / 2;
    gateway.bus.answers.secretRecipients = ({ cursor }) => ({
      ...{ mode: 'strict', core: [recovery.recipient], version: 1 },
      ...(cursor === undefined
        ? { nodes: nodes.slice(0, page), nextCursor: 'more' }
        : { nodes: nodes.slice(page), nextCursor: null }),
    });
    const value = 'x'.repeat(SECRET_MAX_BYTES);
    const deployments = [{ stack: 'web', deployment: 'd'.repeat(26) }];
    gateway.bus.answers.rewrapSecret = ({ more }) => ({ deployments: more ? [] : deployments, warnings: ['last'] });
    const sent = await send({ value });
    assert.equal(sent.status, 202);
    const told = (await sent.json()) as PutSecretAnswer;
    assert.deepEqual([told.deployments, told.warnings.includes('last')], [deployments, true]);
    const carried = gateway.bus.asked.filter(({ name }) => name === 'putSecret' || name === 'rewrapSecret');
    assert.ok(carried.length > 1);
    for (const { input } of carried) assert.ok(JSON.stringify(input).length < 900_000);
    assert.equal(carried.flatMap(({ input }) => input.nodes).length, nodes.length);
    const last = carried.at(-1);
    assert.deepEqual([last?.input.more, last?.input.stacks], [undefined, ['web']], 'deployed once, by the last');
    for (const { input } of carried.slice(0, -1)) assert.equal(input.more, true);
  });

  test('names outside the alphabet are refused', async () => {
    for (const name of ['-DB', 'a%2Fb', '..', 'a'.repeat(64)]) {
      assert.equal((await send({ value: VALUE }, `/api/secrets/${name}`)).status >= 400, true, name);
    }
    assert.equal(gateway.bus.asked.length, 0);
  });
});
