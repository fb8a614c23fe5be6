// Debian packages without installing them: a private apt state beside the machine's own reads newer suites of the same
// mirror, checks their signatures and unpacks one package. Neither /etc/apt nor the installed packages are touched.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plainEnvironment } from '#infra/process/environment.ts';
import { run } from '#infra/process.ts';
import { debianMirror, type SourcesFile } from './debian-mirror.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const FETCH_MS = 10 * 60_000;

export interface UnpackedPackage {
  /** The upstream part of the package's version. */
  readonly version: string;
  readonly folder: string;
}

function sourcesFiles(): SourcesFile[] {
  const folder = '/etc/apt/sources.list.d';
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const paths = [...names.map((name) => join(folder, name)), '/etc/apt/sources.list'];
  return paths
    .filter((path) => /\.(sources|list)$/.test(path) && existsSync(path))
    .map((path) => ({ name: path, text: readFileSync(path, 'utf8') }));
}

/** ID and VERSION_CODENAME of /etc/os-release; empty where there is none. */
export function release(): { id: string; codename: string } {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  return { id: field('ID'), codename: field('VERSION_CODENAME') };
}

async function must(file: string, args: readonly string[], cwd: string): Promise<string> {
  const env = { ...plainEnvironment(), DEBIAN_FRONTEND: 'noninteractive' };
  const result = await run(file, args, { cwd, env, timeoutMs: FETCH_MS });
  if (result.exitCode !== 0) {
    const reason = result.timedOut
      ? 'took longer than ten minutes'
      : result.stderr.trim().split('\n').slice(-5).join('\n');
    throw new Error(`${file} ${args.at(-1)} failed: ${reason}`);
  }
  return result.stdout;
}

/** Version of the package's file, without epoch and Debian's revision: 1:2.15.1-3+b2 is 2.15.1. */
export function upstreamVersion(debian: string): string {
  return debian
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')
    .replace(/\+(?:dfsg|ds|git).*$/, '')
    .replace(/~(?:ds|dfsg)\d*$/, '');
}

/** Fetches the newest `name` among the suites and hands it over unpacked; all of it is gone afterwards. */
export async function withDebianPackage<T>(
  name: string,
  suites: readonly string[],
  use: (unpacked: UnpackedPackage) => Promise<T>,
): Promise<T> {
  const { codename } = release();
  const mirror = debianMirror(sourcesFiles(), codename);
  if (mirror === null) throw new Error(`this machine's package sources name no Debian mirror`);
  const folder = await mkdtemp(join(tmpdir(), 'overseer-apt-'));
  try {
    const [lists, cache, download, out] = ['lists', 'cache', 'download', 'out'].map((each) => join(folder, each)) as [
      string,
      string,
      string,
      string,
    ];
    await mkdir(join(lists, 'partial'), { recursive: true });
    await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
    await mkdir(download);
    await mkdir(out);
    const signedBy = existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : '';
    const sources = join(folder, 'sources.list');
    await writeFile(sources, suites.map((suite) => `deb ${signedBy}${mirror} ${suite} main\n`).join(''));
    // apt drops root for its downloads; the folder has to be that user's then.
    await chmod(folder, 0o755);
    if (process.getuid?.() === 0) await must('chown', ['-R', '_apt', folder], folder);
    const apt = [
      ['Dir::State::Lists', lists],
      ['Dir::Cache', cache],
      ['Dir::Etc::SourceList', sources],
      ['Dir::Etc::SourceParts', '/dev/null'],
      ['APT::Get::List-Cleanup', '0'],
      ['Acquire::Languages', 'none'],
      ['Acquire::Retries', '3'],
    ].flatMap(([option, value]) => ['-o', `${option}=${value}`]);
    await must('apt-get', ['-q', ...apt, 'update'], download);
    await must('apt-get', ['-q', ...apt, 'download', name], download);
    const file = readdirSync(download).find((each) => each.endsWith('.deb'));
    if (file === undefined) throw new Error(`no suite of ${suites.join(', ')} has ${name}`);
    const version = await must('dpkg-deb', ['-f', join(download, file), 'Version'], download);
    await must('dpkg-deb', ['-x', join(download, file), out], download);
    return await use({ version: upstreamVersion(version.trim()), folder: out });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
