// The console is built when it was never built, or when its sources are newer than what was built.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lockFile } from '#infra/process/lock.ts';
import { run } from '#infra/process.ts';

const BUILD_TIMEOUT_MS = 300_000;
const NOT_SOURCES = new Set(['dist', 'node_modules']);

function newest(folder: string): number {
  return Math.max(
    0,
    ...readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !NOT_SOURCES.has(entry.name))
      .map((entry) =>
        entry.isDirectory() ? newest(join(folder, entry.name)) : statSync(join(folder, entry.name)).mtimeMs,
      ),
  );
}

function isBuilt(root: string): boolean {
  const sources = join(root, 'clients/console');
  const built = join(sources, 'dist/index.html');
  const wanted = Math.max(
    newest(sources),
    newest(join(root, 'clients/sdk')),
    statSync(join(root, 'package-lock.json')).mtimeMs,
  );
  return existsSync(built) && statSync(built).mtimeMs >= wanted;
}

/** Starts of the same checkout build it once: the second waits. @throws Error with the last words of the build */
export async function buildConsole(root: string, say: (line: string) => void): Promise<void> {
  if (isBuilt(root)) return;
  const lock = await lockFile(join(root, 'node_modules/.overseer-console'), { patient: true });
  try {
    if (isBuilt(root)) return;
    say('Building the console (once)');
    const args = ['build', '--logLevel', 'warn', join(root, 'clients/console')];
    const vite = join(root, 'node_modules/.bin/vite');
    const { exitCode, stdout, stderr } = await run(vite, args, { cwd: root, timeoutMs: BUILD_TIMEOUT_MS });
    if (exitCode !== 0) throw new Error(`The console can't be built:\n${(stderr || stdout).trim().slice(-2000)}`);
  } finally {
    await lock?.release();
  }
}
