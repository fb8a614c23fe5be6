// Logs read in order of time over all nodes, in pages of any size, both ways; searched; and asked for by whoever means ill.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { LogItem } from '#subjects/schema/log.ts';
import { at, chunk, gap, numbered, type Stage, startStage, type TestNode, textsOf } from './stage.ts';

let stage: Stage;
let nodes: TestNode[];
const STACK = 'mixed';

/** Chunks of two nodes and many containers that overlap in time, some with clocks that jump, some long, some of one line. */
before(async () => {
  stage = await startStage();
  await stage.startLogs();
  nodes = [await stage.node(), await stage.node()];
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  for (let round = 0; round < 60; round += 1) {
    const node = nodes[round % 2] as TestNode;
    const size = 1 + random(20);
    const base = random(5_000);
    const lines = Array.from({ length: size }, (_, index) => ({
      at: at(base + random(round % 5 === 0 ? 3_000 : 50)),
      text: `round ${round} line ${index}${index % 7 === 3 ? ' Error: über' : ''}`,
      stream: index % 2 === 0 ? ('stdout' as const) : ('stderr' as const),
    }));
    await node.send(chunk(0, lines, { container: `c${round}-1`, stack: STACK }));
  }
  await nodes[0]?.send(gap({ reason: 'rotated', from: String(at(1_000)), to: String(at(1_010)) }, { stack: STACK }));
  await stage.handled();
});
after(() => stage?.stop());

const idsOf = (items: readonly LogItem[]) => items.map(({ id }) => id);
const timeOf = (item: LogItem) => (item.type === 'line' ? item.at : (item.from ?? ''));

test('pages of any size, forward and backward, are one and the same sorted list', async () => {
  const whole = await stage.all({ stack: STACK }, { limit: 5000 });
  assert.ok(whole.length > 400);
  const times = whole.map(timeOf);
  assert.deepEqual(times, times.toSorted());
  assert.equal(new Set(idsOf(whole)).size, whole.length);
  for (const limit of [1, 7, 50, 499]) {
    if (limit === 1 && whole.length > 1000) continue;
    assert.deepEqual(idsOf(await stage.all({ stack: STACK }, { limit })), idsOf(whole), `forward by ${limit}`);
    const back = await stage.all({ stack: STACK }, { limit, order: 'backward' });
    assert.deepEqual(idsOf(back).reverse(), idsOf(whole), `backward by ${limit}`);
  }
});

test('a page leads both ways from where it is', async () => {
  const whole = await stage.all({ stack: STACK }, { limit: 5000 });
  const ask = (order: 'forward' | 'backward', cursor: string | null, limit: number) =>
    stage.ask('readLogs', { filter: { stack: STACK }, order, limit, ...(cursor === null ? {} : { cursor }) });
  const first = await ask('backward', null, 30);
  const second = await ask('backward', first.nextCursor, 30);
  assert.deepEqual(idsOf(second.items), idsOf(whole).reverse().slice(30, 60));
  const newer = await ask('forward', second.previousCursor, 10);
  assert.deepEqual(idsOf(newer.items), idsOf(whole).slice(-30).slice(0, 10));
});

test('by node, container, service, stream, time, text and expression', async () => {
  const whole = (await stage.all({ stack: STACK }, { limit: 5000 })).filter((item) => item.type === 'line');
  const matching = async (filter: object, isIt: (line: (typeof whole)[number]) => boolean) => {
    const found = (await stage.all({ stack: STACK, ...filter })).filter((item) => item.type === 'line');
    const expected = whole.filter(isIt);
    assert.ok(expected.length > 0 && expected.length < whole.length, JSON.stringify(filter));
    assert.deepEqual(idsOf(found), idsOf(expected), JSON.stringify(filter));
  };
  const [one] = nodes;
  await matching({ node: one?.id }, ({ node }) => node === one?.id);
  await matching({ container: 'c7-1' }, ({ containerName }) => containerName === 'c7-1');
  const container = whole[0]?.container ?? '';
  await matching({ container: container.slice(0, 12) }, (line) => line.container === container);
  await matching({ service: 'c9' }, ({ service }) => service === 'c9');
  await matching({ stream: 'stderr' }, ({ stream }) => stream === 'stderr');
  await matching({ text: 'error: über' }, ({ text }) => text.includes('Error'));
  await matching({ text: 'Error' }, ({ text }) => text.includes('Error'));
  await matching({ regex: '^round [12]\\d line 1$' }, ({ text }) => /^round [12]\d line 1$/.test(text));
  const [since, until] = ['2026-01-01T00:00:01.000000000Z', '2026-01-01T00:00:02.5Z'];
  await matching({ since, until }, (line) => line.at >= since && line.at < '2026-01-01T00:00:02.500000000Z');
  assert.deepEqual(
    await stage.all({ stack: STACK, text: 'ERROR' }, {}).then((all) => all.filter(({ type }) => type === 'line')),
    [],
  );
});

