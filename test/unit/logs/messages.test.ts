// What events mean to those who want to be told, who wants which, and in which words and shapes they get it.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Saying } from '#services/logs/notify/alarm.ts';
import { rulesFor, thresholdsOf, wants } from '#services/logs/notify/choice.ts';
import { requestFor } from '#services/logs/notify/request.ts';
import { lossSignals, type Signal, signalsOf } from '#services/logs/notify/signals.ts';
import { messageOf, testMessage } from '#services/logs/notify/words.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import type { NotificationKind } from '#subjects/schema/notification.ts';

const node = 'n'.repeat(26);
const deployment = 'd'.repeat(26);
const id = 'e'.repeat(26);
const time = '2026-11-29T12:00:00.000Z';

function event(type: string, data: Record<string, unknown>, stack?: string): CloudEvent {
  const subject = type.startsWith('node') ? `nodes/${node}` : `deployments/${deployment}`;
  return {
    ...{ specversion: '1.0', id, type: `dev.overseer.${type}.v1`, source: 'test', subject, time, data },
    datacontenttype: 'application/json',
    ...(stack === undefined ? {} : { stack }),
  };
}
const container = (action: string, exitCode: number | null = null) =>
  event('node.container-changed', { stack: 'web', service: 'api', container: 'web-api-1', action, exitCode }, 'web');
const finished = (state: string, reason: string | null = null) =>
  event('deployment.finished', { deployment, stack: 'web', kind: 'deploy', revision: 3, state, reason }, 'web');
const nas = { node: { id: node, name: 'nas' } };

const MEANING: readonly [CloudEvent, readonly string[]][] = [
  [event('node.registered', nas), [`once node-registered ${node}`]],
  [event('node.offline', nas), [`worse node-offline ${node}`]],
  [event('node.suspect', nas), []],
  [event('node.online', nas), [`better node-offline ${node}`]],
  [event('node.removed', nas), [`gone node-offline ${node}`]],
  [event('node.document-rejected', { reason: 'x' }), [`once document-rejected ${node}`]],
  [event('node.events-lost', { from: 1, to: 2, reason: 'full' }), [`once events-lost ${node}`]],
  [event('node.checkpoint-refused', { number: 7, reason: 'x' }), [`once audit-contradicted ${node}`]],
  [event('node.stack-drifted', { stack: 'web', items: [] }, 'web'), [`once stack-drifted ${node}/web`]],
  [event('node.step-output', { stack: 'web', lines: ['a'] }, 'web'), []],
  [container('unhealthy'), [`worse stack-unhealthy ${node}/web/web-api-1`]],
  [container('healthy'), [`better stack-unhealthy ${node}/web/web-api-1`]],
  [container('died', 1), [`ended stack-unhealthy ${node}/web/web-api-1`, `worse container-restarting ${node}/web/api`]],
  [container('oom'), [`ended stack-unhealthy ${node}/web/web-api-1`, `worse container-restarting ${node}/web/api`]],
  [container('removed'), [`ended stack-unhealthy ${node}/web/web-api-1`]],
  [container('started'), [`better container-restarting ${node}/web/api`]],
  [finished('failed', 'no such image'), ['once deployment-failed web']],
  [finished('rolled-back'), ['once deployment-failed web']],
  [finished('succeeded'), ['once deployment-succeeded web']],
  [finished('superseded'), []],
];

describe('events', () => {
  for (const [told, meaning] of MEANING) {
    const { state = '', action = '' } = told.data as { state?: string; action?: string };
    test(`${told.type} ${state}${action} means ${meaning.join(' and ') || 'nothing'}`, () => {
      assert.deepEqual(
        signalsOf(told).map(({ turn, key }) => `${turn} ${key}`),
        meaning,
      );
    });
  }

  test('what a node says in its names and reasons is text without control characters, of bounded size', () => {
    const hostile = event(
      'node.container-changed',
      { stack: 'web', service: 'a\u0000\u001b[31m', container: 'x'.repeat(9000), action: 'unhealthy', exitCode: null },
      'web',
    );
    const [signal] = signalsOf(hostile);
    assert.ok(signal && signal.key.length <= 512);
    assert.doesNotMatch(JSON.stringify(signal), /\\u00[01]/);
  });
});

test('losses of log lines are one signal a stack, told once by the key of the first', () => {
  const loss = { stack: 'web', service: 'api', rows: 3, reason: 'rotated', key: 'k1' };
  const signals = lossSignals(node, [loss, { ...loss, key: 'k2' }, { ...loss, stack: 'db', rows: null }], 1);
  assert.deepEqual(
    signals.map(({ key, event: of, detail }) => [key, of, detail]),
    [
      [`logs-lost ${node}/web`, `${node} k1`, '6 rows of api: rotated'],
      [`logs-lost ${node}/db`, `${node} k1`, 'an unknown number of rows of api: rotated'],
    ],
  );
});

const signalOf = (told: CloudEvent): Signal => signalsOf(told).at(-1) ?? assert.fail('no signal');

test('a target hears what it chose, of warnings and errors unless it said otherwise', () => {
  const [offline, done, failed] = [event('node.offline', nas), finished('succeeded'), finished('failed')].map(signalOf);
  assert.ok(offline && done && failed);
  assert.deepEqual(
    [offline, done, failed].map((signal) => wants({}, signal)),
    [true, false, true],
  );
  assert.ok(wants({ minimumSeverity: 'info' }, done));
  assert.equal(wants({ conditions: ['node-offline'] }, failed), false);
  assert.equal(wants({ nodes: ['x'.repeat(26)] }, offline), false);
  assert.ok(wants({ nodes: [node] }, offline));
  assert.equal(wants({ stacks: ['web'] }, offline), false);
  assert.ok(wants({ stacks: ['web'] }, failed));
});

