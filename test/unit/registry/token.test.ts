// The text of an enrollment token.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseToken, signedText, tokenText } from '#services/registry/token.ts';

const content = {
  v: 1,
  id: 'a'.repeat(26),
  url: 'https://core:7700',
  ca: '0'.repeat(64),
  exp: 1,
  secret: 's',
} as const;
const token = tokenText(signedText(content), 'c2ln');

test('what was written is read back, with what the signature covers', () => {
  assert.deepEqual(parseToken(token), { content, signed: signedText(content), signature: 'c2ln' });
});

test('no other text is a token', () => {
  const malformed = ['', 'ovs_enr_', 'ovs_enr_.', `${token}.x`, token.slice(8), token.replace('.', ''), `${token} `];
  for (const text of malformed) assert.equal(parseToken(text), null, text);
  const unknown = tokenText(signedText({ ...content, v: 2 } as never), 'c2ln');
  assert.equal(parseToken(unknown), null);
});

test('arbitrary text never throws', () => {
  fc.assert(fc.property(fc.string(), (text) => parseToken(`ovs_enr_${text}`) === null || true));
});
