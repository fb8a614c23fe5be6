// The Compose command line: the only thing that changes containers. Arguments as an array, an explicit environment, a
// deadline for every call.
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { plainEnvironment } from '#infra/process/environment.ts';
import { type RunResult, run } from '#infra/process.ts';

export interface ComposeCall {
  readonly project: string;
  /** Where the stack's files are. Null: by project name alone, from the labels of what runs. */
  readonly directory: string | null;
  readonly arguments: readonly string[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface Compose {
  call(call: ComposeCall): Promise<RunResult>;
  /** Null when there is none. */
  version(): Promise<string | null>;
}

const PLUGIN_DIRECTORIES = [
  join(homedir(), '.docker/cli-plugins'),
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
];

/** The plugin itself is a whole program; going through `docker` starts two more processes for each call. */
function program(): { file: string; first: readonly string[] } {
  for (const directory of PLUGIN_DIRECTORIES) {
    const file = join(directory, 'docker-compose');
    try {
      accessSync(file, constants.X_OK);
      return { file, first: [] };
    } catch {
      // Looked for in the next place.
    }
  }
  return { file: 'docker', first: ['compose'] };
}

export function openCompose(dockerHost: string): Compose {
  const { DOCKER_CONTEXT: _, ...plain } = plainEnvironment();
  const env = { ...plain, DOCKER_HOST: dockerHost };
  return {
    call({ project, directory, arguments: rest, timeoutMs, signal, onLine }) {
      const { file, first } = program();
      const place = directory === null ? [] : ['--project-directory', directory, '-f', 'compose.yaml'];
      // Without files of its own a call must not find a compose file of somebody else above its directory.
      return run(file, [...first, '--ansi', 'never', '--progress', 'plain', '-p', project, ...place, ...rest], {
        cwd: directory ?? '/',
        env,
        timeoutMs,
        signal,
        ...(onLine ? { onLine: (_stream: string, line: string) => onLine(line) } : {}),
      });
    },
    async version() {
      const { file, first } = program();
      const { exitCode, stdout } = await run(file, [...first, 'version', '--short'], {
        env,
        cwd: '/',
        timeoutMs: 10_000,
      });
      return exitCode === 0 ? stdout.trim() : null;
    },
  };
}