test('gaps stand where their lines would have stood', async () => {
  const items = await stage.all({ stack: STACK });
  const index = items.findIndex(({ type }) => type === 'gap');
  const item = items[index];
  assert.ok(item?.type === 'gap');
  assert.deepEqual(
    [item.from, item.to, item.rows],
    ['2026-01-01T00:00:01.000000000Z', '2026-01-01T00:00:01.010000000Z', null],
  );
  assert.ok(timeOf(items[index - 1] as LogItem) <= timeOf(item) && timeOf(item) <= timeOf(items[index + 1] as LogItem));
});

test('up to a place: what came after it is not there', async () => {
  const node = await stage.node();
  await node.send(numbered(0, 5));
  await stage.handled();
  const { after: upTo } = await stage.ask('followLogs', { filter: {}, after: null, limit: 1, waitMs: 0 });
  await node.send(numbered(5, 5));
  await stage.handled();
  const page = { filter: { node: node.id }, order: 'backward' as const, limit: 3 };
  assert.deepEqual(textsOf((await stage.ask('readLogs', { ...page, upTo })).items), ['line 4', 'line 3', 'line 2']);
  assert.deepEqual(textsOf((await stage.ask('readLogs', page)).items), ['line 9', 'line 8', 'line 7']);
});

test('bytes of every kind come back as they went', async () => {
  const node = await stage.node();
  const texts = [
    '\u0000NUL',
    '\u001b[31mred\u001b[0m',
    '\ufffd\ufffd',
    '"quoted" \\ back',
    'tab\tand\u2028line',
    '🦊'.repeat(100),
    ' ',
  ];
  const long = 'x'.repeat(900_000);
  await node.send(
    chunk(
      0,
      texts.map((text, index) => ({ at: at(index), text })),
    ),
    chunk(10, [{ at: at(10), text: long }]),
  );
  await stage.handled();
  assert.deepEqual(textsOf(await stage.all({ node: node.id })), [...texts, long]);
  assert.deepEqual(textsOf(await stage.all({ node: node.id, text: '\u001b[31m' })), [texts[1]]);
});

test('large lines make short pages, each with one at least', async () => {
  const node = await stage.node();
  const texts = Array.from({ length: 9 }, (_, index) => `${index}${'y'.repeat(300_000)}`);
  for (const [index, text] of texts.entries()) await node.send(chunk(index, [{ at: at(index), text }]));
  await stage.handled();
  assert.deepEqual(textsOf(await stage.all({ node: node.id }, { limit: 5000 })), texts);
  assert.deepEqual(textsOf(await stage.all({ node: node.id }, { limit: 5000, order: 'backward' })), texts.toReversed());
});

test('hostile questions are refused or answered, and harm nothing', async () => {
  const read = (given: object, filter: object = {}) =>
    stage.ask('readLogs', { filter, order: 'forward', limit: 10, ...given } as never);
  for (const cursor of [
    '',
    'x',
    't1',
    't1.2',
    't99999999999999999999.1.1',
    't9999999999999999999.1.1',
    "t1.1.1'; drop table log_chunks",
    '\u0000',
  ]) {
    await assert.rejects(read({ cursor }), { code: 'invalid-input' }, cursor);
  }
  for (const regex of ['(', 'a{1001}', '(?<=a)b', '\\', '(((((((((x{100}){10}){2}))))))))', '[[:nope:]]']) {
    await assert.rejects(read({}, { regex }), (error: { code: string; fields: { position: unknown } }) => {
      assert.equal(error.code, 'invalid-input', regex);
      assert.equal(typeof error.fields.position, 'number', regex);
      return true;
    });
  }
  for (const filter of [{ container: 'a\u0000' }, { service: '\u0000' }]) {
    await assert.rejects(read({}, filter), { code: 'invalid-input' });
  }
  for (const after of ['x', '1-', '1-2-3', '-1', '\u0000']) {
    await assert.rejects(
      stage.ask('followLogs', { filter: {}, after, limit: 1, waitMs: 0 }),
      { code: 'invalid-input' },
      after,
    );
  }
  await assert.rejects(stage.ask('logCoverage', { cursor: 'x' }), { code: 'invalid-input' });
  const nothing = {
    stack: STACK,
    text: "' or 1=1 --",
    since: '0001-01-01T00:00:00Z',
    until: '9999-12-31T23:59:59.999999999Z',
  };
  assert.deepEqual(
    (await stage.all(nothing)).filter(({ type }) => type === 'line'),
    [],
  );
  assert.deepEqual(await stage.all({ stack: STACK, since: '2026-06-01T00:00:00Z', until: '2026-05-01T00:00:00Z' }), []);
  assert.deepEqual(await stage.all({ container: '%' }), []);
  assert.equal((await read({}, { stack: STACK })).items.length, 10);
});
