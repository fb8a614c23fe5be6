// Batches of log lines into the store: every row once, however often it comes and however it is cut.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { query } from '#infra/postgres/parameters.ts';
import { until } from '#test/harness/until.ts';
import { at, chunk, gap, hexOf, numbered, SOON_MS, type Stage, startStage, type TestNode, textsOf } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await startStage();
  await stage.startLogs();
});
after(() => stage?.stop());

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index}`);
const shown = async (node: TestNode) => textsOf(await stage.all({ node: node.id }));

test('a batch that comes again, and one that is cut in another way, add only what is new', async () => {
  const node = await stage.node();
  await node.send(numbered(0, 10));
  await node.send(numbered(0, 10));
  await node.send(numbered(5, 10));
  await node.send(numbered(20, 5), numbered(22, 10), numbered(0, 40));
  await stage.handled();
  assert.deepEqual(await shown(node), numbers(0, 40));
});

test('rows are known by node, container and file: another of each has rows of its own', async () => {
  const [one, other] = [await stage.node(), await stage.node()];
  for (const node of [one, other]) {
    await node.send(numbered(0, 3), numbered(0, 3, { container: 'db-1' }), numbered(0, 3, { file: 'second' }));
  }
  await stage.handled();
  for (const node of [one, other]) assert.equal((await shown(node)).length, 9);
});

test('a gap is told once; rows that come after all narrow it, and fill it', async () => {
  const node = await stage.node();
  const told = gap({ first: 10, rows: 10, from: String(at(9)), to: String(at(20)) });
  await node.send(numbered(0, 10), told);
  await node.send(told, numbered(20, 10));
  await stage.handled();
  const rowsMissing = async () =>
    (await stage.all({ node: node.id })).flatMap((item) => (item.type === 'gap' ? [item.rows] : []));
  assert.deepEqual(await rowsMissing(), [10]);
  await node.send(numbered(13, 3));
  await stage.handled();
  assert.deepEqual((await rowsMissing()).sort(), [3, 4]);
  await node.send(told);
  await stage.handled();
  assert.deepEqual((await rowsMissing()).sort(), [3, 4], 'what is told again is not told twice');
  await node.send(numbered(0, 30));
  await stage.handled();
  assert.deepEqual(await rowsMissing(), []);
  assert.deepEqual(await shown(node), numbers(0, 30));
  const { items } = await stage.ask('logCoverage', { node: node.id });
  assert.deepEqual(items[0]?.held, [{ from: 0, to: 30 }]);
});

test('a gap of rows that are held is none; one that knows no rows is told by its key', async () => {
  const node = await stage.node();
  const unknown = gap({ reason: 'engine', from: String(at(3)) });
  await node.send(numbered(0, 5));
  await node.send(gap({ first: 0, rows: 5 }), unknown, unknown);
  await node.send(unknown);
  await stage.handled();
  assert.deepEqual(textsOf(await stage.all({ node: node.id })), [...numbers(0, 4), 'gap engine', 'line 4']);
});

test('coverage tells what is held, what is told as missing, and what is neither', async () => {
  const node = await stage.node();
  await node.send(
    numbered(0, 10),
    numbered(10, 5),
    gap({ first: 15, rows: 5, reason: 'rate-limited' }),
    numbered(30, 2),
  );
  await stage.handled();
  const { items } = await stage.ask('logCoverage', { node: node.id });
  assert.equal(items.length, 1);
  const { held, gaps, unknown, lines, firstAt, file } = items[0] ?? assert.fail();
  assert.deepEqual(
    { held, unknown, lines, file },
    {
      held: [
        { from: 0, to: 15 },
        { from: 30, to: 32 },
      ],
      unknown: [{ from: 20, to: 30 }],
      lines: 17,
      file: hexOf('first', 32),
    },
  );
  assert.deepEqual(gaps, [{ from: 15, to: 20, reason: 'rate-limited', since: null, until: null }]);
  assert.equal(firstAt, '2026-01-01T00:00:00.000000000Z');
});

test('a line that stood in several rows is known by all of them', async () => {
  const node = await stage.node();
  const joined = { at: at(1), text: 'long', rows: 3 };
  await node.send(chunk(0, [{ at: at(0), text: 'a' }, joined, { at: at(2), text: 'b' }] as never, {}, { rows: 5 }));
  await node.send(numbered(1, 3));
  await stage.handled();
  assert.deepEqual(await shown(node), ['a', 'long', 'b']);
});

test('what no batch may be is set aside whole, and holds up nobody', async () => {
  const node = await stage.node();
  const before = (await stage.ask('logsStatus', {})).counts['dead'] ?? 0;
  const bad = [
    { ...numbered(0, 3), lines: 2 },
    { ...numbered(0, 3), name: 'a\u0000b' },
    { ...numbered(0, 3), from: String(at(9)), to: String(at(0)) },
    { ...numbered(0, 3), to: '9999999999999999999' },
    { ...numbered(0, 3), first: Number.MAX_SAFE_INTEGER },
    gap({ first: 3, rows: null }),
  ];
  for (const one of bad) await node.send(numbered(50, 1), one);
  await node.send(numbered(0, 3));
  await stage.handled();
  assert.deepEqual(await shown(node), numbers(0, 3), 'nothing of a batch that is set aside is kept');
  assert.equal((await stage.ask('logsStatus', {})).counts['dead'], before + bad.length);
});

/** Every other row alone, a thousand a batch. */
async function sendEvenRows(node: Awaited<ReturnType<typeof stage.node>>, count: number): Promise<void> {
  for (let batch = 0; batch < count; batch += 1_000) {
    const rows = Array.from({ length: Math.min(1_000, count - batch) }, (_, index) => 2 * (batch + index));
    await node.send(...rows.map((row) => numbered(row, 1)));
  }
}

test('a chunk between thousands of single rows is kept between them; between too many, it fails alone', async () => {
  const [many, tooMany, other] = [await stage.node(), await stage.node(), await stage.node()];
  await sendEvenRows(many, 4_000);
  await sendEvenRows(tooMany, 6_000);
  await stage.handled();
  await tooMany.send(numbered(0, 12_000));
  await Promise.all([many.send(numbered(0, 8_000)), other.send(numbered(0, 3))]);
  const held = (id: string) =>
    stage.database.read((em) =>
      query<{ rows: string }>(em, 'select coalesce(sum(rows), 0) as rows from log_chunks where node = $1', [id]),
    );
  const rowsOf = async (id: string) => Number((await held(id))[0]?.rows);
  await until(
    async () => (await rowsOf(many.id)) === 8_000 && (await rowsOf(other.id)) === 3,
    SOON_MS,
    'both to be held',
  );
  assert.equal(await rowsOf(tooMany.id), 6_000);
});

test('a text that is none of ours is shown as a gap, and the rest goes on', async () => {
  const node = await stage.node();
  await node.send({ ...numbered(0, 2), text: 'x\ny' }, numbered(2, 2));
  await stage.handled();
  assert.deepEqual(await shown(node), ['gap unreadable', 'line 2', 'line 3']);
});

test('a commit whose acknowledgement was lost is not written twice', async () => {
  const node = await stage.node();
  await node.send(numbered(0, 100));
  await stage.handled();
  const ids = () =>
    stage.database.read((em) => query<{ id: string }>(em, 'select id from log_chunks where node = $1', [node.id]));
  const known = await ids();
  for (let time = 0; time < 3; time += 1) await node.send(numbered(0, 100));
  await stage.handled();
  assert.deepEqual(await ids(), known);
});

test('control: without the look at what is held, the same rows would stand twice', async () => {
  const node = newId();
  const rows = await stage.database.transaction(async (em) => {
    for (let time = 0; time < 2; time += 1) {
      await query(
        em,
        `insert into log_chunks (node, container, name, stack, service, file, first, rows, lines, from_ns, to_ns, text_bytes, data)
         values ($1, 'c', 'c', 's', 's', 'f', 0, 1, 1, 0, 0, 1, '')`,
        [node],
      );
    }
    const found = await query(em, 'select id from log_chunks where node = $1', [node]);
    await query(em, 'delete from log_chunks where node = $1', [node]);
    return found.length;
  });
  assert.equal(rows, 2);
});

test('what can not be decided of lost lines holds up no line', async () => {
  const node = await stage.node();
  const rename = (from: string, to: string) =>
    stage.database.transaction((em) => query(em, `alter table ${from} rename to ${to}`));
  await rename('notifications', 'notifications_away');
  try {
    await node.send(numbered(0, 3), gap({ first: 3, rows: 2 }));
    await stage.handled();
  } finally {
    await rename('notifications_away', 'notifications');
  }
  assert.deepEqual((await shown(node)).slice(0, 3), numbers(0, 3));
});

test('the status counts what is held', async () => {
  const counts = async () => (await stage.ask('logsStatus', {})).counts;
  const before = await counts();
  const node = await stage.node();
  await node.send(numbered(0, 7), gap({ first: 7, rows: 3 }));
  await stage.handled();
  const found = await until(
    async () => ((await counts())['lines'] === (before['lines'] ?? 0) + 7 ? counts() : null),
    SOON_MS,
    'its lines',
  );
  assert.equal(found['chunks'], (before['chunks'] ?? 0) + 2);
  assert.equal(found['nodes'], (before['nodes'] ?? 0) + 1);
});
