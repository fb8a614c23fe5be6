// Pure: paths that a service's `build` and its like name. Most are read by the builder, some written.
import { entriesOf, isRecord, type NamedPath, named, type Path } from './named-path.ts';

const ELSEWHERE = /^(docker-image|service|target):/;

function contexts(at: Path, value: unknown): NamedPath[] {
  return entriesOf(value).flatMap(([key, item]) => {
    if (typeof item !== 'string') return [];
    const path = typeof key === 'number' ? item.slice(item.indexOf('=') + 1) : item;
    return ELSEWHERE.test(path) ? [] : named([...at, key], path);
  });
}

/** `id=path` or the agent of whoever runs Compose, which has no path. */
function keys(at: Path, value: unknown): NamedPath[] {
  if (typeof value === 'string') return keys(at, [value]);
  return entriesOf(value).flatMap(([key, item]) => {
    if (typeof item !== 'string') return [];
    const path = typeof key === 'number' ? item.replace(/^[^=]*=?/, '') : item;
    return path === '' ? [] : named([...at, key], path, 'reads');
  });
}

/** `type=local,src=PATH`. What a variable stands for could be such a text as well. */
function caches(at: Path, value: unknown): NamedPath[] {
  return entriesOf(value).flatMap(([key, item]) => {
    if (typeof item !== 'string') return [];
    if (item.includes('$')) return named([...at, key], item);
    const fields = item.split(',').map((field) => field.trim().replaceAll('"', ''));
    if (!fields.some((field) => /^type\s*=\s*local$/i.test(field))) return [];
    return fields.flatMap((field) => {
      const [, path] = /^(?:src|dest)\s*=\s*(.*)$/i.exec(field) ?? [];
      return path === undefined ? [] : named([...at, key], path);
    });
  });
}

export function pathsOfBuild(at: Path, value: unknown): NamedPath[] {
  if (!isRecord(value)) return typeof value === 'string' ? named(at, value) : [];
  return [
    ...named([...at, 'context'], value['context']),
    ...named([...at, 'dockerfile'], value['dockerfile']),
    ...contexts([...at, 'additional_contexts'], value['additional_contexts']),
    ...keys([...at, 'ssh'], value['ssh']),
    ...caches([...at, 'cache_from'], value['cache_from']),
    ...caches([...at, 'cache_to'], value['cache_to']),
  ];
}

export function pathsOfWatch(at: Path, value: unknown): NamedPath[] {
  if (!isRecord(value)) return [];
  return entriesOf(value['watch']).flatMap(([key, item]) => named([...at, 'watch', key], isRecord(item) ? item : null));
}
