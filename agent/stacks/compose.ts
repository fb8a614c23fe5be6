// The Compose command line: the only thing that changes containers. Arguments as an array, an explicit environment, a
// deadline for every call.
import { composeProgram } from '#infra/compose/program.ts';
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

export function openCompose(dockerHost: string): Compose {
  const { DOCKER_CONTEXT: _, ...plain } = plainEnvironment();
  const env = { ...plain, DOCKER_HOST: dockerHost };
  return {
    call({ project, directory, arguments: rest, timeoutMs, signal, onLine }) {
      const [file, ...first] = composeProgram();
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
      const [file, ...first] = composeProgram();
      const { exitCode, stdout } = await run(file, [...first, 'version', '--short'], {
        env,
        cwd: '/',
        timeoutMs: 10_000,
      });
      return exitCode === 0 ? stdout.trim() : null;
    },
  };
}
