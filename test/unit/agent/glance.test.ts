// What is let pass at a glance would have been let pass by the whole search, too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { glance } from '#agent/secrets/glance.ts';
import { REDACTED, redactor } from '#agent/secrets/redactor.ts';

const bytes = (text: string) => Buffer.from(text);
const encodings = ['utf8', 'hex', 'base64', 'base64url'] as const;

test('a value in any encoding is suspicious, whatever stands before and after it', () => {
  const value = fc.uint8Array({ minLength: 4, maxLength: 40 });
  const around = fc.uint8Array({ maxLength: 5 });
  fc.assert(
    fc.property(
      value,
      around,
      around,
      fc.constantFrom(...encodings),
      fc.boolean(),
      (own, before, after, way, isUpper) => {
        const encoded =
          way === 'utf8'
            ? Buffer.concat([before, own, after])
            : bytes(Buffer.concat([before, own, after]).toString(way));
        const text = way === 'hex' && isUpper ? bytes(encoded.toString().toUpperCase()) : encoded;
        assert.ok(glance([own])(text));
      },
    ),
    { numRuns: 2000 },
  );
});

test('so is a piece of it, of as many bytes as any search takes for one', () => {
  const value = fc.uint8Array({ minLength: 20, maxLength: 60 });
  fc.assert(
    fc.property(value, fc.nat(), fc.constantFrom(...encodings), (own, pick, way) => {
      const start = pick % (own.length - 8);
      const piece = Buffer.from(own.subarray(start, start + 8));
      assert.ok(glance([own])(way === 'utf8' ? piece : bytes(piece.toString(way))));
    }),
    { numRuns: 1000 },
  );
});

test('so is whatever has to be undone first', () => {
  const isSuspicious = glance([bytes('s3cret-value')]);
  for (const text of ['a\\nb', '100%25', 'a+b', '$$', `''`, `'"`, `'\\`]) assert.ok(isSuspicious(bytes(text)), text);
  for (const text of ['', 'a', `it's "a" $1 = b`, '{"level":"info","n":1}'])
    assert.ok(!isSuspicious(bytes(text)), text);
});

test('most lines are not, so that a log is searched at the speed it is written', () => {
  const isSuspicious = glance([bytes('s3cr3t-password-of-db'), bytes('fkq3vhz8WcT1mPzLrX0a')]);
  const lines = Array.from({ length: 1000 }, (_, n) =>
    bytes(`GET /items/${n * 7919} 200 from 10.0.${n % 256}.7 took ${n % 90} ms`),
  );
  assert.ok(lines.filter(isSuspicious).length < 100);
});

test('a text that has a value comes out without it, and one that has none as it was', () => {
  const value = 'canary-5f0a9be1c7d34a82';
  const redact = redactor([value]);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (before, after) => {
      assert.ok(redact(`${before}${value}${after}`).includes(REDACTED));
    }),
  );
});
