// Packages of Debian that are newer than the machine's release, unpacked and not installed. Works through a private apt
// state: neither /etc/apt nor an installed package is touched. The mirror is the one the machine itself uses.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { run } from '#infra/process.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const APT_TIMEOUT_MS = 300_000;

/** First mirror that is no security archive, from sources in either of apt's two forms; null when there is none. */
export function mirrorOf(sources: readonly string[]): string | null {
  for (const text of sources) {
    for (const line of text.split('\n')) {
      const uri = /^URIs:\s*(\S+)/.exec(line)?.[1] ?? /^deb\s+(?:\[[^\]]*\]\s+)?(\S+:\S+)/.exec(line)?.[1];
      if (uri && !uri.includes('security')) return uri;
    }
  }
  return null;
}

function machineSources(): string[] {
  const folder = '/etc/apt/sources.list.d';
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  return ['/etc/apt/sources.list', ...files.filter((file) => /\.(sources|list)$/.test(file))]
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'));
}

async function must(what: string, file: string, args: readonly string[], cwd: string): Promise<void> {
  const { exitCode, stderr } = await run(file, args, { cwd, timeoutMs: APT_TIMEOUT_MS });
  if (exitCode !== 0) throw new Error(`${what} failed: ${stderr.trim().split('\n').slice(-3).join(' ')}`);
}

/** The newest version among the suites, unpacked into `target`. @throws Error that says what to install by hand */
export async function unpackPackages(
  names: readonly string[],
  target: string,
  suites: readonly string[] = ['sid', 'trixie'],
): Promise<void> {
  const mirror = mirrorOf(machineSources());
  if (mirror === null || !existsSync(KEYRING)) {
    throw new Error(`this is not a Debian with package sources; install by hand: ${names.join(', ')}`);
  }
  const state = mkdtempSync('/tmp/overseer-apt-');
  chmodSync(state, 0o755);
  try {
    for (const folder of ['lists/partial', 'cache/archives/partial', 'packages']) {
      mkdirSync(join(state, folder), { recursive: true });
    }
    const list = join(state, 'sources.list');
    writeFileSync(list, suites.map((suite) => `deb [signed-by=${KEYRING}] ${mirror} ${suite} main\n`).join(''));
    if (process.getuid?.() === 0) await run('chown', ['-R', '_apt', state]);
    const settings = [
      `Dir::State::Lists=${state}/lists`,
      `Dir::Cache=${state}/cache`,
      `Dir::Etc::SourceList=${list}`,
      'Dir::Etc::SourceParts=/dev/null',
      'APT::Get::List-Cleanup=0',
      'Acquire::Languages=none',
    ].flatMap((setting) => ['-o', setting]);
    const packages = join(state, 'packages');
    await must('reading the package lists', 'apt-get', ['-q', ...settings, 'update'], packages);
    await must('downloading packages', 'apt-get', ['-q', ...settings, 'download', ...names], packages);
    mkdirSync(target, { recursive: true });
    for (const file of readdirSync(packages).filter((name) => name.endsWith('.deb'))) {
      await must('unpacking a package', 'dpkg-deb', ['-x', join(packages, file), target], packages);
    }
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}
