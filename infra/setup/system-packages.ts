// Packages of the machine's own distribution, installed for good. Only as root on Debian or Ubuntu, and never silently.
import { plainEnvironment } from '#infra/process/environment.ts';
import { run } from '#infra/process.ts';
import { release } from './debian.ts';
import { onPath } from './on-path.ts';
import type { Say } from './say.ts';

const INSTALL_MS = 15 * 60_000;
const APT = ['-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];

/** Null when we may install, else the reason why not. */
export function whyNotInstall(): string | null {
  if (!['debian', 'ubuntu'].includes(release().id) || onPath('apt-get') === null) {
    return 'this is neither Debian nor Ubuntu';
  }
  return process.getuid?.() === 0 ? null : 'that needs root';
}

export function hasPackage(name: string): Promise<boolean> {
  return run('apt-cache', ['show', name], { keep: 1 }).then(({ exitCode }) => exitCode === 0);
}

/** @throws Error with apt's last words, or with what to install by hand */
export async function installPackages(names: readonly string[], say: Say): Promise<void> {
  const reason = whyNotInstall();
  if (reason !== null) throw new Error(`please install ${names.join(' ')} (not done for you: ${reason})`);
  say(`Installing ${names.join(', ')} (apt-get install)`);
  await apt([...APT, 'install', '-y', '--no-install-recommends', ...names]);
}

/** Lists first: a fresh machine may have none, an old one ones whose files are gone. */
export async function updatePackageLists(): Promise<void> {
  if (whyNotInstall() !== null) return;
  await apt([...APT, 'update']);
}

async function apt(args: readonly string[]): Promise<void> {
  const env = { ...plainEnvironment(), DEBIAN_FRONTEND: 'noninteractive' };
  const { exitCode, stderr, stdout } = await run('apt-get', args, { env, timeoutMs: INSTALL_MS });
  if (exitCode === 0) return;
  const words = (stderr.trim() || stdout.trim()).split('\n').slice(-5).join('\n');
  throw new Error(`apt-get ${args.slice(APT.length).join(' ')} failed: ${words}`);
}
