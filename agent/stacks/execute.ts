// Carries steps out over the Compose command line. One executor a kind; each is idempotent. What Compose says is told
// without the values of the stack's secrets.
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { openly, type Redactor } from '../secrets/redactor.ts';
import type { SecretRoom } from '../secrets/room.ts';
import type { ComposeCall } from './compose.ts';
import { reasonOf } from './compose-output.ts';
import { type Layout, type LayoutParts, layOut } from './layout.ts';
import type { StepResult } from './runtime.ts';
import type { Step, StepKind, StepOf } from './steps.ts';

export interface ExecuteParts extends LayoutParts {
  readonly room: SecretRoom | null;
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
  recreate: 30 * MINUTE,
  start: 10 * MINUTE,
  stop: 10 * MINUTE,
  down: 10 * MINUTE,
};
const CONFIG_DEADLINE = MINUTE;

type Executors = { [K in StepKind]: (step: StepOf<K>, parts: ExecuteParts, io: StepIo) => Promise<StepResult> };

const executors: Executors = {
  pull: (step, parts, io) => withFiles(step.target, parts, io, step.kind, ['pull', ...step.services]),

  up(step, parts, io) {
    const pull = step.pull === 'never' ? ['--pull', 'never'] : [];
    const rest = ['up', '-d', '--remove-orphans', ...pull, ...scaled(step.target)];
    return withFiles(step.target, parts, io, step.kind, rest, (layout) => retire(step.target, layout, parts, io));
  },

  async recreate(step, parts, io) {
    const rest = ['up', '-d', '--force-recreate', '--no-deps', ...scaled(step.target, step.services), ...step.services];
    const result = await withFiles(step.target, parts, io, step.kind, rest);
    if (result.ok) await parts.room?.found(step.stack, step.services);
    return result;
  },

  start(step, parts, io) {
    const call = { project: step.stack, directory: null, timeoutMs: DEADLINES.start };
    return callAndTell({ ...call, arguments: ['start', ...step.services] }, parts, io);
  },

  async stop(step, parts, io) {
    const call = { project: step.stack, directory: null, arguments: ['stop'], timeoutMs: DEADLINES.stop };
    const result = await callAndTell(call, parts, io);
    if (result.ok) await parts.room?.forget(step.stack);
    return result;
  },

  async down(step, parts, io) {
    const flags = step.volumes ? ['--remove-orphans', '--volumes'] : ['--remove-orphans'];
    const call = { project: step.stack, directory: null, arguments: ['down', ...flags], timeoutMs: DEADLINES.down };
    const result = await callAndTell(call, parts, io);
    if (!result.ok) return result;
    await parts.room?.forget(step.stack);
    await parts.folders.remove(step.stack, step.volumes);
    return result;
  },
};

function scaled({ scale }: DesiredStack, services: readonly string[] = Object.keys(scale)): string[] {
  return services.flatMap((service) => (service in scale ? ['--scale', `${service}=${scale[service]}`] : []));
}

async function withFiles(
  target: DesiredStack,
  parts: ExecuteParts,
  io: StepIo,
  kind: 'pull' | 'up' | 'recreate',
  rest: string[],
  afterwards: (layout: Layout) => Promise<StepResult | null> = async () => null,
): Promise<StepResult> {
  const laidOut = await layOut(target, parts, { isForReal: kind !== 'pull', signal: io.signal });
  if (!laidOut.ok) return { ...laidOut, reason: redactorOf(target.name, parts)(laidOut.reason) };
  const { layout } = laidOut;
  const result = await callAndTell({ ...layout, arguments: rest, timeoutMs: DEADLINES[kind] }, parts, io);
  if (result.ok) return (await afterwards(layout)) ?? result;
  return io.signal.aborted ? result : faultOfTheText(layout, parts, io, result);
}

/** Compose leaves containers of a profile that is no longer active as they are: they are no orphans to it. */
async function retire(
  target: DesiredStack,
  layout: Layout,
  parts: ExecuteParts,
  io: StepIo,
): Promise<StepResult | null> {
  const before = await parts.folders.profiles(target);
  if (before.every((profile) => target.profiles.includes(profile))) return null;
  const everything = { ...layout, profiles: ['*'] };
  const names = async (call: Layout) => {
    const asked = { ...call, arguments: ['config', '--services'], timeoutMs: CONFIG_DEADLINE, signal: io.signal };
    return (await parts.compose.call(asked)).stdout.split('\n').filter((name) => name !== '');
  };
  const active = new Set(await names(layout));
  const gone = active.size === 0 ? [] : (await names(everything)).filter((name) => !active.has(name));
  if (gone.length === 0) return null;
  const rest = ['rm', '--stop', '--force', ...gone];
  return callAndTell({ ...everything, arguments: rest, timeoutMs: DEADLINES.down }, parts, io);
}

/** Compose has one exit code for everything, so a failure is told apart by asking whether the file itself is at fault. */
async function faultOfTheText(
  layout: Layout,
  parts: ExecuteParts,
  { signal }: StepIo,
  result: StepResult,
): Promise<StepResult> {
  const check = { ...layout, arguments: ['config', '--quiet'], timeoutMs: CONFIG_DEADLINE };
  const verdict = await parts.compose.call({ ...check, signal });
  if (verdict.exitCode === 0 || verdict.timedOut) return result;
  return { ...finish(check, verdict, redactorOf(layout.project, parts)), permanent: true };
}

async function callAndTell(call: ComposeCall, parts: ExecuteParts, io: StepIo): Promise<StepResult> {
  const redact = redactorOf(call.project, parts);
  const onLine = (line: string) => io.onLine(redact(line));
  return finish(call, await parts.compose.call({ ...call, signal: io.signal, onLine }), redact);
}

function redactorOf(stack: string, { room }: ExecuteParts): Redactor {
  return room?.redactor(stack) ?? openly;
}

function finish(
  call: ComposeCall,
  done: { exitCode: number; stderr: string; timedOut: boolean },
  redact: Redactor,
): StepResult {
  const { exitCode } = done;
  if (exitCode === 0 && !done.timedOut) return { ok: true, exitCode, reason: null, permanent: false };
  const reason = done.timedOut
    ? `docker compose ${call.arguments[0]} did not end within ${call.timeoutMs / MINUTE} minutes`
    : reasonOf(redact(done.stderr), exitCode);
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
    return { ok: false, exitCode: null, reason: redactorOf(step.stack, parts)(reason), permanent: false };
  }
}
