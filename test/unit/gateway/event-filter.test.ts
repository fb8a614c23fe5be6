// Events by node, stack, deployment and type: which fit, paged so that each is found once, and live with exact resume.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { messages } from '#clients/sdk/messages.ts';
import { eventFilter } from '#services/gateway/live/event-filter.ts';
import { toldFact } from '#services/registry/node-facts.ts';
import { deploymentFact } from '#services/scheduler/deployment-fact.ts';
import { CloudEvent } from '#subjects/schema/cloud-event.ts';
import type { NodeEventBody } from '#subjects/schema/node-event.ts';
import { startTestGateway, type TestGateway, TOKEN } from './gateway.ts';

const [A, B] = ['a'.repeat(26), 'b'.repeat(26)];
const DEPLOYMENT = 'd'.repeat(26);
const id = 'e'.repeat(26);
const at = '2026-11-29T12:00:00.000Z';

function told(node: string, body: NodeEventBody): CloudEvent {
  const event = { kind: 'event', at, bootId: id, body } as const;
  return CloudEvent.parse(toldFact(node, event, { epoch: 'p', sequence: 1 }, id).event);
}
const about = { stack: 'web', revision: 1, deployment: DEPLOYMENT };
const started = told(A, { type: 'agent.started', version: '1' });
const settled = told(A, { type: 'stack.settled', ...about, outcome: 'failed', reason: 'x', failure: null });
const died = told(B, {
  ...{ type: 'container.changed', stack: 'db', service: 's', container: 'c', action: 'died', exitCode: 1 },
});
const target = { node: B, state: 'failed', reason: null } as const;
const news = { id: DEPLOYMENT, stack: 'web', kind: 'apply', revision: 1, state: 'failed', reason: null } as const;
const progressed = CloudEvent.parse(deploymentFact('progressed', { ...news, target }, id, at));
const finished = CloudEvent.parse(deploymentFact('finished', news, id, at));
const ALL = { started, settled, died, progressed, finished };

const CASES: readonly [Parameters<typeof eventFilter>[0], string][] = [
  [{ node: A }, 'started settled'],
  [{ node: B }, 'died progressed'],
  [{ stack: 'web' }, 'settled progressed finished'],
  [{ stack: 'db' }, 'died'],
  [{ deployment: DEPLOYMENT }, 'settled progressed finished'],
  [{ deployment: id }, ''],
  [{ type: 'deployment' }, 'progressed finished'],
  [{ type: 'node.container-changed,deployment.finished' }, 'died finished'],
  [{ type: 'dev.overseer.node.agent-started.v1' }, 'started'],
  [{ type: 'node.agent' }, ''],
  [{ node: A, stack: 'web' }, 'settled'],
  [{ stack: 'web', type: 'node' }, 'settled'],
];

describe('events that fit', () => {
  for (const [filter, fitting] of CASES) {
    test(`${JSON.stringify(filter)}: ${fitting}`, () => {
      const fits = eventFilter(filter) ?? assert.fail('no filter');
      const found = Object.entries(ALL).filter(([, event]) => fits(event));
      assert.equal(found.map(([name]) => name).join(' '), fitting);
    });
  }

  test('nothing asked is no filter', () => assert.equal(eventFilter({}), null));

  /** By the specification, section 3.1: names of attributes, values that must stand and may not be empty. */
  test('every event is one of CloudEvents 1.0, of a stack where it has one', () => {
    for (const [name, event] of Object.entries(ALL)) {
      for (const key of Object.keys(event)) assert.match(key, /^[a-z0-9]{1,20}$/, name);
      for (const key of ['id', 'source', 'type'] as const) assert.ok(event[key].length > 0, name);
      assert.equal(event.specversion, '1.0');
      assert.ok(URL.canParse(event.source, 'http://core.example/'), name);
      assert.match(event.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      assert.equal(event.stack, event.data['stack'], name);
    }
  });
});

describe('chosen events over HTTP', () => {
  let gateway: TestGateway;
  const FITTING_EVERY = 700;
  const COUNT = 12_000;
  before(async () => {
    gateway = await startTestGateway();
    for (let n = 1; n <= COUNT; n += 1) gateway.bus.publish(n % FITTING_EVERY === 0 ? finished : started);
  });
  after(() => gateway.stop());
  const expected = Array.from({ length: Math.floor(COUNT / FITTING_EVERY) }, (_, i) => String((i + 1) * FITTING_EVERY));
  const query = 'stack=web&type=deployment.finished';

  async function page(cursor: string | null, limit: number) {
    const more = cursor === null ? '' : `&cursor=${cursor}`;
    const response = await fetch(`${gateway.url}/api/events?${query}&limit=${limit}${more}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    assert.equal(response.status, 200);
    return (await response.json()) as { items: { sequence: string }[]; nextCursor: string | null };
  }

  for (const limit of [1, 3, 100]) {
    test(`pages of ${limit} lead to each of them, once, newest first`, async () => {
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const { items, nextCursor }: Awaited<ReturnType<typeof page>> = await page(cursor, limit);
        found.push(...items.map(({ sequence }) => sequence));
        cursor = nextCursor;
      } while (cursor !== null);
      assert.deepEqual(found, expected.toReversed());
    });
  }

  test('live, whoever resumes at any of them gets those after it', async () => {
    const connection = { url: gateway.url, token: TOKEN };
    for (const after of ['0', '701', expected[3] as string, String(COUNT)]) {
      const ending = new AbortController();
      const found: string[] = [];
      const wanted = expected.filter((sequence) => Number(sequence) > Number(after));
      const last = String(gateway.bus.stored.length + 1);
      const following = (async () => {
        const path = `/api/events?${query}`;
        for await (const { data } of messages(connection, path, { after, signal: ending.signal })) {
          const { sequence } = JSON.parse(data);
          found.push(sequence);
          if (sequence === last) ending.abort();
        }
      })();
      gateway.bus.publish(finished);
      await following;
      assert.deepEqual(
        found.filter((sequence) => Number(sequence) <= COUNT),
        wanted,
      );
    }
  });

  test('who waits for what is rare is told how far the stream is', async () => {
    const response = await fetch(`${gateway.url}/api/events?deployment=${id}`, {
      headers: { authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream', 'last-event-id': '0' },
    });
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (/^id: 5000$/m.test(text)) break;
    }
    assert.doesNotMatch(text, /^data:/m);
  });

  test('what is no filter is refused', async () => {
    for (const bad of ['node=x', 'stack=../x', 'type=%00', 'kind=node']) {
      const headers = { authorization: `Bearer ${TOKEN}` };
      assert.equal((await fetch(`${gateway.url}/api/events?${bad}`, { headers })).status, 400, bad);
    }
  });
});
