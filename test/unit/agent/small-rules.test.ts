// The agent's short pure rules: schedules, clocks, credentials, texts of Compose, tokens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clockSkew } from '#agent/clock-skew.ts';
import { lifeOf, renewAt } from '#agent/credential-life.ts';
import { readToken } from '#agent/enrollment-token.ts';
import { heartbeatDelayMs } from '#agent/heartbeat-schedule.ts';
import { reasonOf } from '#agent/stacks/compose-output.ts';
import { namedImages } from '#agent/stacks/images.ts';
import { hasUsedUpTries, notBefore } from '#agent/stacks/retry.ts';

test('heartbeats come a fifth around their interval', () => {
  assert.deepEqual(
    [0, 0.5, 1].map((random) => heartbeatDelayMs(10, random)),
    [8_000, 10_000, 12_000],
  );
});

test('a credential is renewed around two thirds of its life', () => {
  const claims = Buffer.from(JSON.stringify({ iat: 1000 })).toString('base64url');
  const life = lifeOf(`h.${claims}.s`, new Date(1_000_000 + 90_000).toISOString());
  assert.deepEqual(life, { from: 1_000_000, until: 1_090_000 });
  assert.equal(renewAt(life, 0.5), 1_060_000);
  fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (random) => renewAt(life, random) < life.until));
});

test('a credential whose text says nothing is taken to live a day', () => {
  const until = Date.parse('2026-01-02T00:00:00Z');
  assert.equal(lifeOf('rubbish', '2026-01-02T00:00:00Z').from, until - 24 * 3600_000);
});

test('a clock is skewed beyond half a minute', () => {
  assert.equal(clockSkew(0, 29_000).isSkewed, false);
  assert.match(clockSkew(0, 31_000).reason, /31 s ahead of the core/);
  assert.match(clockSkew(400_000, 0).reason, /400 s behind .*set the clock/);
});

test('waits double up to a minute; three tries and it has failed; what can only fail waits the longest', () => {
  const attempts = (count: number, permanent = false) => ({ hash: 'h', count, lastAt: 0, failure: null, permanent });
  assert.deepEqual(
    [1, 2, 3, 7, 20].map((count) => notBefore(attempts(count), 'h', 0)),
    [1000, 2000, 4000, 60_000, 60_000],
  );
  assert.equal(notBefore(attempts(5), 'other', 0), null);
  assert.equal(notBefore(attempts(1, true), 'h', 0), 60_000);
  assert.equal(notBefore({ ...attempts(5), lastAt: 7_200_000 }, 'h', 1000), null, 'the clock was set back since');
  assert.deepEqual(
    [2, 3].map((count) => hasUsedUpTries(attempts(count), 'h')),
    [false, true],
  );
});

test("the reason of a failure is the tool's error, without its progress", () => {
  const progress = ' Container web-a-1  Creating\n Container web-a-1  Created\n Network web_default  Created\n';
  const error = 'Error response from daemon: Bind for 0.0.0.0:80 failed: port is already allocated';
  assert.equal(reasonOf(`${progress}time="x" level=warning msg="y"\n${error}\n`, 1), error);
  assert.match(reasonOf('', 3), /exit code 3/);
  assert.match(reasonOf(progress, 1), /web_default/, 'when there is nothing else, its last words');
});

test('images are told from the text where they can be', () => {
  const images = (compose: string, env = {}) => namedImages({ compose, env });
  const sure = images('services: {a: {image: x}, b: {image: "y:$TAG", pull_policy: always}}', { TAG: '2' });
  assert.deepEqual(sure, {
    images: [
      { service: 'a', image: 'x', policy: null },
      { service: 'b', image: 'y:2', policy: 'always' },
    ],
    isCertain: true,
  });
  for (const unsure of [
    'services: {a: {image: "x:$TAG"}}',
    'services: {a: {build: .}}',
    'include: [b]',
    '{',
    '[]',
    '1',
  ]) {
    assert.equal(images(unsure).isCertain, false, unsure);
  }
});

test('hostile texts never throw where they are read', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      readToken(text);
      readToken(`ovs_enr_${Buffer.from(text).toString('base64url')}.x`);
      namedImages({ compose: text, env: {} });
      reasonOf(text, 1);
      lifeOf(text, text);
    }),
  );
});

test('an enrollment token tells where and whom to trust; anything else is none', () => {
  const content = { v: 1, id: 'i', url: 'http://core', ca: 'a'.repeat(64), exp: 1000, secret: 's' };
  const token = (body: object) => `ovs_enr_${Buffer.from(JSON.stringify(body)).toString('base64url')}.sig`;
  assert.deepEqual(readToken(token(content)), {
    url: 'http://core',
    caFingerprint: 'a'.repeat(64),
    expiresAt: 1_000_000,
  });
  assert.equal(readToken(token({ ...content, ca: 'short' })), null);
  assert.equal(readToken(token(content).replace('.sig', '')), null);
  assert.equal(readToken('ovs_enr_'), null);
});
