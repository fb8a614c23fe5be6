// Carries steps out over the Compose command line. One executor a kind; each is idempotent. What Compose says is told
// without the values of the stack's secrets.
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { openly, type Redactor } from '../secrets/redactor.ts';
import type { SecretRoom } from '../secrets/room.ts';
import type { ComposeCall } from './compose.ts';
import { reasonOf } from './compose-output.ts';
import { stackFolders } from './folder.ts';
import { type LaidOut, type Layout, type LayoutParts, layOut } from './layout.ts';
import { patienceFor } from './patience.ts';
import type { StepResult } from './runtime.ts';
import { withScratchFolder } from './scratch.ts';
import type { Step, StepKind, StepOf } from './steps.ts';

export interface ExecuteParts extends LayoutParts {
  readonly room: SecretRoom | null;
  /** To make containers, beside the time that a stack itself has. */
  readonly makingMs?: number | undefined;
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
  /** From a folder of its own: what runs goes on with the files it has. */
  pull: (step, parts, io) =>
    withScratchFolder(async (folder) => {
      const target = { ...step.target, place: null };
      return withFiles(target, { ...parts, folders: stackFolders(folder) }, io, step.kind, ['pull', ...step.services]);
    }),

  async up(step, parts, io) {
    const { target, services } = step;
    const pull = step.pull === 'never' ? ['--pull', 'never'] : [];
    const some = services.length === 0 ? [] : ['--no-deps'];
    const scale = scaled(target, services.length === 0 ? undefined : services);
    const rest = ['up', '-d', '--remove-orphans', ...some, ...pull, ...scale, ...services];
    const patience = patienceFor(step, io.signal, parts.makingMs);
    try {
      const watched = { signal: patience.signal, onLine: patience.hearing(io.onLine) };
      const result = await withFiles(target, parts, watched, step.kind, rest, async ({ layout, hasSecrets }) => {
        const retired = await retire(target, layout, parts, io);
        // Not before: what runs may be of an earlier version as long as this one is not up as a whole.
        if (services.length === 0 && retired?.ok !== false) await parts.room?.settle(target.name, hasSecrets);
        return retired;
      });
      return !result.ok && patience.isOver() ? overdue(target, result) : result;
    } finally {
      patience.end();
    }
  },

  async recreate(step, parts, io) {
    const rest = ['up', '-d', '--force-recreate', '--no-deps', ...scaled(step.target, step.services), ...step.services];
    const result = await withFiles(step.target, parts, io, step.kind, rest);
    if (result.ok) await parts.room?.found(step.stack, step.services);
    return result;
  },

  start(step, parts, io) {
    const call = { project: step.stack, directory: null, timeoutMs: DEADLINES.start };
    const verb = step.hasJobs ? ['restart', '--no-deps'] : ['start'];
    return callAndTell({ ...call, arguments: [...verb, ...step.services] }, parts, io);
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
  afterwards: (laidOut: LaidOut & { readonly ok: true }) => Promise<StepResult | null> = async () => null,
): Promise<StepResult> {
  const laidOut = await layOut(target, parts, { isForReal: kind !== 'pull', signal: io.signal });
  if (!laidOut.ok) return { ...laidOut, reason: redactorOf(target.name, parts)(laidOut.reason) };
  const { layout } = laidOut;
  const result = await callAndTell({ ...layout, arguments: rest, timeoutMs: DEADLINES[kind] }, parts, io);
  if (result.ok) return (await afterwards(laidOut)) ?? result;
  return io.signal.aborted ? result : faultOfTheText(layout, parts, io, result);
}

/**
 * Compose leaves containers of a profile that is not active as they are: they are no orphans to it. Where changes by hand
 * are only told, those that somebody started stay, and are no part of what was brought up.
 */
async function retire(
  target: DesiredStack,
  layout: Layout,
  parts: ExecuteParts,
  io: StepIo,
): Promise<StepResult | null> {
  const before = await parts.folders.profiles(target);
  const hasProfiles = [target.compose, ...Object.values(target.files)].some((text) => text.includes('profiles'));
  if (!hasProfiles && before.length === 0) return null;
  const everything = { ...layout, profiles: ['*'] };
  const names = async (call: Layout) => {
    const asked = { ...call, arguments: ['config', '--services'], timeoutMs: CONFIG_DEADLINE, signal: io.signal };
    return (await parts.compose.call(asked)).stdout.split('\n').filter((name) => name !== '');
  };
  const active = await names(layout);
  const done: StepResult = { ok: true, exitCode: 0, reason: null, permanent: false, services: active };
  const isSame = before.every((profile) => target.profiles.includes(profile));
  if (active.length === 0 || (isSame && target.drift === 'report')) return done;
  const gone = (await names(everything)).filter((name) => !active.includes(name));
  if (gone.length === 0) return done;
  const rest = ['rm', '--stop', '--force', ...gone];
  const removed = await callAndTell({ ...everything, arguments: rest, timeoutMs: DEADLINES.down }, parts, io);
  return removed.ok ? done : removed;
}

function overdue({ healthTimeoutSeconds }: DesiredStack, result: StepResult): StepResult {
  const reason = `it was not up within ${healthTimeoutSeconds} s`;
  return { ...result, ok: false, reason, permanent: true, isOverdue: true };
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
  return finish(call, await parts.compose.call({ ...call, signal: io.signal, onLine, cuts: redact.cuts }), redact);
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
