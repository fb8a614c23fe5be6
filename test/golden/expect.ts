// Golden files: what is derived, as it was when somebody last looked at it. `UPDATE_GOLDEN=1` writes them anew; the change
// is then seen in review.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export function expectGolden(name: string, actual: string): void {
  const file = new URL(name, import.meta.url).pathname;
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, actual);
    return;
  }
  assert.equal(actual, readFileSync(file, 'utf8'), `test/golden/${name} differs; UPDATE_GOLDEN=1 when it is meant`);
}

export function expectGoldenJson(name: string, actual: unknown): void {
  expectGolden(name, `${JSON.stringify(actual, null, 2)}\n`);
}
