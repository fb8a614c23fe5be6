// The committed documents are those that the routes make; `npm run generate` writes them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generateSdk } from '#clients/sdk/generate.ts';
import { openapiDocument } from '#services/gateway/openapi/write.ts';

const committed = () => readFileSync('docs/openapi.json', 'utf8');

test('docs/openapi.json is current', async () => {
  assert.equal(committed(), await openapiDocument());
});

test('the SDK is current', () => {
  assert.equal(readFileSync('clients/sdk/generated/api.ts', 'utf8'), generateSdk(committed()));
});

test('every call has a name, a sentence, a tag and a problem document; every reference leads somewhere', () => {
  const document = JSON.parse(committed());
  assert.equal(document.openapi, '3.1.0');
  const names = new Set<string>();
  for (const [path, methods] of Object.entries<Record<string, Record<string, unknown>>>(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const what = `${method} ${path}`;
      assert.ok(operation['summary'], what);
      assert.ok((operation['tags'] as string[])?.length === 1, what);
      assert.ok(operation['operationId'] && !names.has(String(operation['operationId'])), what);
      names.add(String(operation['operationId']));
      assert.ok((operation['responses'] as Record<string, unknown>)?.['default'], what);
    }
  }
  for (const [, name] of committed().matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    assert.ok(document.components.schemas[name ?? ''], name);
  }
});
