// Pure: a stack reads nothing but its own files. Follows `include` and `extends` into the files that came with it.
import { OverseerError } from '#subjects/errors.ts';
import { faultOfPath, plainPath } from './path.ts';
import { type Path, pathsNamedBy } from './places.ts';
import { type ComposeText, readCompose } from './text.ts';

function written(at: Path): string {
  return at.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

function joined(file: string, path: string): string {
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/') + 1) : '';
  return plainPath(`${folder}${path}`);
}

function checkFile(text: ComposeText, file: string): string[] {
  const further: string[] = [];
  for (const { at, path, isCompose } of pathsNamedBy(text.content)) {
    const fault = faultOfPath(path);
    if (fault) {
      const place = text.placeOf(at);
      throw new OverseerError('path-outside', `${file}: ${written(at)} "${path.slice(0, 200)}" ${fault}`, {
        fields: { file, place: written(at), ...(place ?? {}) },
      });
    }
    if (isCompose) further.push(joined(file, path));
  }
  return further;
}

export const COMPOSE_FILE = 'compose.yaml';

function isEmpty(part: unknown): boolean {
  return typeof part !== 'object' || part === null || Object.keys(part).length === 0;
}

/**
 * Reads the Compose text and every Compose file it draws in.
 * @throws OverseerError `compose-malformed`, `compose-refused`, `path-outside`
 */
export function checkConfinement(compose: string, files: Readonly<Record<string, string>>): void {
  const text = readCompose(compose, COMPOSE_FILE);
  if (typeof text.content !== 'object' || text.content === null || Array.isArray(text.content)) {
    throw new OverseerError('compose-malformed', `${COMPOSE_FILE}: must be a mapping with services`, {
      fields: { file: COMPOSE_FILE, line: 1, column: 1 },
    });
  }
  const waiting = checkFile(text, COMPOSE_FILE);
  const seen = new Set<string>();
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file) || !Object.hasOwn(files, file)) continue;
    seen.add(file);
    waiting.push(...checkFile(readCompose(files[file] as string, file), file));
  }
  const { services, include } = text.content as Readonly<Record<string, unknown>>;
  // `config` takes such a file, `up` does not.
  if (isEmpty(services) && isEmpty(include)) {
    throw new OverseerError('compose-refused', `${COMPOSE_FILE}: it names no service`, {
      fields: { file: COMPOSE_FILE },
    });
  }
}
