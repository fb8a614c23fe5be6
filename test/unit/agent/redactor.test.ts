import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { needles } from '#agent/secrets/needles.ts';
import { REDACTED, redactor, UNSEARCHED } from '#agent/secrets/redactor.ts';

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

test('a value that was quoted, and put into a string in a string, is found', () => {
  const value = `it's "a\\b" & 5$ of 'mine'`;
  const forms = [
    JSON.stringify(JSON.stringify(value)),
    JSON.stringify(JSON.stringify(JSON.stringify({ value }))),
    `'${value.replaceAll("'", `'\\''`)}'`,
    `'${value.replaceAll("'", `'"'"'`)}'`,
    `'${value.replaceAll("'", "''")}'`,
    value.replace(/[^a-z0-9]/g, (c) => `\\${c}`),
    encodeURIComponent(JSON.stringify(value)),
    JSON.stringify(value.replaceAll('$', '$$$$')),
    JSON.stringify(value).replace(/[^ -~]|["'&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
    [...bytes(value)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  ];
  for (const form of forms) {
    const text = hide(value, `level=info msg="${form}"`);
    assert.ok(text.includes(REDACTED), form);
    for (const part of ["it's", 'of', 'mine', 'b"']) assert.ok(!text.includes(part), `${part} of ${text}`);
  }
});

test('base64 and hex that are broken into lines are found, line by line', () => {
  for (const length of [70, 100, 120, 300]) {
    const value = randomBytes(length);
    for (const [text, width] of [
      [value.toString('base64'), 76],
      [value.toString('base64'), 64],
      [Buffer.concat([bytes('user:'), value]).toString('base64'), 76],
      [value.toString('hex'), 60],
    ] as const) {
      const lines = text.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
      for (const [at, line] of lines.entries()) {
        const left = redactor([value])(line).replace(REDACTED, '').replace(/=+$/, '');
        const isRest = at === lines.length - 1 && line.length < 24;
        assert.ok(left.length < (at === 0 ? 9 : 3) || isRest, `${length}, ${width}: ${left} is left of ${line}`);
      }
    }
  }
});

test('any part of a long value is found, wherever it was cut', () => {
  const value = randomBytes(5000).toString('base64url');
  const redact = redactor([value]);
  for (const length of [16, 40, 1000]) {
    for (const at of [0, 1, 17, 2222, value.length - length]) {
      assert.equal(redact(`<${value.slice(at, at + length)}>`), `<${REDACTED}>`, `${length} at ${at}`);
    }
  }
  assert.equal(redact(`begins ${value.slice(0, 9)}`), `begins ${REDACTED}`, 'at the end less is enough');
  assert.equal(redact(`${value.slice(-9)} ends`), `${REDACTED} ends`);
  assert.equal(redact(`within ${value.slice(0, 9)} it`), `within ${value.slice(0, 9)} it`);
});

test('values of the largest size are found: text, bytes and lines, in each form', () => {
  const text = randomBytes(48 * 1024).toString('base64');
  const binary = randomBytes(32 * 1024);
  const lines = Array.from({ length: 900 }, () => randomBytes(35).toString('base64')).join('\n');
  const redact = redactor([text, binary, lines]);
  for (const value of [bytes(text), binary, bytes(lines)]) {
    for (const form of [
      value.toString('base64'),
      value.toString('hex'),
      JSON.stringify(value.toString()).slice(1, -1),
      encodeURIComponent(value.toString()),
    ]) {
      const left = redact(`a ${form} b`).replaceAll(REDACTED, '');
      assert.ok(left.length < 8, `${left.length} characters are left of ${form.length}`);
    }
  }
});

test('a hundred values of the largest size are looked for quickly', () => {
  const values = Array.from({ length: 100 }, () => randomBytes(64 * 1024));
  const redact = redactor(values);
  const text = `${randomBytes(32 * 1024).toString('base64')} ${values[57]?.toString('hex').slice(0, 20_000)}`;
  const begun = performance.now();
  assert.equal(redact(text).split(REDACTED).length, 2);
  assert.ok(performance.now() - begun < 2_000, `${performance.now() - begun} ms`);
});

test('values that are alike cost no more', () => {
  const values = Array.from({ length: 100 }, (_, at) => `${'a'.repeat(20_000)}${at}${'ab'.repeat(10_000)}cdef${at}`);
  const begun = performance.now();
  assert.ok(redactor(values)(`${'a'.repeat(60_000)} ${values[3]}`).endsWith(REDACTED));
  assert.ok(performance.now() - begun < 3_000, `${performance.now() - begun} ms`);
});

test('what could not be searched is not told', () => {
  const hidden = redactor(['a-value', null as unknown as string]);
  assert.equal(hidden('with a-value'), UNSEARCHED);
  const broken = redactor(['another-value']);
  const unreadable = { toString: () => assert.fail('another-value') } as unknown as string;
  assert.equal(broken(unreadable), UNSEARCHED);
});

test('a value of four characters is found, a shorter one would leave nothing to read', () => {
  assert.equal(hide('p4ss', 'with p4ss.'), `with ${REDACTED}.`);
  assert.equal(hide('abc', 'abc'), 'abc');
});

test('a text is cut beside a value, never within', () => {
  const value = randomBytes(600).toString('base64url');
  const { reach, at } = redactor([value]).cuts;
  assert.equal(at(value.repeat(40), 20), 20 + reach, 'but not for ever');
  assert.ok(reach >= 4 * value.length);
  for (const form of [value, bytes(value).toString('hex'), encodeURIComponent(`é${value}`)]) {
    const text = `é ${form} and more`;
    const place = at(text, 20);
    assert.equal(text.slice(place), ' and more');
    assert.equal(at(text, 1), 1);
  }
});

test('blocks at any place of a text are found at any place of a value', () => {
  const value = randomBytes(200);
  const sought = needles([value]);
  for (let from = 0; from < 180; from += 7) {
    const text = Buffer.concat([randomBytes(from), value.subarray(from, from + 20), randomBytes(9)]);
    const found: number[][] = [];
    sought.find(text, 0, text.length, { start: false, end: false }, (start, end) => found.push([start, end]));
    assert.ok(
      found.some(([start = 0, end = 0]) => start <= from && end >= from + 20),
      `${from}`,
    );
  }
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
    { numRuns: 500 },
  );
});
