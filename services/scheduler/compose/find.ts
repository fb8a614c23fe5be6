// Where Docker Compose is on this machine, and whether it answers.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ComposeProgram, composeProgram } from '#infra/compose/program.ts';
import { run } from '#infra/process.ts';

const PROBE_MS = 10_000;
/** What was not there is looked for again, though not for each of many checks. */
const AGAIN_MS = 10_000;

/** Compose may be a plugin in the owner's Docker folder; nothing else of this process's environment is for it. */
export function environment(home: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    DOCKER_CONFIG: process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'),
  };
}

/** Compose on this machine; null when there is none, or it does not answer. */
export async function findCompose(): Promise<ComposeProgram | null> {
  const program = composeProgram();
  const [file, ...first] = program;
  const { exitCode } = await run(file, [...first, 'version', '--short'], {
    env: environment('/nonexistent'),
    timeoutMs: PROBE_MS,
  });
  return exitCode === 0 ? program : null;
}

/** Looks once for all who ask meanwhile, and again later when nothing was found: it may be installed, or have hung. */
export function composeFinder(
  find: () => Promise<ComposeProgram | null> = findCompose,
  now: () => number = () => performance.now(),
): () => Promise<ComposeProgram | null> {
  let finding: Promise<ComposeProgram | null> | null = null;
  let missedAt: number | null = null;
  return () => {
    if (missedAt !== null && now() - missedAt >= AGAIN_MS) finding = null;
    if (finding === null) {
      missedAt = null;
      finding = find().then((found) => {
        if (found === null) missedAt = now();
        return found;
      });
    }
    return finding;
  };
}
