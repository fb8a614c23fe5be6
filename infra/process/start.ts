// Starts one child through execa: arguments as an array, an explicit environment, its own process group.
import { constants } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import type { Environment } from './environment.ts';
import { plainEnvironment } from './environment.ts';
import { signalGroup } from './group.ts';
import type { Identity } from './identity.ts';
import { type Cuts, LineCutter } from './lines.ts';

export type OutputStream = 'stdout' | 'stderr';

export interface StartOptions {
  cwd?: string | undefined;
  /** All of the child's environment. Without it: PATH, HOME and their like, nothing of ours. */
  env?: Environment | undefined;
  /** Who the child is; as we are unless said. */
  as?: Identity | undefined;
  input?: string | Uint8Array | undefined;
  /** `ignore` for what puts a server into the background: an inherited pipe would keep the call open for ever. */
  output?: 'pipe' | 'ignore' | undefined;
  /** Kills what the child left behind as soon as it ends itself. */
  endsTogether?: boolean | undefined;
  onText?: ((stream: OutputStream, text: string) => void) | undefined;
  onLine?: ((stream: OutputStream, line: string) => void) | undefined;
  /** Where lines that are too long may be cut. */
  cuts?: Cuts | undefined;
}

export interface Started {
  readonly pid: number | null;
  /** The exit code as a shell would tell it: 127 when the file can't be started, 128 + n after signal n. */
  readonly ended: Promise<{ exitCode: number; reason: string | null }>;
}

export async function start(file: string, args: readonly string[], options: StartOptions): Promise<Started> {
  // Loaded at the first child: costs an idle agent 9 MB otherwise.
  const { execa } = await import('execa');
  const output = options.output ?? 'pipe';
  const child = execa(file, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env ?? plainEnvironment(),
    extendEnv: false,
    ...options.as,
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    stdin: options.input === undefined ? 'ignore' : 'pipe',
    stdout: output,
    stderr: output,
  });
  const finish = (['stdout', 'stderr'] as const).map((name) => read(child[name] ?? null, name, options));
  if (options.input !== undefined && child.stdin) {
    // A child that ends without reading its input is judged by its exit code, not by our broken pipe.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input);
  }
  const { pid } = child;
  if (options.endsTogether && pid !== undefined) child.nodeChildProcess.once('exit', () => signalGroup(pid, 'SIGKILL'));
  const ended = child.then((result) => {
    for (const end of finish) end();
    if (result.exitCode !== undefined) return { exitCode: result.exitCode, reason: null };
    const signal = result.signal === undefined ? undefined : constants.signals[result.signal];
    if (signal !== undefined) return { exitCode: 128 + signal, reason: null };
    return { exitCode: 127, reason: `${file} can't be started: ${reasonOf(result)}` };
  });
  return { pid: pid ?? null, ended };
}

function reasonOf(result: {
  code?: string | undefined;
  originalMessage?: string | undefined;
  shortMessage?: string | undefined;
}): string {
  return result.code === 'ENOENT' ? 'not found' : (result.originalMessage ?? result.shortMessage ?? 'unknown reason');
}

function read(stream: NodeJS.ReadableStream | null, name: OutputStream, options: StartOptions): () => void {
  const decoder = new StringDecoder('utf8');
  const cutter = new LineCutter(options.cuts);
  const take = (text: string) => {
    if (text === '') return;
    options.onText?.(name, text);
    if (options.onLine) for (const line of cutter.push(text)) options.onLine(name, line);
  };
  stream?.on('data', (chunk: Buffer) => take(decoder.write(chunk)));
  return () => {
    take(decoder.end());
    if (options.onLine) for (const line of cutter.end()) options.onLine(name, line);
  };
}
