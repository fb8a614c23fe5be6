import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { REDACTED, redactor } from '#agent/secrets/redactor.ts';

const bytes = (text: string) => Buffer.from(text);
const hide = (value: string, text: string) => redactor([value])(text);

test('a value is taken out in every form in which a tool may print it', () => {
  const value = 'pa$$ "w<rd>"/ü\\&1 +?';
  const forms = [
    value,
    JSON.stringify(value),
    JSON.stringify(value).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
    encodeURIComponent(value),
    new URLSearchParams({ v: value }).toString().slice(2),
    value.replaceAll('$', '$$$$'),
    bytes(value).toString('hex'),
    bytes(value).toString('hex').toUpperCase(),
    bytes(value).toString('base64'),
    bytes(value).toString('base64url'),
  ];
  for (const form of forms) {
    const text = hide(value, `before ${form} after`);
    assert.ok(text.includes(REDACTED), form);
    assert.ok(!text.includes(form.replaceAll('"', '').slice(0, 12)), form);
  }
});

test('base64 is found whatever stood before and after the value', () => {
  const value = 's3cret-value-0123456789';
  for (const before of ['', 'a', 'ab', 'abc']) {
    for (const after of ['', 'x', 'xy', 'xyz']) {
      const encoded = bytes(before + value + after).toString('base64');
      assert.ok(hide(value, encoded).includes(REDACTED), `${before}|${after}`);
    }
  }
});

test('a value of several lines is found line by line, short lines stay', () => {
  const key = '-----BEGIN KEY-----\nMIIEabcdefgh\nab\n-----END KEY-----\n';
  assert.equal(hide(key, 'MIIEabcdefgh'), REDACTED);
  assert.equal(hide(key, 'ab'), 'ab');
  assert.equal(hide(key, JSON.stringify(key)), `"${REDACTED}"`);
});

test('a value with a newline at its end is found without it', () => {
  assert.equal(hide('hunter22\n', 'with hunter22.'), `with ${REDACTED}.`);
  assert.match(hide('hunter22\n', bytes('hunter22').toString('base64')), /^\[secret\]=?$/);
});

test('other text stays as it is', () => {
  assert.equal(redactor([])('anything'), 'anything');
  assert.equal(hide('x', 'xxx'), 'xxx', 'control: a value of one character is in every text');
});

test('whatever the values are, none of their forms is left', () => {
  const value = fc.string({ minLength: 6, maxLength: 60, unit: 'binary' }).filter((v) => v.trim().length >= 6);
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), fc.string(), fc.string(), (values, before, after) => {
      const redact = redactor(values.map(bytes));
      for (const one of values) {
        const well = bytes(one).toString();
        const forms = [
          well,
          JSON.stringify(well).slice(1, -1),
          bytes(one).toString('base64'),
          bytes(one).toString('hex'),
        ];
        for (const form of forms) {
          const text = redact(`${before}${form}${after}`);
          const isInnocent = REDACTED.includes(form) || `${before}${REDACTED}${after}`.includes(form);
          assert.ok(isInnocent || !text.includes(form));
        }
      }
    }),
    { numRuns: 2000 },
  );
});
