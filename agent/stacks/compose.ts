// The Compose command line: the only thing that changes containers. Arguments as an array, an explicit environment, a
// deadline for every call.
import { composeEnvironment } from '#infra/compose/environment.ts';
import { composeProgram } from '#infra/compose/program.ts';
import { withoutContents } from '#infra/compose/words.ts';
import type { Cuts } from '#infra/process/lines.ts';
import { type RunResult, run } from '#infra/process.ts';

export interface ComposeCall {
  readonly project: string;
  /** Where the stack's files are. Null: by project name alone, from the labels of what runs. */
  readonly directory: string | null;
  /** Names in that directory; the first one alone decides what relative paths mean. */
  readonly files?: readonly string[] | undefined;
  readonly profiles?: readonly string[] | undefined;
  /** For the environment of the call: values that may stand in no file and no argument. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly arguments: readonly string[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onLine?: ((line: string) => void) | undefined;
  /** Where a line that is too long may be cut. */
  readonly cuts?: Cuts | undefined;
}

export interface Compose {
  call(call: ComposeCall): Promise<RunResult>;
  /** Null when there is none. */
  version(): Promise<string | null>;
}

export function openCompose(dockerHost: string): Compose {
  const env = { ...composeEnvironment(), DOCKER_HOST: dockerHost };
  return {
    async call({ project, directory, arguments: rest, timeoutMs, signal, onLine, cuts, ...more }) {
      const [file, ...first] = composeProgram();
      const files = (more.files ?? ['compose.yaml']).flatMap((name) => ['-f', name]);
      const place = directory === null ? [] : ['--project-directory', directory, ...files];
      const profiles = (more.profiles ?? []).flatMap((name) => ['--profile', name]);
      // Without files of its own a call must not find a compose file of somebody else above its directory.
      const global = ['--ansi', 'never', '--progress', 'plain', '-p', project, ...place, ...profiles];
      const result = await run(file, [...first, ...global, ...rest], {
        cwd: directory ?? '/',
        env: { ...env, ...more.variables },
        timeoutMs,
        signal,
        cuts,
        ...(onLine ? { onLine: (_stream: string, line: string) => onLine(withoutContents(line)) } : {}),
      });
      return { ...result, stderr: withoutContents(result.stderr) };
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
