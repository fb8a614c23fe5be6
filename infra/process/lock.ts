// A lock that can't outlive its holder, even one killed with SIGKILL: `flock` holds it in a child that ends when our end
// of its input closes, which the kernel does for us.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { plainEnvironment } from './environment.ts';

export interface HeldLock {
  release(): Promise<void>;
}

/** `patient` waits for the holder; without it null says that somebody holds the lock. */
export async function lockFile(path: string, options: { patient: boolean }): Promise<HeldLock | null> {
  const { execa } = await import('execa');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const flags = options.patient ? ['-x'] : ['-x', '-n'];
  const holder = execa('flock', [...flags, path, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    env: plainEnvironment(),
    extendEnv: false,
    // Ctrl-C in the terminal is for us to handle: the lock holds until we have ended everything.
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    stderr: 'ignore',
  });
  const isHeld = await Promise.race([
    new Promise<boolean>((resolve) => holder.stdout.once('data', () => resolve(true))),
    holder.then(() => false),
  ]);
  if (!isHeld) {
    const { exitCode } = await holder;
    if (exitCode === 1) return null;
    throw new Error(
      `the lock ${path} can't be taken: flock ended with ${exitCode ?? 'no exit code (is it installed?)'}`,
    );
  }
  return {
    async release() {
      holder.stdin.end();
      await holder;
    },
  };
}
