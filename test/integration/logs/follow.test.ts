// Followers: each line once, whatever ends and begins again between two questions.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OutputOf } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { LogFilter, LogItem } from '#subjects/schema/log.ts';
import { until } from '#test/harness/until.ts';
import { numbered, SOON_MS, type Stage, startStage, textsOf } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await startStage();
  await stage.startLogs();
});
after(() => stage?.stop());

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index}`);

interface Follower {
  readonly items: LogItem[];
  stop(): Promise<void>;
}

/** As the gateway follows. */
async function following(filter: LogFilter, limit = 100): Promise<Follower> {
  const items: LogItem[] = [];
  let isStopped = false;
  let { after } = await stage.ask('followLogs', { filter, after: null, limit, waitMs: 0 });
  const loop = async () => {
    while (!isStopped) {
      const answer: OutputOf<'followLogs'> | null = await stage.gateway
        .request('followLogs', {}, { filter, after, limit, waitMs: 500 }, { timeoutMs: 2_000 })
        .catch((error: unknown) => {
          if (error instanceof OverseerError && ['unavailable', 'timeout'].includes(error.code)) return null;
          throw error;
        });
      if (answer === null) continue;
      items.push(...answer.items);
      after = answer.after;
    }
  };
  const done = loop();
  return {
    items,
    async stop() {
      isStopped = true;
      await done;
    },
  };
}

test('from now on, in order of arrival, only what is asked for', async () => {
  const [node, other] = [await stage.node(), await stage.node()];
  await node.send(numbered(0, 5));
  await stage.handled();
  const follower = await following({ node: node.id });
  const one = await following({ node: node.id, text: 'line 11' });
  await node.send(numbered(8, 4));
  await other.send(numbered(0, 4));
  await stage.handled();
  await node.send(numbered(5, 3));
  const expected = [...numbers(8, 12), ...numbers(5, 8)];
  await until(() => follower.items.length >= expected.length, SOON_MS, 'what came');
  assert.deepEqual(textsOf(follower.items), expected);
  await until(() => one.items.length > 0, SOON_MS, 'the one line');
  assert.deepEqual(textsOf(one.items), ['line 11']);
  await Promise.all([follower.stop(), one.stop()]);
});

test('from any place, also within a chunk, and from far behind', async () => {
  const node = await stage.node();
  const { after: begin } = await stage.ask('followLogs', { filter: {}, after: null, limit: 1, waitMs: 0 });
  for (let round = 0; round < 40; round += 1) await node.send(numbered(round * 5, 5));
  await stage.handled();
  for (const limit of [1, 3, 5, 1000]) {
    const items: LogItem[] = [];
    let after = begin;
    while (items.length < 200) {
      const answer = await stage.ask('followLogs', { filter: { node: node.id }, after, limit, waitMs: 1_000 });
      assert.ok(answer.items.length <= limit);
      items.push(...answer.items);
      after = answer.after;
    }
    assert.equal(items.length, 200);
    assert.deepEqual(textsOf(items), numbers(0, 200), `by ${limit}`);
    const middle = items[102]?.id ?? '';
    const { items: rest } = await stage.ask('followLogs', {
      filter: { node: node.id },
      after: middle,
      limit: 1000,
      waitMs: 0,
    });
    const texts = textsOf(rest);
    assert.deepEqual(texts, numbers(103, 103 + texts.length));
    assert.ok(texts.length > 0);
  }
});

test('a place beyond the end is one of a store that was made anew: from now on', async () => {
  const answer = await stage.ask('followLogs', { filter: {}, after: '999999999999-5', limit: 10, waitMs: 0 });
  assert.deepEqual(answer.items, []);
  assert.ok(Number(answer.after) < 999_999_999_999);
});

test('over restarts of the service, with a second replica that writes: no hole, no double', async () => {
  const node = await stage.node();
  const follower = await following({ node: node.id }, 7);
  const expected: string[] = [];
  let logs = await stage.startLogs();
  for (let round = 0; round < 6; round += 1) {
    for (let number = 0; number < 10; number += 1) {
      const first = round * 100 + number * 10;
      await node.send(numbered(first, 10));
      expected.push(...numbers(first, first + 10));
    }
    const ended = logs.stop();
    logs = await stage.startLogs();
    await ended;
  }
  await until(() => follower.items.length >= expected.length, SOON_MS, 'all lines');
  await follower.stop();
  const ids = follower.items.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, 'no line twice');
  assert.deepEqual(textsOf(follower.items).toSorted(), expected.toSorted());
});

test('a database that goes away and comes back makes neither hole nor double', async () => {
  const node = await stage.node();
  const follower = await following({ node: node.id });
  await node.send(numbered(0, 5));
  await until(() => follower.items.length === 5, SOON_MS, 'the first lines');
  await stage.database
    .em()
    .execute(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
  await node.send(numbered(5, 5));
  await until(() => follower.items.length >= 10, SOON_MS, 'the lines after the break');
  await follower.stop();
  assert.deepEqual(textsOf(follower.items), numbers(0, 10));
});

test('200 followers see each line once, and leave nothing behind', async () => {
  const node = await stage.node();
  const connections = async () => {
    const [row] = await stage.database.em().execute<{ n: string }[]>('select count(*) as n from pg_stat_activity');
    return Number(row?.n);
  };
  const subscriptions = async () => {
    const response = await fetch(`${stage.nats.monitorUrl}/varz`);
    return ((await response.json()) as { subscriptions: number }).subscriptions;
  };
  await stage.ask('followLogs', { filter: {}, after: null, limit: 1, waitMs: 0 });
  const before = await subscriptions();
  const followers = await Promise.all(Array.from({ length: 200 }, () => following({ node: node.id })));
  await node.send(numbered(0, 50));
  await until(() => followers.every(({ items }) => items.length >= 50), SOON_MS, 'all followers to have all');
  for (const { items } of followers) assert.deepEqual(textsOf(items), numbers(0, 50));
  assert.ok((await connections()) < 40, 'followers share connections');
  await Promise.all(followers.map((follower) => follower.stop()));
  // The services' own pulls come and go; one of each follower would be 200.
  await until(async () => (await subscriptions()) <= before + 20, SOON_MS, 'no subscription of a follower to be left');
});
