// Carries steps out over the Compose command line. One executor a kind; each is idempotent.
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { Compose, ComposeCall } from './compose.ts';
import { reasonOf } from './compose-output.ts';
import type { StackFolders } from './folder.ts';
import type { StepResult } from './runtime.ts';
import type { Step, StepKind, StepOf } from './steps.ts';

export interface ExecuteParts {
  readonly compose: Compose;
  readonly folders: StackFolders;
}

export interface StepIo {
  readonly signal: AbortSignal;
  onLine(line: string): void;
}

const MINUTE = 60_000;
/** Large images over thin lines take long; a call beyond these hangs. */
const DEADLINES: Record<StepKind, number> = {
  pull: 60 * MINUTE,
  up: 30 * MINUTE,
  stop: 10 * MINUTE,
  down: 10 * MINUTE,
};
const CONFIG_DEADLINE = MINUTE;

type Executors = { [K in StepKind]: (step: StepOf<K>, parts: ExecuteParts, io: StepIo) => Promise<StepResult> };

const executors: Executors = {
  pull: (step, parts, io) => withFiles(step.target, parts, io, step.kind, ['pull', ...step.services]),

  up: (step, parts, io) => {
    const pull = step.pull === 'never' ? ['--pull', 'never'] : [];
    return withFiles(step.target, parts, io, step.kind, ['up', '-d', '--remove-orphans', ...pull]);
  },

  stop: async (step, { compose }, io) => {
    const call = { project: step.stack, directory: null, arguments: ['stop'], timeoutMs: DEADLINES.stop, ...io };
    return finish(call, await compose.call(call));
  },

  down: async (step, { compose, folders }, io) => {
    const flags = step.volumes ? ['--remove-orphans', '--volumes'] : ['--remove-orphans'];
    const call = {
      project: step.stack,
      directory: null,
      arguments: ['down', ...flags],
      timeoutMs: DEADLINES.down,
      ...io,
    };
    const result = finish(call, await compose.call(call));
    if (result.ok) await folders.remove(step.stack, step.volumes);
    return result;
  },
};

async function withFiles(
  target: DesiredStack,
  { compose, folders }: ExecuteParts,
  io: StepIo,
  kind: 'pull' | 'up',
  rest: string[],
): Promise<StepResult> {
  let directory: string;
  try {
    directory = await folders.write(target);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { ok: false, exitCode: null, reason: `the stack's files can't be written: ${text}`, permanent: false };
  }
  const call = { project: target.name, directory, arguments: rest, timeoutMs: DEADLINES[kind], ...io };
  const result = finish(call, await compose.call(call));
  if (result.ok || io.signal.aborted) return result;
  // Compose has one exit code for everything, so a failure is told apart by asking whether the file itself is at fault.
  const check = { project: target.name, directory, arguments: ['config', '--quiet'], timeoutMs: CONFIG_DEADLINE };
  const verdict = await compose.call({ ...check, signal: io.signal });
  return verdict.exitCode === 0 || verdict.timedOut ? result : { ...finish(check, verdict), permanent: true };
}

function finish(call: ComposeCall, done: { exitCode: number; stderr: string; timedOut: boolean }): StepResult {
  const { exitCode } = done;
  if (exitCode === 0 && !done.timedOut) return { ok: true, exitCode, reason: null, permanent: false };
  const reason = done.timedOut
    ? `docker compose ${call.arguments[0]} did not end within ${call.timeoutMs / MINUTE} minutes`
    : reasonOf(done.stderr, exitCode);
  return { ok: false, exitCode, reason, permanent: false };
}

export async function execute(step: Step, parts: ExecuteParts, io: StepIo): Promise<StepResult> {
  try {
    return await (executors[step.kind] as (step: Step, parts: ExecuteParts, io: StepIo) => Promise<StepResult>)(
      step,
      parts,
      io,
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, exitCode: null, reason, permanent: false };
  }
}
