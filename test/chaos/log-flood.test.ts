// One node floods the core for a minute, without an agent that would hold it back. What other nodes wrote before and write
// meanwhile stays, and is shown as soon as ever.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { expectStatus } from '#test/harness/fleet.ts';
import { downloaded, follow, type HeardLine } from '#test/harness/log-history.ts';
import { type LogNode, logNode } from '#test/harness/log-node.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';

const FLOOD_BYTES = 50 * 1024 * 1024;
const FLOOD_MS = 60_000;
const QUIET_NODES = 5;
const BEFORE = 2_000;
const EVERY_MS = 200;
/** Less than the flood leaves even when it is packed. */
const ROOM = '64m';

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.floor(sorted.length * share)] ?? Number.NaN;

describe('a node that floods', () => {
  let system: System;
  let flooder: LogNode;
  let quiet: LogNode[];
  before(async () => {
    system = await startSystem({ dockerHost: null, env: { OVERSEER_LOGS_MAX_BYTES: ROOM } });
    flooder = await logNode(system, 'flood');
    quiet = [];
    for (let index = 0; index < QUIET_NODES; index++) quiet.push(await logNode(system, `quiet-${index}`));
  });
  after(async () => {
    for (const node of [flooder, ...(quiet ?? [])]) await node?.stop();
    await system?.stop();
  });

  /** All of them a line each EVERY_MS, until the time is over. @returns milliseconds from line to follower, sorted */
  async function delays(ms: number): Promise<number[]> {
    const ending = new AbortController();
    const heard: HeardLine[] = [];
    const following = quiet.map(({ stack }) =>
      follow(system, `stack=${stack}`, ending.signal, (line) => heard.push(line)),
    );
    await pause(1_000);
    const begun = Date.now();
    let sent = 0;
    const sending: Promise<void>[] = [];
    while (Date.now() - begun < ms) {
      for (const node of quiet) sending.push(node.send([`while ${Date.now()}`]));
      sent += quiet.length;
      await pause(EVERY_MS);
    }
    await Promise.all(sending);
    await until(() => heard.length >= sent, 60_000, `${sent} lines of quiet nodes to be heard`);
    ending.abort();
    await Promise.all(following);
    assert.equal(heard.length, sent);
    return heard
      .map(({ item, heardAt }) => heardAt - Number(/^while (\d+)/.exec(item.text)?.[1]))
      .sort((a, b) => a - b);
  }

  test('a minute of 50 MB/s takes nothing from others', async (t) => {
    for (const node of quiet) await node.send(Array.from({ length: BEFORE }, (_, index) => `before ${index}`));
    const alone = await delays(10_000);
    const [taken, beside] = await Promise.all([flooder.flood(FLOOD_BYTES, FLOOD_MS), delays(FLOOD_MS - 5_000)]);
    const told = (sorted: number[]) =>
      `p50 ${percentile(sorted, 0.5)} ms, p99 ${percentile(sorted, 0.99)} ms, at most ${sorted.at(-1)} ms`;
    t.diagnostic(`${(taken / FLOOD_MS / 1048.576).toFixed(1)} MiB/s of the flood were taken`);
    t.diagnostic(`lines of others, alone: ${told(alone)}`);
    t.diagnostic(`lines of others, beside the flood: ${told(beside)}`);
    for (const { stack, sent } of quiet) {
      let [count, before] = [0, 0];
      for await (const { type, text } of downloaded(system, `stack=${stack}`)) {
        assert.equal(type, 'line');
        count += 1;
        if (text.startsWith('before ')) before += 1;
      }
      assert.deepEqual([count, before], [sent, BEFORE], `${stack}: a line was evicted`);
    }
  });

  test('control: the flood itself was too much for the room there is, and that is told', async () => {
    const held = await until(
      async () => {
        const { body } = expectStatus(await system.api('GET', '/api/logs/coverage?stack=flood'), 200);
        const [own] = body.items;
        return own.lines < flooder.sent ? own : null;
      },
      60_000,
      'the oldest lines of the flood to make room',
    );
    assert.ok(held.held[0].from > 0, JSON.stringify(held));
    assert.equal(held.unknown[0].from, 0);
  });
});
