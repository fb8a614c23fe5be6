// Asks Docker Compose itself whether a stack is valid, in a folder of its own that is gone afterwards. No engine is
// needed; without the CLI the agents are the first to find out.
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeStackFiles } from '#infra/compose/files.ts';
import { type ComposeProgram, composeProgram } from '#infra/compose/program.ts';
import { run } from '#infra/process.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Content } from '../specification.ts';
import { checkConfinement } from './confinement.ts';

const DEADLINE_MS = 20_000;
const PROBE_MS = 10_000;
/** Each is a process; more would only stand in each other's way. */
const AT_ONCE = 4;
const TEXT_KEPT = 4000;

export interface ComposeCheck {
  /** @throws OverseerError `compose-malformed`, `path-outside`, `compose-refused` */
  check(name: string, content: Content): Promise<void>;
}

/** Compose may be a plugin in the owner's Docker folder; nothing else of this process's environment is for it. */
function environment(home: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    DOCKER_CONFIG: process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'),
  };
}

/** Compose on this machine; null when there is none. */
export async function findCompose(): Promise<ComposeProgram | null> {
  const program = composeProgram();
  const [file, ...first] = program;
  const { exitCode } = await run(file, [...first, 'version', '--short'], {
    env: environment('/nonexistent'),
    timeoutMs: PROBE_MS,
  });
  return exitCode === 0 ? program : null;
}

async function askCompose([file, ...first]: ComposeProgram, name: string, content: Content): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'overseer-compose-'));
  try {
    await writeStackFiles(folder, content.files, content.env);
    const args = [...first, '-p', name, '--project-directory', folder, '-f', '-', 'config', '--quiet'];
    const result = await run(file, args, {
      cwd: folder,
      env: environment(folder),
      input: content.compose,
      timeoutMs: DEADLINE_MS,
    });
    if (result.exitCode === 0) return;
    const text = result.timedOut
      ? `docker compose did not answer within ${DEADLINE_MS / 1000} s`
      : result.stderr.replaceAll(`${folder}/`, '').replaceAll(folder, '.').trim().slice(-TEXT_KEPT);
    throw new OverseerError('compose-refused', text || `docker compose ended with code ${result.exitCode}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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

export function composeCheck(finding: Promise<ComposeProgram | null>): ComposeCheck {
  const inTurn = limited(AT_ONCE);
  return {
    async check(name, content) {
      checkConfinement(content.compose, content.files);
      const command = await finding;
      if (command) await inTurn(() => askCompose(command, name, content));
    },
  };
}
