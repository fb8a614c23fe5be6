// Lays a stack out on disk for Compose: its files, and beside them the overlay with secrets and pins when it has any. For
// a change, and as well for looking what a change would do (`isForReal` false: no secret is opened).
import { readsOf } from '#infra/compose/follow.ts';
import { type ComposeModel, readModel } from '#infra/compose/model.ts';
import { breachesOf, type Forbidden } from '#infra/compose/policy.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { placesIn } from '../secrets/generation.ts';
import { NoSecretsRoom } from '../secrets/mount.ts';
import { SecretRefused } from '../secrets/open.ts';
import type { UserOf } from '../secrets/owner.ts';
import type { SecretRoom } from '../secrets/room.ts';
import { secretUses } from '../secrets/uses.ts';
import type { Compose, ComposeCall } from './compose.ts';
import { reasonOf } from './compose-output.ts';
import { LinkRefused, refuseLinks } from './confined.ts';
import { composeFileOf, type StackFolders } from './folder.ts';
import { needsOverlay, OVERLAY_FILE, overlayText } from './overlay.ts';

export interface LayoutParts {
  readonly compose: Compose;
  readonly folders: StackFolders;
  /** Null: this agent opens no secrets. */
  readonly room: Pick<SecretRoom, 'prepare' | 'directory' | 'file'> | null;
  readonly userOf: UserOf;
  /** What this host allows no stack to ask of Docker, whatever the core says. */
  readonly forbidden?: readonly Forbidden[];
}

/** What every Compose call for the stack has alike. */
export type Layout = Pick<ComposeCall, 'project' | 'directory' | 'files' | 'profiles' | 'variables'>;

export type LaidOut =
  | { readonly ok: true; readonly layout: Layout; readonly hasSecrets: boolean }
  | { readonly ok: false; readonly reason: string; readonly permanent: boolean; readonly exitCode: number | null };

const MODEL_DEADLINE_MS = 60_000;

export async function layOut(
  stack: DesiredStack,
  parts: LayoutParts,
  how: { readonly isForReal: boolean; readonly signal?: AbortSignal | undefined },
): Promise<LaidOut> {
  let directory: string;
  let reads: readonly string[];
  try {
    reads = readsOf(stack, composeFileOf(stack));
    directory = await parts.folders.write(stack);
    // A container may own a folder of the stack, and Compose reads as root what a link there leads to.
    await refuseLinks(directory, reads);
  } catch (error) {
    if (error instanceof OverseerError) return refusal(error.message, true);
    if (error instanceof LinkRefused) return refusal(error.message, false);
    return refusal(`the stack's files can't be written: ${wordsOf(error)}`, false);
  }
  const layout = { project: stack.name, directory, files: [composeFileOf(stack)], profiles: stack.profiles };
  const { forbidden = [] } = parts;
  const isPlain = !needsOverlay(stack);
  const plain: LaidOut = { ok: true, layout, hasSecrets: false };
  if (isPlain && forbidden.length === 0) return plain;
  const asked = await judged(layout, parts, how.signal);
  if ('ok' in asked || isPlain) return 'ok' in asked ? asked : plain;
  const { model } = asked;
  const uses = secretUses(model, stack);
  if (!uses.ok) return refusal(uses.reason, true);
  const { room } = parts;
  if (room === null && uses.services.length > 0) return refusal('this agent opens no secrets', false);
  try {
    const hasSecrets = uses.services.length > 0;
    const isOpened = room !== null && how.isForReal && hasSecrets;
    const variables = isOpened ? await room.prepare(stack, uses.services, parts.userOf) : {};
    const places = placesIn(room, stack);
    const text = overlayText({ stack, services: Object.keys(model.services), uses: uses.services, places });
    await parts.folders.writeOverlay(stack, text);
    const files = text === null ? layout.files : [...layout.files, OVERLAY_FILE];
    // Once more as the change itself will have it: a secret may be what a variable of the text stands for.
    const isOther = forbidden.length > 0 && Object.keys(variables).length > 0;
    const again = isOther ? await judged({ ...layout, variables }, parts, how.signal) : asked;
    if ('ok' in again) return again;
    await refuseLinks(directory, reads);
    return { ok: true, layout: { ...layout, files, variables }, hasSecrets };
  } catch (error) {
    if (error instanceof SecretRefused) return refusal(error.message, true);
    if (error instanceof NoSecretsRoom || error instanceof LinkRefused) return refusal(error.message, false);
    return refusal(`the stack's secrets can't be written: ${wordsOf(error)}`, false);
  }
}

/** What Compose makes of it, when the policy of this host has nothing against it. */
async function judged(
  layout: Layout,
  { compose, forbidden = [] }: LayoutParts,
  signal: AbortSignal | undefined,
): Promise<{ readonly model: ComposeModel } | (LaidOut & { readonly ok: false })> {
  const asked = { ...layout, arguments: ['config', '--format', 'json'], timeoutMs: MODEL_DEADLINE_MS };
  const { exitCode, stdout, stderr, timedOut } = await compose.call({ ...asked, signal });
  if (exitCode !== 0) {
    const reason = reasonOf(stderr, exitCode);
    return { ok: false, reason, permanent: !timedOut && signal?.aborted !== true, exitCode };
  }
  const model = readModel(stdout);
  if (model === null) return refusal('docker compose config printed no model that can be read', false);
  const breach = breachIn(model, layout.directory ?? '', forbidden);
  return breach === null ? { model } : refusal(breach, true);
}

function breachIn(model: ComposeModel, directory: string, forbidden: readonly Forbidden[]): string | null {
  const [breach] = breachesOf(model, directory, forbidden);
  return breach === undefined ? null : `the policy of this host forbids it: ${breach.detail}`;
}

function refusal(reason: string, permanent: boolean): LaidOut & { readonly ok: false } {
  return { ok: false, reason, permanent, exitCode: null };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
