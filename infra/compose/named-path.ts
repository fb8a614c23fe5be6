// Pure: a Compose file as plain values, and the paths that are found in it.

export type Path = readonly (string | number)[];

/**
 * What Compose does with a path: nothing itself (a build or the engine may), reads it, reads values for `${...}` there, does
 * so when the file exists, or reads it as a Compose file.
 */
export type Use = 'names' | 'reads' | 'values' | 'values-if-there' | 'compose';

export interface NamedPath {
  readonly at: Path;
  readonly path: string;
  readonly use: Use;
  /** For a Compose file: the folder in which paths of that file start; relative as `path` is. */
  readonly base: string;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function entriesOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return value.map((item, index) => [index, item]);
  return isRecord(value) ? Object.entries(value) : [];
}

/** A text, or a list of texts, or of objects whose `path` is one. */
export function texts(at: Path, value: unknown): { readonly at: Path; readonly path: string }[] {
  if (typeof value === 'string') return [{ at, path: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => texts([...at, index], item));
  return isRecord(value) ? texts([...at, 'path'], value['path']) : [];
}

export function named(at: Path, value: unknown, use: Use = 'names'): NamedPath[] {
  return texts(at, value).map((found) => ({ ...found, use, base: '' }));
}