test('thresholds that are left out are filled in', () => {
  const rules = rulesFor('node-offline', thresholdsOf({ offlineSeconds: 5 }));
  assert.deepEqual(rules, {
    afterMs: 5000,
    flaps: { count: 4, withinMs: 600_000 },
    steadyMs: 600_000,
    quietMs: 600_000,
  });
  assert.equal(rulesFor('container-restarting', thresholdsOf({})).afterMs, null);
});

const publicUrl = 'https://core.example/overseer/';
const at = Date.parse(time) + 95_000;
const said = (told: CloudEvent, what: Saying['what'], count = 1, standing?: Saying['standing']) =>
  messageOf({
    signal: signalOf(told),
    saying: { what, count, standing: standing ?? (what === 'worse' ? 'worse' : 'better') },
    nodeName: 'nas',
    publicUrl,
    at,
  });

test('messages are short, name the node, and lead to it', () => {
  const offline = said(event('node.offline', nas), 'worse', 3);
  assert.equal(offline.title, 'nas is offline');
  assert.equal(offline.text, 'for 95 s; 2 times more before that, too short to be told');
  assert.equal(offline.link, `https://core.example/overseer/nodes/${node}`);
  assert.equal(said(event('node.offline', nas), 'flapping', 4).title, 'nas is flapping: offline 4 times');
  assert.equal(said(event('node.offline', nas), 'steady', 36).text, '36 times more since it was told');
  assert.equal(said(event('node.online', nas), 'better').severity, 'info');
  const failed = said(finished('failed', 'no such image'), 'once');
  assert.equal(failed.title, 'web: a deployment failed');
  assert.equal(failed.text, 'revision 3: no such image (failed)');
  assert.equal(failed.link, `https://core.example/overseer/deployments/${deployment}`);
  assert.equal(said(container('died', 137), 'flapping', 5).title, 'web on nas keeps restarting: died 5 times');
  assert.equal(testMessage('ops', null, at).link, null);
});

test('what is down is said to be down, as an error, and never as healthy', () => {
  const [unhealthy = assert.fail()] = signalsOf(container('died', 1));
  const of = (signal: Signal, what: Saying['what'], standing: Saying['standing']) =>
    messageOf({ signal, saying: { what, count: 0, standing }, nodeName: 'nas', publicUrl: null, at });
  const ended = of(unhealthy, 'ended', 'ended');
  assert.deepEqual([ended.title, ended.severity], ['web on nas: what was unhealthy is down', 'error']);
  assert.equal(of(unhealthy, 'steady', 'ended').title, 'web on nas is steady again: down');
  const restarting = signalOf(container('died', 1));
  const down = of(restarting, 'steady', 'worse');
  assert.deepEqual([down.title, down.severity], ['web on nas stopped restarting: it is down', 'error']);
  assert.equal(of(restarting, 'steady', 'better').title, 'web on nas no longer restarts');
  const runs = of(restarting, 'better', 'better');
  assert.deepEqual([runs.title, runs.severity], ['web on nas runs again', 'info']);
});

describe('requests', () => {
  const message = said(finished('failed', '<!channel> & co'), 'once');
  const ask = (kind: NotificationKind, url: string, secret: string | null = null) => {
    const made = requestFor(kind, { url, secret }, { id, message, now: new Date(at) });
    return { ...made, json: JSON.parse(made.body.toString()) };
  };

  test('a webhook gets a CloudEvent, signed over the time and its bytes', () => {
    const { headers, body, json } = ask('webhook', 'https://x.example/hook?a=b', 'open sesame');
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers['overseer-signature'] ?? '') ?? [];
    assert.equal(t, String(Math.floor(at / 1000)));
    assert.equal(v1, createHmac('sha256', 'open sesame').update(`${t}.${body.toString()}`).digest('hex'));
    assert.equal(headers['overseer-delivery'], id);
    assert.equal(json.specversion, '1.0');
    assert.deepEqual([json.id, json.type], [id, 'dev.overseer.notification.deployment-failed.v1']);
    assert.equal(json.data.title, message.title);
  });

  test('ntfy gets JSON at its root, with the topic', () => {
    const { url, headers, json } = ask('ntfy', 'https://ntfy.example/sub/ops%20room', 'tk_12345678');
    assert.equal(url.href, 'https://ntfy.example/sub/');
    assert.equal(json.topic, 'ops room');
    assert.equal(json.priority, 5);
    assert.equal(headers['authorization'], 'Bearer tk_12345678');
  });

  test('in chats nobody is called by what a reason holds', () => {
    assert.ok(ask('slack', 'https://s.example/x').json.text.includes('&lt;!channel&gt; &amp; co'));
    assert.deepEqual(ask('discord', 'https://d.example/x').json.allowed_mentions, { parse: [] });
  });

  test('gotify gets its token in a header', () => {
    const { url, headers } = ask('gotify', 'https://g.example/', 'A1234567');
    assert.equal(url.href, 'https://g.example/message');
    assert.equal(headers['x-gotify-key'], 'A1234567');
  });
});
