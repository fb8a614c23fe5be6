// Reads the files of a project that somebody else made: the Compose text and whatever it names, from its own directory and
// through no link, so that nothing of the node leaves it that way.
import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { faultOfPath, plainPath } from '#infra/compose/path.ts';
import { pathsNamedBy } from '#infra/compose/places.ts';
import { readCompose } from '#infra/compose/text.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Place } from '#subjects/schema/project.ts';
import { Environment, RelativePath } from '#subjects/schema/stack.ts';
import { readConfined } from '../stacks/confined.ts';
import { OVERLAY_FILE } from '../stacks/overlay.ts';

/** Why a project can't be taken over as it is. */
export class Obstacle extends Error {}

export interface ProjectFiles {
  readonly compose: string;
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

/** All of it travels in one message, with room for what is around it. */
const MOST_CHARACTERS = 600 * 1024;
const MOST_FILES = 200;

/** @throws Obstacle */
export async function readProject(place: Place): Promise<ProjectFiles> {
  const directory = await lstat(place.directory).catch((error: NodeJS.ErrnoException) => {
    throw new Obstacle(`its directory ${place.directory} can't be read on this node: ${error.code ?? error.message}`);
  });
  if (!directory.isDirectory())
    throw new Obstacle(`${place.directory} is no directory of its own but a link or a file`);
  const budget = { left: MOST_CHARACTERS };
  const compose = await readOwn(place, place.file, budget);
  if (compose === null) throw new Obstacle(`there is no ${place.file} in ${place.directory}`);
  if ((await readOwn(place, OVERLAY_FILE, budget)) !== null && place.file !== OVERLAY_FILE) {
    throw new Obstacle(`a ${OVERLAY_FILE} lies beside ${place.file}; merge the two first`);
  }
  const values = await readOwn(place, '.env', budget);
  const files: Record<string, string> = {};
  const waiting = namedBy(compose, place.file, '');
  const own = ['.env', place.file];
  const seen = new Set<string>();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const visit = JSON.stringify([next.path, next.base]);
    if (own.includes(next.path) || seen.has(visit)) continue;
    seen.add(visit);
    if (seen.size > MOST_FILES) throw new Obstacle(`it names more than ${MOST_FILES} files`);
    const text = await readOwn(place, next.path, budget);
    // What is needed and not there is refused by Compose itself.
    if (text === null) continue;
    files[next.path] = text;
    if (next.base !== null) waiting.push(...namedBy(text, next.path, next.base));
  }
  return { compose, files, env: valuesIn(values) };
}

interface NamedFile {
  readonly path: string;
  /** For a Compose file: the folder in which its own paths start. */
  readonly base: string | null;
}

/** Files that a Compose text names, relative to the project's directory, as its own paths are to `folder`. */
function namedBy(text: string, file: string, folder: string): NamedFile[] {
  const content = contentOf(text, file);
  const { services } = content as { services?: unknown };
  for (const [name, service] of Object.entries(services ?? {})) {
    if (typeof service === 'object' && service !== null && 'build' in service) {
      throw new Obstacle(`service ${name} is built on the node; give it an image`);
    }
  }
  return pathsNamedBy(content).flatMap(({ at, path, use, base }) => {
    const fault = faultOfPath(path);
    if (fault !== null) throw new Obstacle(`${file}: ${at.join('.')} "${path.slice(0, 200)}" ${fault}`);
    const plain = plainPath(`${folder}/${path}`);
    if (at[0] === 'secrets') throw new Obstacle(plainSecret(String(at[1]), plain, file));
    if (at.at(-1) === 'project_directory' || plain === '') return [];
    if (!RelativePath.safeParse(plain).success) throw new Obstacle(`${file}: "${plain}" is no name for a file`);
    return [{ path: plain, base: use === 'compose' ? plainPath(`${folder}/${base}`) : null }];
  });
}

/** Whatever is read here is stored as it is: in the core's database, in documents, on the bus. */
function plainSecret(name: string, path: string, file: string): string {
  return (
    `its secret ${name} lies in the file ${path}, which would be stored unsealed: ` +
    `set it first (overseer secret set ${name} < ${path}), then write "external: true" instead of "file:" in ${file}`
  );
}

function contentOf(text: string, file: string): unknown {
  try {
    const { content } = readCompose(text, file);
    if (typeof content === 'object' && content !== null) return content;
  } catch (error) {
    if (!(error instanceof OverseerError)) throw error;
    throw new Obstacle(error.message);
  }
  throw new Obstacle(`${file} is no Compose file`);
}

/** Null when it is not there. */
async function readOwn({ directory }: Place, path: string, budget: { left: number }): Promise<string | null> {
  const read = await readConfined(directory, path, budget.left).catch(async (error: NodeJS.ErrnoException) => {
    const isThere = await stat(join(directory, path)).then(
      () => true,
      () => false,
    );
    if (!isThere && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    const isLink = error.code === 'ELOOP' || error.code === 'ENOTDIR';
    throw new Obstacle(isLink ? `${path} is, or lies behind, a link` : `${path} can't be read: ${error.message}`);
  });
  if (read === null) return null;
  budget.left -= read.length;
  if (budget.left < 0) throw new Obstacle(`its files are larger than ${MOST_CHARACTERS / 1024} KiB`);
  if (read.includes('\u0000') || read.includes('\ufffd')) throw new Obstacle(`${path} is no text`);
  return read;
}

function valuesIn(text: string | null): Record<string, string> {
  const values = Environment.safeParse({ ...parseEnv(text ?? '') });
  if (values.success) return values.data;
  throw new Obstacle('its .env holds a name or a value that can not be kept');
}
