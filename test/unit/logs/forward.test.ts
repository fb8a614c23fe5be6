// What answers of other engines mean, and what a file of headers may hold.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { headersIn, verdictOn, waitAfter } from '#services/logs/forward/answer.ts';

test('answers', () => {
  const cases: [number, string, string, number | string][] = [
    [204, '', 'taken', 0],
    [200, '{}', 'taken', 0],
    [200, '{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"x"}}', 'taken', 3],
    [200, '{"partialSuccess":{"rejectedLogRecords":-3}}', 'taken', 0],
    [200, 'not JSON', 'taken', 0],
    [400, 'entry  too\nfar behind', 'refused', '400 entry too far behind'],
    [413, '', 'refused', '413'],
    [401, 'who?', 'later', '401 who?'],
    [404, '', 'later', '404'],
    [429, '', 'later', '429'],
    [503, 'x'.repeat(1000), 'later', `503 ${'x'.repeat(300)}`],
    [302, '', 'later', '302'],
  ];
  for (const [status, body, type, told] of cases) {
    const verdict = verdictOn(status, body);
    assert.equal(verdict.type, type, `${status}`);
    assert.equal(verdict.type === 'taken' ? verdict.refused : verdict.why, told);
  }
});

test('waits grow up to a minute', () => {
  assert.deepEqual([1, 2, 3, 7, 1000].map(waitAfter), [1_000, 2_000, 4_000, 60_000, 60_000]);
});

test('headers', () => {
  assert.deepEqual(headersIn('Authorization: Bearer a:b\r\n\n# c: d\nX-Scope-OrgID:t\n'), {
    authorization: 'Bearer a:b',
    'x-scope-orgid': 't',
  });
  assert.deepEqual(headersIn(''), {});
  for (const text of ['no header', 'a b: c', 'x: \u0007', ': y', 'x:', 'ü: y'])
    assert.equal(headersIn(text), null, text);
});

test('no text makes a header that breaks a request', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const [name, value] of Object.entries(headersIn(text) ?? {})) {
        assert.match(name, /^[a-z0-9-]+$/);
        assert.doesNotMatch(value, /[^\x20-\x7e]/);
      }
    }),
  );
});
