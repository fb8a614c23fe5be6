// The CLI as an operator runs it: a process of its own, against a gateway that listens.
import { spawn } from 'node:child_process';
import type { TestGateway } from '#test/unit/gateway/gateway.ts';
import { TOKEN } from '#test/unit/gateway/gateway.ts';

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Ctrl-C after this many lines of stdout. */
  readonly stopAfter?: number;
  /** Called with all of stderr whenever it grows. */
  readonly onError?: (text: string, interrupt: () => void) => void;
}

const DEADLINE_MS = 20_000;

export function overseer(
  gateway: Pick<TestGateway, 'url'>,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ran> {
  const child = spawn(process.execPath, ['--', 'clients/cli/main.ts', ...args], {
    env: {
      PATH: process.env['PATH'] ?? '',
      OVERSEER_URL: gateway.url,
      OVERSEER_TOKEN: TOKEN,
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
  });
  let out = '';
  let err = '';
  // A character may come in two pieces.
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  child.stdin.end(options.input ?? '');
  child.stdout.on('data', (chunk) => {
    out += chunk;
    if (out.split('\n').length - 1 === options.stopAfter) child.kill('SIGINT');
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
    options.onError?.(err, () => child.kill('SIGINT'));
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}
