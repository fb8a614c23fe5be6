// The guide for readers, taken at its word: a credential file as the CLI writes it, and the example as it is printed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { credsText, newUserNkey } from '#infra/nats/creds-file.ts';
import { until } from '#test/harness/until.ts';
import { operator, type RegistryCore, startRegistryCore } from './core.ts';

const LONG_MS = 60_000;

let core: RegistryCore;
let folder: string;
before(async () => {
  core = await startRegistryCore();
  folder = mkdtempSync(join(tmpdir(), 'overseer-guide-'));
});
after(async () => {
  await core?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function example(): string {
  const [, code] = /```js\n([\s\S]*?)```/.exec(readFileSync('docs/readers.md', 'utf8')) ?? [];
  return code ?? assert.fail('the guide has no example');
}

test('the example of the guide reads events with the credential that the CLI writes', async () => {
  const { seed, publicKey } = newUserNkey();
  const spec = { name: 'billing', role: 'events', publicKey } as const;
  const input = { by: operator(), spec };
  const { jwt } = await core.gateway.request('createReader', {}, input, { timeoutMs: LONG_MS });
  writeFileSync(join(folder, 'billing.creds'), credsText(jwt, seed), { mode: 0o600 });
  writeFileSync(join(folder, 'billing-ca.pem'), core.nats.ca);
  const code = example()
    .replace('tls://core.example:4222', `tls://${core.nats.servers[0]}`)
    .replace("'billing-ca.pem'", JSON.stringify(join(folder, 'billing-ca.pem')))
    .replace("'billing.creds'", JSON.stringify(join(folder, 'billing.creds')));
  const { id } = await core.enroll('for-the-guide');
  // Where the two packages are found.
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: process.cwd() });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    const isTold = () => {
      if (child.exitCode !== null) throw new Error(err);
      return out.includes(`dev.overseer.node.registered.v1 nodes/${id}`);
    };
    await until(isTold, LONG_MS, 'the example to print the event');
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
});
