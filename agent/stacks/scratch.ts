// Asks Compose what it makes of a stack whose files are not, or not yet, on this node's disk: they are written to a folder
// of their own that is gone afterwards, and paths in the answer are those of the stack's real folder. No engine is asked.
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeEnvironment } from '#infra/compose/environment.ts';
import { writeStackFiles } from '#infra/compose/files.ts';
import { type ComposeModel, readModel } from '#infra/compose/model.ts';
import { composeProgram } from '#infra/compose/program.ts';
import { withoutContents } from '#infra/compose/words.ts';
import { run } from '#infra/process.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { readStackModel, type StackModel } from './compose-facts.ts';

const DEADLINE_MS = 20_000;
/** A text of a mebibyte grows when Compose writes it out in full. */
const OUTPUT_MAX_CHARACTERS = 32 * 1024 * 1024;
const REASON_KEPT = 3000;

/** Compose refuses the files; its own words. */
export class Refusal extends Error {}

export interface ConfigCall {
  readonly project: string;
  readonly directory: string;
  /** Names in the directory, or `-` for what is given as input. */
  readonly files: readonly string[];
  readonly profiles: readonly string[];
  readonly rest: readonly string[];
  readonly input?: string;
}

/** @throws Refusal */
export async function composeConfig({ project, directory, files, profiles, rest, input }: ConfigCall): Promise<string> {
  const [file, ...first] = composeProgram();
  const place = ['-p', project, '--project-directory', directory];
  const named = files.flatMap((name) => ['-f', name === '-' ? name : join(directory, name)]);
  const active = profiles.flatMap((profile) => ['--profile', profile]);
  const result = await run(file, [...first, '--ansi', 'never', ...place, ...named, ...active, 'config', ...rest], {
    cwd: directory,
    env: composeEnvironment(),
    timeoutMs: DEADLINE_MS,
    keep: OUTPUT_MAX_CHARACTERS,
    ...(input === undefined ? {} : { input }),
  });
  if (result.timedOut) throw new Refusal(`docker compose did not answer within ${DEADLINE_MS / 1000} s`);
  if (result.truncated) throw new Refusal('what docker compose makes of the files is too large');
  if (result.exitCode === 0) return result.stdout;
  const words = withoutContents(result.stderr).replaceAll(`${directory}/`, '').replaceAll(directory, '.').trim();
  throw new Refusal(words.slice(-REASON_KEPT) || `docker compose ended with code ${result.exitCode}`);
}

export interface Scratch {
  /** As it would be in `directory`. @throws Refusal */
  model(): Promise<StackModel>;
  /** Names of all services, those of inactive profiles too. */
  allServices(): Promise<Set<string>>;
}

type Written = Pick<DesiredStack, 'name' | 'compose' | 'files' | 'env' | 'profiles'>;

/**
 * @param directory where the stack's files are, or will be
 * @param overlayOf text beside the stack's own, made from what Compose makes of the stack alone; null: none
 */
export async function inScratch<T>(
  stack: Written,
  directory: string,
  overlayOf: ((model: ComposeModel) => string | null) | null,
  use: (scratch: Scratch) => Promise<T>,
): Promise<T> {
  return withScratchFolder(async (folder) => {
    const own = { project: stack.name, directory: folder, profiles: stack.profiles };
    const files = ['compose.yaml'];
    const asThere = (output: string) => output.replaceAll(folder, JSON.stringify(directory).slice(1, -1));
    await writeStackFiles(folder, stack.files, stack.env);
    await writeFile(join(folder, 'compose.yaml'), stack.compose, { mode: 0o600 });
    if (overlayOf !== null) {
      const plain = readModel(asThere(await composeConfig({ ...own, files, rest: ['--format', 'json'] })));
      const overlay = plain === null ? null : overlayOf(plain);
      if (overlay !== null) {
        await writeFile(join(folder, 'compose.override.yaml'), overlay, { mode: 0o600 });
        files.push('compose.override.yaml');
      }
    }
    return await use({
      async model() {
        const model = readStackModel(asThere(await composeConfig({ ...own, files, rest: ['--format', 'json'] })));
        if (model === null) throw new Refusal('docker compose answered no model of it');
        return model;
      },
      async allServices() {
        const output = await composeConfig({ ...own, files, profiles: ['*'], rest: ['--services'] });
        return new Set(output.split('\n').filter((line) => line !== ''));
      },
    });
  });
}

/** Compose's own digest of each service. The model says everything itself, so its place does not matter. */
export async function serviceHashes(project: string, model: string): Promise<Map<string, string>> {
  return withScratchFolder(async (folder) => {
    const rest = ['--no-consistency', '--hash', '*'];
    const call = { project, directory: folder, files: ['-'], profiles: [], rest, input: model };
    const lines = (await composeConfig(call)).split('\n').filter((line) => line !== '');
    return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
  });
}

/** Compose is asked by one process at a time, whose own place it is. */
let place: string | null = null;

/**
 * From now on scratch folders are made there, within reach of nobody else. What an agent left that was killed meanwhile is
 * taken away: nobody else is at work in that folder.
 */
export async function keepScratchIn(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  place = await realpath(folder);
}

/** A folder that is gone afterwards. */
export async function withScratchFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(place ?? (await realpath(tmpdir())), 'overseer-preview-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
