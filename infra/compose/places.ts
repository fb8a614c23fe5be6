// Pure: every place of a Compose file that names a file or folder Compose itself reads, and the files that join in.

export type Path = readonly (string | number)[];

export interface NamedPath {
  readonly at: Path;
  readonly path: string;
  /** A Compose file that is read as well. */
  readonly isCompose: boolean;
}

type Found = NamedPath[];

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entriesOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return value.map((item, index) => [index, item]);
  return isRecord(value) ? Object.entries(value) : [];
}

/** A text, or a list of texts, or of objects whose `path` is one. */
function texts(found: Found, at: Path, value: unknown, isCompose = false): void {
  if (typeof value === 'string') found.push({ at, path: value, isCompose });
  else if (Array.isArray(value))
    for (const [key, item] of entriesOf(value)) texts(found, [...at, key], item, isCompose);
  else if (isRecord(value)) texts(found, [...at, 'path'], value['path'], isCompose);
}

function include(found: Found, at: Path, value: unknown): void {
  for (const [key, item] of entriesOf(value)) {
    texts(found, [...at, key], item, true);
    if (!isRecord(item)) continue;
    texts(found, [...at, key, 'env_file'], item['env_file']);
    texts(found, [...at, key, 'project_directory'], item['project_directory']);
  }
}

const ELSEWHERE = /^(docker-image|service|target):/;

function build(found: Found, at: Path, value: unknown): void {
  texts(found, at, typeof value === 'string' ? value : null);
  if (!isRecord(value)) return;
  texts(found, [...at, 'context'], value['context']);
  texts(found, [...at, 'dockerfile'], value['dockerfile']);
  const contexts = [...at, 'additional_contexts'];
  for (const [key, item] of entriesOf(value['additional_contexts'])) {
    if (typeof item !== 'string') continue;
    const path = typeof key === 'number' ? item.slice(item.indexOf('=') + 1) : item;
    if (!ELSEWHERE.test(path)) found.push({ at: [...contexts, key], path, isCompose: false });
  }
}

function service(found: Found, at: Path, value: Record<string, unknown>): void {
  texts(found, [...at, 'env_file'], value['env_file']);
  texts(found, [...at, 'label_file'], value['label_file']);
  build(found, [...at, 'build'], value['build']);
  if (isRecord(value['extends'])) texts(found, [...at, 'extends', 'file'], value['extends']['file'], true);
  if (isRecord(value['credential_spec'])) {
    texts(found, [...at, 'credential_spec', 'file'], value['credential_spec']['file']);
  }
}

/** `content` is a Compose file as plain values. */
export function pathsNamedBy(content: unknown): NamedPath[] {
  const found: Found = [];
  if (!isRecord(content)) return found;
  include(found, ['include'], content['include']);
  for (const [name, value] of entriesOf(content['services'])) {
    if (isRecord(value)) service(found, ['services', name], value);
  }
  for (const section of ['configs', 'secrets']) {
    for (const [name, value] of entriesOf(content[section])) {
      if (isRecord(value)) texts(found, [section, name, 'file'], value['file']);
    }
  }
  return found;
}
