// Asks Docker Compose itself whether a stack is valid, in a folder of its own that is gone afterwards. No engine is
// needed; without the CLI the agents are the first to find out, but where a policy is set nothing passes unjudged.
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfinement } from '#infra/compose/confinement.ts';
import { handOver, writeStackFiles } from '#infra/compose/files.ts';
import { type ComposeModel, readModel } from '#infra/compose/model.ts';
import { breachesOf, type Forbidden } from '#infra/compose/policy.ts';
import type { ComposeProgram } from '#infra/compose/program.ts';
import { withoutContents } from '#infra/compose/words.ts';
import { clearLeftFolders } from '#infra/left-folders.ts';
import { powerless } from '#infra/process/identity.ts';
import { run } from '#infra/process.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Content } from '../specification.ts';
import { environment } from './find.ts';

const DEADLINE_MS = 20_000;
const PREFIX = 'overseer-compose-';
/** Longer than a check takes, waiting for a processor that is busy. */
const LEFT_MS = 5 * DEADLINE_MS;
/** Each is a process; more would only stand in each other's way. */
const AT_ONCE = 4;
const TEXT_KEPT = 4000;
/** A text of a mebibyte grows when Compose writes it out in full. */
const MODEL_MAX_CHARACTERS = 32 * 1024 * 1024;

export interface ComposeCheck {
  /**
   * @returns what Compose makes of it; null when there is no Compose here to ask, and no policy to judge by
   * @throws OverseerError `compose-malformed`, `path-outside`, `compose-refused`, `policy-refused`
   */
  check(name: string, content: Content): Promise<ComposeModel | null>;
  /**
   * For what was checked when it was stored: the policy may have come since. Nothing is asked where there is none.
   * @throws OverseerError as `check`
   */
  judge(name: string, content: Content): Promise<void>;
}

function checkPolicy(model: ComposeModel, folder: string, forbidden: readonly Forbidden[]): void {
  const [breach, ...others] = breachesOf(model, folder, forbidden);
  if (breach === undefined) return;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new OverseerError('policy-refused', `the policy of this core forbids it: ${breach.detail}${more}`, {
    fields: { service: breach.service, forbidden: breach.what },
  });
}

async function askCompose(
  [file, ...first]: ComposeProgram,
  name: string,
  content: Content,
  forbidden: readonly Forbidden[],
): Promise<ComposeModel> {
  const root = await realpath(tmpdir());
  const folder = await mkdtemp(join(root, PREFIX));
  try {
    await writeStackFiles(folder, content.files, content.env);
    // Whatever a text makes Compose read, our keys are not among it.
    const as = await powerless([file, root]);
    if (as !== null) await handOver(folder, as);
    const profiles = content.profiles.flatMap((profile) => ['--profile', profile]);
    const place = ['-p', name, '--project-directory', folder, '-f', '-'];
    const args = [...first, ...place, ...profiles, 'config', '--format', 'json'];
    const result = await run(file, args, {
      cwd: folder,
      // The owner's Docker folder is closed to others; Compose itself needs nothing there.
      env: as === null ? environment(folder) : { ...environment(folder), DOCKER_CONFIG: '/nonexistent' },
      ...(as === null ? {} : { as }),
      input: content.compose,
      timeoutMs: DEADLINE_MS,
      keep: MODEL_MAX_CHARACTERS,
    });
    if (result.exitCode === 0) {
      const model = result.truncated ? null : readModel(result.stdout);
      if (model === null) throw new OverseerError('compose-refused', 'docker compose answered no model of it');
      checkPolicy(model, folder, forbidden);
      return model;
    }
    const text = result.timedOut
      ? `docker compose did not answer within ${DEADLINE_MS / 1000} s`
      : withoutContents(result.stderr).replaceAll(`${folder}/`, '').replaceAll(folder, '.').trim().slice(-TEXT_KEPT);
    throw new OverseerError('compose-refused', text || `docker compose ended with code ${result.exitCode}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a core left there that was killed in the middle of a check, at once and when no other can be at it any more. */
export function clearLeftChecks(): void {
  const clear = () => void clearLeftFolders({ place: tmpdir(), prefix: PREFIX, leftMs: LEFT_MS }, Date.now());
  clear();
  setTimeout(clear, LEFT_MS).unref();
}

/** At most `limit` of what it is given run at the same time; the others wait in order. */
function limited(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

function unjudged(forbidden: readonly Forbidden[]): OverseerError {
  return new OverseerError(
    'policy-refused',
    'this core has a policy (OVERSEER_FORBID) and no `docker compose` that answers to judge the stack by it: install the ' +
      'Compose plugin where the scheduler runs, or take the policy away',
    { fields: { setting: 'OVERSEER_FORBID', forbidden } },
  );
}

/** @param find Compose on this machine, as far as it is there now */
export function composeCheck(
  find: () => Promise<ComposeProgram | null>,
  forbidden: readonly Forbidden[] = [],
): ComposeCheck {
  const inTurn = limited(AT_ONCE);
  const check = async (name: string, content: Content): Promise<ComposeModel | null> => {
    checkConfinement(content);
    const command = await find();
    if (command !== null) return inTurn(() => askCompose(command, name, content, forbidden));
    if (forbidden.length > 0) throw unjudged(forbidden);
    return null;
  };
  return {
    check,
    async judge(name, content) {
      if (forbidden.length > 0) await check(name, content);
    },
  };
}
