// Requests to hosts that operators name: one that can't be made is told, and leaves nothing behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '#infra/outbound/ask.ts';

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('a request that can not be made rejects, and leaves no timer', async () => {
  const before = timers();
  // Credentials that can't be decoded, and a header that none may have: both throw where the request is made.
  await assert.rejects(ask(new URL('http://a%zz@127.0.0.1:1/'), { timeoutMs: 3600_000 }), URIError);
  const headers = { 'x-name': 'two\nlines' };
  await assert.rejects(ask(new URL('http://127.0.0.1:1/'), { headers, timeoutMs: 3600_000 }), {
    code: 'ERR_INVALID_CHAR',
  });
  assert.equal(timers(), before);
  // The control: a timer that is left is seen.
  const left = setTimeout(() => {}, 3600_000);
  assert.equal(timers(), before + 1);
  clearTimeout(left);
});
