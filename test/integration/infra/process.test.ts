import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { launch } from '#infra/process/launch.ts';
import { run, supervise } from '#infra/process.ts';

const quiet = { warn() {}, info() {} };

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > deadline) assert.fail(`did not happen within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A zombie is gone for everybody but its parent. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return stat !== null && !/\) [ZX] /.test(stat);
}

test('tells exit code and both outputs, and throws for none of them', async () => {
  const result = await run('sh', ['-c', 'echo out; echo err >&2; exit 7']);
  assert.deepEqual(result, { exitCode: 7, stdout: 'out\n', stderr: 'err\n', timedOut: false, truncated: false });
});

test('a file that is not there has exit code 127 and a reason', async () => {
  const result = await run('/nowhere/at-all', []);
  assert.equal(result.exitCode, 127);
  assert.match(result.stderr, /\/nowhere\/at-all.*not found/);
});

test('an argument is never read by a shell', async () => {
  const result = await run('printf', ['%s', '$(id); `id` && x']);
  assert.equal(result.stdout, '$(id); `id` && x');
});

test('a child sees the environment it was given and nothing of ours', async () => {
  process.env['OVERSEER_TEST_SECRET'] = 'hush';
  const given = await run('/usr/bin/env', [], { env: { ONLY: 'this' } });
  assert.equal(given.stdout, 'ONLY=this\n');
  const plain = await run('/usr/bin/env', []);
  assert.match(plain.stdout, /^PATH=/m);
  assert.doesNotMatch(plain.stdout, /hush/);
});

test('input reaches the child, and a child that ignores it is no error', async () => {
  assert.equal((await run('cat', [], { input: 'hällo' })).stdout, 'hällo');
  assert.equal((await run('true', [], { input: 'x'.repeat(1_000_000) })).exitCode, 0);
});

test('at the deadline the whole group ends, also who ignores SIGTERM', async () => {
  const pids: number[] = [];
  const script = 'trap "" TERM; sh -c \'trap "" TERM; echo $$; while :; do sleep 1; done\' & echo $$; wait; wait';
  const result = await run('sh', ['-c', script], {
    timeoutMs: 300,
    graceMs: 200,
    onLine: (_, line) => pids.push(Number(line)),
  });
  assert.equal(result.timedOut, true);
  assert.equal(result.exitCode, 137);
  assert.equal(pids.length, 2);
  for (const pid of pids) await until(`process ${pid} is gone`, async () => !(await isRunning(pid)));
});

test('an aborted call ends the child', async () => {
  const abort = new AbortController();
  const call = run('sh', ['-c', 'echo up; exec sleep 60'], { signal: abort.signal, onLine: () => abort.abort() });
  assert.equal((await call).exitCode, 143);
});

test('lines come whole, also across chunks and inside a character', async () => {
  const lines: string[] = [];
  const script = "printf 'on'; sleep 0.1; printf 'e\\ntw\\303'; sleep 0.1; printf '\\266\\nlast'";
  await run('sh', ['-c', script], { onLine: (_, line) => lines.push(line) });
  assert.deepEqual(lines, ['one', 'twö', 'last']);
});

test('10 MB of output are kept within the bound, the end of it', async () => {
  const result = await run('sh', ['-c', 'head -c 10000000 /dev/zero | tr "\\0" x; echo END'], { keep: 1000 });
  assert.equal(result.exitCode, 0);
  assert.equal(result.stdout.length, 1000);
  assert.ok(result.stdout.endsWith('xEND\n'));
  assert.equal(result.truncated, true);
});

test('a supervised child that dies is started again, and stays down once stopped', async () => {
  const pids: number[] = [];
  const child = supervise('sleeper', 'sleep', ['60'], { log: quiet, backoffMs: 10, onStart: (pid) => pids.push(pid) });
  await until('it runs', () => pids.length === 1);
  process.kill(pids[0] ?? 0, 'SIGKILL');
  await until('it runs again', () => pids.length === 2);
  assert.equal(child.restarts, 1);
  await child.stop();
  assert.equal(child.pid, null);
  assert.equal(await isRunning(pids[1] ?? 0), false);
});

test('what a dead supervised child leaves behind is gone before the next starts', async () => {
  const left: number[] = [];
  let starts = 0;
  const child = supervise('parent', 'sh', ['-c', 'sleep 60 & echo $!; exit 1'], {
    log: quiet,
    backoffMs: 10,
    onLine: (_, line) => left.push(Number(line)),
    onStart: () => {
      starts += 1;
    },
  });
  await until('started twice', () => starts >= 2 && left.length >= 1);
  assert.equal(await isRunning(left[0] ?? 0), false);
  await child.stop();
});

test('stopping ends a supervised child that ignores the signal', async () => {
  let pid = 0;
  const child = supervise('deaf', 'sh', ['-c', 'trap "" TERM; echo up; while :; do sleep 1; done'], {
    log: quiet,
    stopTimeoutMs: 100,
    onLine: () => {
      pid = child.pid ?? 0;
    },
  });
  await until('it runs', () => pid > 0);
  await child.stop();
  assert.equal(await isRunning(pid), false);
});

test('a launched program writes its own log and goes on when we have gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'overseer-launch-'));
  const log = join(folder, 'log');
  const source = `import { launch } from '#infra/process/launch.ts';
    console.log(await launch('sh', ['-c', 'echo begun; sleep 0.3; echo done'], { log: ${JSON.stringify(log)} }));`;
  const parent = await run(process.execPath, ['--input-type=module', '-e', source], { timeoutMs: 10_000 });
  assert.equal(parent.exitCode, 0, parent.stderr);
  await until('it wrote all', async () => (await readFile(log, 'utf8')) === 'begun\ndone\n');
  await assert.rejects(launch('/nowhere/at-all', [], { log }), /ENOENT/);
  rmSync(folder, { recursive: true });
});
