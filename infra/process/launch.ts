// Starts a program that is to outlive us, in a session of its own, its output in a file that it writes itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { type Environment, plainEnvironment } from './environment.ts';

/** @throws Error when the file can't be started */
export async function launch(
  file: string,
  args: readonly string[],
  options: { log: string; env?: Environment },
): Promise<number> {
  const output = openSync(options.log, 'a', 0o600);
  try {
    const env = options.env ?? plainEnvironment();
    const child = spawn(file, args, { env, detached: true, stdio: ['ignore', output, output] });
    await once(child, 'spawn');
    child.unref();
    return child.pid ?? 0;
  } finally {
    closeSync(output);
  }
}
