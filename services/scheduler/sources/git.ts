// git, called so that it can do nothing but what it is called for: no configuration but ours, no hooks, no helpers, no
// questions, no protocol but those of a network.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '#infra/process/environment.ts';
import { type RunResult, run } from '#infra/process.ts';
import { onPath } from '#infra/setup/on-path.ts';
import { sayOnStderr } from '#infra/setup/say.ts';
import { ensureTool } from '#infra/setup/test-parts.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { GivenCredential } from './credential.ts';
import type { Repository } from './repository.ts';

export interface GitPlace {
  /** Folder of everything that git keeps here. */
  readonly folder: string;
  readonly home: string;
  readonly knownHosts: string;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/** @param data the core's data folder */
export function gitPlace(data: string, signal: AbortSignal = new AbortController().signal): GitPlace {
  const folder = join(data, 'git');
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return { folder, home, knownHosts: join(folder, 'known_hosts'), signal };
}

const NETWORK = 'https:http:ssh:git';
const WORDS_KEPT = 2000;
/** No file of a repository's copy grows beyond this, whatever a server sends. */
const MAX_FILE_BYTES = 1024 * 1024 * 1024;

let found: Promise<string> | null = null;

/** Installed at the first source where that is possible. @throws OverseerError `source-unusable` */
export function gitProgram(): Promise<string> {
  found ??= ensureTool('git', 'git', sayOnStderr).catch((error: unknown) => {
    found = null;
    const why = error instanceof Error ? error.message : String(error);
    throw new OverseerError('source-unusable', `stacks from git need the program git on the core: ${why}`);
  });
  return found;
}

function quotedWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function sshCommand(place: GitPlace, repository: Repository, key: string | null, address: string | null): string {
  const alias = repository.port === 22 ? repository.host : `[${repository.host}]:${repository.port}`;
  const options = [
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'BatchMode=yes',
    'StrictHostKeyChecking=accept-new',
    `UserKnownHostsFile="${place.knownHosts}"`,
    'GlobalKnownHostsFile=/dev/null',
    'ForwardAgent=no',
    'PermitLocalCommand=no',
    'ProxyCommand=none',
    'ConnectTimeout=15',
    // Without one, ssh would try the keys of whoever runs the core.
    ...(key === null ? ['IdentityFile=none'] : []),
    ...(address === null ? [] : [`HostName=${address}`, `HostKeyAlias=${alias}`]),
  ].flatMap((option) => ['-o', quotedWord(option)]);
  return ['ssh', '-F', '/dev/null', ...(key === null ? [] : ['-i', quotedWord(key)]), ...options].join(' ');
}

function environment(place: GitPlace, protocols: string): Record<string, string> {
  const passed = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'TMPDIR'];
  const own = passed.flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const authorities = process.env['SSL_CERT_FILE'];
  return {
    ...Object.fromEntries(own),
    ...(authorities === undefined ? {} : { GIT_SSL_CAINFO: authorities }),
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: place.home,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: protocols,
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_SSH_VARIANT: 'ssh',
  };
}

const SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.askPass=',
  'credential.helper=',
  'protocol.allow=never',
  ...NETWORK.split(':').map((protocol) => `protocol.${protocol}.allow=always`),
  'protocol.file.allow=never',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
  'gc.auto=0',
  'maintenance.auto=false',
  // Followed by us, one address after the other, each looked at.
  'http.followRedirects=false',
  'http.lowSpeedLimit=500',
  'http.lowSpeedTime=30',
];

export interface GitCall {
  readonly place: GitPlace;
  readonly args: readonly string[];
  readonly timeoutMs: number;
  readonly keep?: number;
  readonly input?: string;
  /** Absent: this call stays on this machine. */
  readonly remote?: {
    readonly repository: Repository;
    readonly credential: GivenCredential;
    /** That its host was resolved to; null behind a proxy, which resolves itself. */
    readonly addresses: readonly string[];
  };
}

function connection(place: GitPlace, { repository, credential, addresses }: NonNullable<GitCall['remote']>) {
  const { scheme, host, port } = repository;
  const isWeb = scheme === 'http' || scheme === 'https';
  const settings: string[] = [];
  const own: Environment = isWeb
    ? {}
    : { GIT_SSH_COMMAND: sshCommand(place, repository, credential.file, addresses[0] ?? null) };
  if (isWeb && credential.file !== null) settings.push(`credential.helper=store --file=${quotedWord(credential.file)}`);
  if (isWeb && addresses.length > 0 && !host.includes(':') && !addresses.includes(host)) {
    settings.push(
      `http.curloptResolve=${host}:${port}:${addresses.map((one) => (one.includes(':') ? `[${one}]` : one)).join(',')}`,
    );
  }
  return { settings, env: own };
}

export async function git(call: GitCall): Promise<RunResult> {
  const { place, args, timeoutMs, keep, input, remote } = call;
  const program = await gitProgram();
  const { settings, env } = remote ? connection(place, remote) : { settings: [], env: {} };
  const all = [...SETTINGS, ...settings].flatMap((setting) => ['-c', setting]);
  const bounded = onPath('prlimit');
  const first = bounded === null ? [program] : [bounded, `--fsize=${MAX_FILE_BYTES}`, '--core=0', '--', program];
  const [file = program, ...before] = first;
  const result = await run(file, [...before, ...all, ...args], {
    cwd: place.home,
    env: { ...environment(place, remote ? NETWORK : 'none'), ...env },
    timeoutMs,
    signal: place.signal,
    ...(keep === undefined ? {} : { keep }),
    ...(input === undefined ? {} : { input }),
  });
  place.signal.throwIfAborted();
  return result;
}

/** git's own words as an error. */
export function gitError(what: string, result: RunResult, redact: (text: string) => string): OverseerError {
  const said = result.stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(?:warning|hint):/.test(line))
    .slice(-8)
    .join('\n');
  const words = result.timedOut ? 'no answer in time' : said || `git ended with code ${result.exitCode}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a server's words must not steer a terminal
  const plain = words.replace(/[\x00-\x09\x0b-\x1f\x7f]/g, ' ');
  return new OverseerError('source-unusable', redact(`${what}: ${plain}`).slice(0, WORDS_KEPT));
}
