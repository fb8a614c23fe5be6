// Where opened secrets lie: a tmpfs, which no disk ever sees. One of our own, never mounted twice, or a folder that was
// given to us (by systemd, whose unit mounts it) and that the kernel says is one. Nothing is mounted on a given one: it may be
// ours in a view of the file system that the engine does not share, and containers would find an empty folder.
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
  let warned: string | null = null;

  async function warn(): Promise<void> {
    const risk = await swapRisk(directory);
    if (risk !== null && risk !== warned) onWarning(risk);
    warned = risk;
  }

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
      await mountTmpfs(directory);
      if (!(await isReady())) throw new NoSecretsRoom(`${directory} is no tmpfs even after one was mounted there`);
    }
    await chmod(directory, 0o700);
    await warn();
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

interface Mounted {
  readonly at: string;
  readonly type: string;
  /** Of the file system itself. */
  readonly options: readonly string[];
}

async function mounted(): Promise<Mounted[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return table.split('\n').flatMap((line) => {
    const [, , , , at, ...rest] = line.split(' ');
    const [type = '', , options = ''] = rest.slice(rest.indexOf('-') + 1);
    return at === undefined ? [] : [{ at: unescaped(at), type, options: options.split(',') }];
  });
}

async function isMountPoint(directory: string): Promise<boolean> {
  return (await mounted()).some(({ at, type }) => at === directory && type === 'tmpfs');
}

/** Why what lies in the folder may reach a disk after all; null when it can't. */
export async function swapRisk(directory: string): Promise<string | null> {
  const above = (await mounted()).filter(({ at }) => at === '/' || `${directory}/`.startsWith(`${at}/`));
  // The longest is the nearest, and of several at one place the last hides the others.
  const nearest = above.reduce<Mounted | null>(
    (best, one) => (one.at.length >= (best?.at.length ?? 0) ? one : best),
    null,
  );
  if (nearest?.options.includes('noswap')) return null;
  const swaps = (await readFile('/proc/swaps', 'utf8').catch(() => '')).trim().split('\n').slice(1);
  if (swaps.length === 0) return null;
  return `opened secrets may reach the swap space: ${nearest?.at ?? directory} is a tmpfs without noswap`;
}

/** The kernel writes spaces and the like in octal. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

async function mountTmpfs(directory: string): Promise<void> {
  const mount = (options: string) =>
    run('mount', ['-t', 'tmpfs', '-o', options, 'overseer-secrets', directory], { timeoutMs: MOUNT_DEADLINE_MS });
  const flags = `${SIZE},mode=0700,nosuid,nodev,noexec`;
  if ((await mount(`${flags},noswap`)).exitCode === 0) return;
  // Before Linux 6.4.
  const second = await mount(flags);
  if (second.exitCode !== 0) {
    const why = second.stderr.trim().split('\n').at(-1) ?? '';
    throw new NoSecretsRoom(`no tmpfs can be mounted at ${directory}, and secrets are not written to a disk: ${why}`);
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
