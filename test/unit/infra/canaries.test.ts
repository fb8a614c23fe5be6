// What searches for secrets must find them, in each form and wherever they stand: otherwise its silence says nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { canary, formsOf, scanner } from '#test/harness/canaries.ts';
import { until } from '#test/harness/until.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync('/tmp/ovl-unit-');
  mkdirSync(`${folder}/searched/left`, { recursive: true });
  mkdirSync(`${folder}/list`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As some program would write the whole value, with something around it. */
const WAYS: Readonly<Record<string, (value: string) => string>> = {
  raw: (value) => `x${value}y`,
  ...Object.fromEntries(
    ['', 'a', 'ab'].flatMap((before) => [
      [`base64 after ${before.length}`, (value: string) => Buffer.from(`${before}${value}z`).toString('base64')],
      [`base64url after ${before.length}`, (value: string) => Buffer.from(`${before}${value}z`).toString('base64url')],
    ]),
  ),
  hex: (value) => `ff${Buffer.from(value).toString('hex')}00`,
  'large hex': (value) => Buffer.from(value).toString('hex').toUpperCase(),
  url: (value) => `?v=${encodeURIComponent(value)}&`,
  json: (value) => JSON.stringify({ value }),
};

for (const kind of ['short', 'lines', 'long'] as const) {
  test(`a ${kind} value is found in each form, in files and texts, and another is not`, () => {
    const [sought, other] = [canary('sought', kind), canary('other', kind)];
    const scan = scanner([sought], `${folder}/list`);
    for (const [way, written] of Object.entries(WAYS)) {
      for (const [value, isFound] of [
        [sought.value, true],
        [other.value, false],
      ] as const) {
        const text = written(value);
        writeFileSync(`${folder}/searched/file`, Buffer.concat([Buffer.from([0, 255]), Buffer.from(text)]));
        assert.equal(scan.files([`${folder}/searched`]).length > 0, isFound, `${way} in a file`);
        assert.equal(scan.text(text).length > 0, isFound, `${way} in a text`);
      }
    }
  });
}

test('each form alone is found', () => {
  const { value } = canary('sought');
  const scan = scanner([{ name: 'sought', value }], `${folder}/list`);
  const forms = formsOf(value);
  assert.equal(new Set(forms).size, forms.length, 'the forms differ, so each is a search of its own');
  for (const form of forms) {
    writeFileSync(`${folder}/searched/file`, form);
    assert.ok(scan.text(form).includes(form), form);
    assert.ok(scan.files([`${folder}/searched`]).length > 0, form);
  }
});

test('a part of a long one is found, and folders that are left out are', () => {
  const sought = canary('sought', 'long');
  const scan = scanner([sought], `${folder}/list`);
  for (const at of [0, 4000, 20_000]) assert.ok(scan.text(sought.value.slice(at, at + 120)).length > 0, `${at}`);
  writeFileSync(`${folder}/searched/left/file`, sought.value);
  assert.ok(scan.files([`${folder}/searched`]).length > 0);
  assert.deepEqual(scan.files([`${folder}/searched`], ['left']), []);
});

test('arguments and environments are watched, also of what is gone in a moment', async () => {
  const sought = canary('sought');
  const scan = scanner([sought], `${folder}/list`);
  const watch = scan.watch(new Set([process.pid]));
  const inArguments = spawn('sh', ['-c', 'sleep 5; true', sought.value]);
  const inEnvironment = spawn('sleep', ['5'], { env: { PATH: process.env['PATH'], SECRET: sought.value } });
  await until(() => scan.processes(new Set([process.pid])).length >= 2, 5_000, 'both to run');
  await until(async () => new Promise((resolve) => setTimeout(() => resolve(true), 50)), 5_000, 'a look or two');
  for (const child of [inArguments, inEnvironment]) {
    child.kill();
    await once(child, 'exit');
  }
  const { found, looked } = watch.stop();
  assert.deepEqual(found.toSorted(), ['/proc/N/cmdline', '/proc/N/environ']);
  assert.ok(looked > 2);
});
