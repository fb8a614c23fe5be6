// Where opened secrets lie: a tmpfs, which no disk ever sees. One of our own, never mounted twice, or a folder that was
// given to us (by systemd, which lets us mount nothing) and that the kernel says is one.
import { chmod, lstat, mkdir, readFile, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '#infra/process.ts';

const TMPFS_MAGIC = 0x01021994;
const SIZE = 'size=64m';
const MOUNT_DEADLINE_MS = 10_000;

export class NoSecretsRoom extends Error {}

export interface SecretsMount {
  readonly directory: string;
  /** Makes sure that it is there, and tells which file system it is: another number, another one. @throws NoSecretsRoom */
  ensure(): Promise<number>;
  /** Whether it is there, without making it. */
  isReady(): Promise<boolean>;
}

export interface SecretsPlace {
  readonly directory: string;
  /** Somebody else answers for its being a tmpfs; it is only looked whether it is. */
  readonly isGiven: boolean;
}

export function secretsPlace(node: string, env: NodeJS.ProcessEnv): SecretsPlace {
  const given = env['OVERSEER_SECRETS_DIR'] || env['RUNTIME_DIRECTORY']?.split(':')[0];
  if (given) return { directory: join(given, node), isGiven: true };
  return { directory: join('/run/overseer-agent', node), isGiven: false };
}

export function secretsMount(place: SecretsPlace, onWarning: (text: string) => void): SecretsMount {
  const { directory, isGiven } = place;
  let inFlight: Promise<number> | null = null;

  async function isReady(): Promise<boolean> {
    const isTmpfs = (await statfs(directory).catch(() => null))?.type === TMPFS_MAGIC;
    return isTmpfs && (isGiven || (await isMountPoint(directory)));
  }

  async function make(): Promise<number> {
    await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw new NoSecretsRoom(`the folder for secrets ${directory} can't be made: ${wordsOf(error)}`);
    });
    if (!(await lstat(directory)).isDirectory()) throw new NoSecretsRoom(`${directory} is no folder`);
    if (!(await isReady())) {
      if (isGiven) throw new NoSecretsRoom(`${directory} is not on a tmpfs: secrets are not written to a disk`);
      await mountTmpfs(directory, onWarning);
      if (!(await isReady())) throw new NoSecretsRoom(`${directory} is no tmpfs even after one was mounted there`);
    }
    await chmod(directory, 0o700);
    return (await stat(directory)).dev;
  }

  return {
    directory,
    isReady,
    ensure() {
      inFlight ??= make().finally(() => {
        inFlight = null;
      });
      return inFlight;
    },
  };
}

async function isMountPoint(directory: string): Promise<boolean> {
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return table.split('\n').some((line) => {
    const [, , , , at, ...rest] = line.split(' ');
    return at !== undefined && unescaped(at) === directory && rest[rest.indexOf('-') + 1] === 'tmpfs';
  });
}

/** The kernel writes spaces and the like in octal. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

async function mountTmpfs(directory: string, onWarning: (text: string) => void): Promise<void> {
  const mount = (options: string) =>
    run('mount', ['-t', 'tmpfs', '-o', options, 'overseer-secrets', directory], { timeoutMs: MOUNT_DEADLINE_MS });
  const flags = `${SIZE},mode=0700,nosuid,nodev,noexec`;
  if ((await mount(`${flags},noswap`)).exitCode === 0) return;
  const second = await mount(flags);
  if (second.exitCode !== 0) {
    const why = second.stderr.trim().split('\n').at(-1) ?? '';
    throw new NoSecretsRoom(`no tmpfs can be mounted at ${directory}, and secrets are not written to a disk: ${why}`);
  }
  onWarning('this kernel has no tmpfs without swap: opened secrets may reach the swap space');
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
