// Child processes, for everybody: `run` waits for one that ends, `supervise` keeps one running. Whoever starts a program
// does it here, so deadlines, process groups, environments and bounded output are decided once.
import { setTimeout as delay } from 'node:timers/promises';
import { endGroup, signalGroup } from './process/group.ts';
import { OutputTail } from './process/lines.ts';
import { type Started, type StartOptions, start } from './process/start.ts';

export interface RunOptions extends Omit<StartOptions, 'onText' | 'endsTogether'> {
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Between the first signal and SIGKILL, at the deadline or when aborted. */
  graceMs?: number | undefined;
  /** Characters of each output that are kept, from its end. */
  keep?: number | undefined;
}

export interface RunResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  timedOut: boolean;
  truncated: boolean;
}

const KEEP = 4 * 1024 * 1024;
const GRACE_MS = 2_000;

/** Never throws because of what the child did: a file that can't be started has exit code 127 and says why in stderr. */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const kept = { stdout: new OutputTail(options.keep ?? KEEP), stderr: new OutputTail(options.keep ?? KEEP) };
  options.signal?.throwIfAborted();
  const child = await start(file, args, { ...options, onText: (stream, text) => kept[stream].push(text) });
  let callOff = () => {};
  let timedOut = false;
  let isEnding = false;
  const end = () => {
    if (child.pid === null || isEnding) return;
    isEnding = true;
    callOff = endGroup(child.pid, 'SIGTERM', options.graceMs ?? GRACE_MS);
  };
  const deadline =
    options.timeoutMs === undefined
      ? null
      : setTimeout(() => {
          timedOut = true;
          end();
        }, options.timeoutMs);
  options.signal?.addEventListener('abort', end, { once: true });
  if (options.signal?.aborted) end();
  const { exitCode, reason } = await child.ended;
  if (deadline) clearTimeout(deadline);
  options.signal?.removeEventListener('abort', end);
  callOff();
  // The leader may have gone at SIGTERM while something it started did not.
  if (isEnding && child.pid !== null) signalGroup(child.pid, 'SIGKILL');
  return {
    exitCode,
    stdout: kept.stdout.text(),
    stderr: kept.stderr.text() + (reason ?? ''),
    timedOut,
    truncated: kept.stdout.isTruncated || kept.stderr.isTruncated,
  };
}

export interface SuperviseOptions extends Omit<StartOptions, 'input' | 'onText' | 'endsTogether'> {
  log: { warn(fields: object, message: string): void; info(fields: object, message: string): void };
  /** First wait before a restart; doubles up to `maxBackoffMs`, starts anew after `steadyMs` of running. */
  backoffMs?: number | undefined;
  maxBackoffMs?: number | undefined;
  steadyMs?: number | undefined;
  stopSignal?: NodeJS.Signals | undefined;
  stopTimeoutMs?: number | undefined;
  onStart?: ((pid: number) => void) | undefined;
  onEnd?: ((exitCode: number) => void) | undefined;
}

export interface Supervised {
  readonly pid: number | null;
  readonly restarts: number;
  /** Resolves when the child and all it started are gone. It is not started again. */
  stop(): Promise<void>;
}

export function supervise(name: string, file: string, args: readonly string[], options: SuperviseOptions): Supervised {
  const { backoffMs = 250, maxBackoffMs = 30_000, steadyMs = 30_000, log } = options;
  const stopping = new AbortController();
  let pid: number | null = null;
  let restarts = 0;
  let callOff = () => {};

  function end(leader: number): void {
    callOff = endGroup(leader, options.stopSignal ?? 'SIGTERM', options.stopTimeoutMs ?? 10_000);
  }

  async function once(): Promise<number> {
    const child: Started = await start(file, args, { ...options, endsTogether: true });
    pid = child.pid;
    if (pid !== null) {
      options.onStart?.(pid);
      if (stopping.signal.aborted) end(pid);
    }
    const { exitCode, reason } = await child.ended;
    if (reason !== null) log.warn({ child: name }, reason);
    callOff();
    pid = null;
    options.onEnd?.(exitCode);
    return exitCode;
  }

  async function keepRunning(): Promise<void> {
    let wait = backoffMs;
    while (!stopping.signal.aborted) {
      const began = performance.now();
      const exitCode = await once();
      if (stopping.signal.aborted) return;
      if (performance.now() - began >= steadyMs) wait = backoffMs;
      log.warn({ child: name, exitCode, restartInMs: wait }, `${name} ended, starting it again`);
      await delay(wait, undefined, { signal: stopping.signal }).catch(() => {});
      wait = Math.min(wait * 2, maxBackoffMs);
      restarts += 1;
    }
  }

  const done = keepRunning();
  return {
    get pid() {
      return pid;
    },
    get restarts() {
      return restarts;
    },
    async stop() {
      if (!stopping.signal.aborted) {
        stopping.abort();
        if (pid !== null) end(pid);
      }
      await done;
    },
  };
}
