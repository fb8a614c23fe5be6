// Pure: every place of a Compose file that names a file or folder, and what Compose does with it.

import { entriesOf, isRecord, type NamedPath, named, type Path, texts } from './named-path.ts';
import { folderOf } from './path.ts';
import { pathsOfBuild, pathsOfWatch } from './places-build.ts';

/** One unit of files: paths in all of them start in one folder, where Compose also looks for values unless told where. */
function included(at: Path, item: unknown): NamedPath[] {
  const files = texts(at, item);
  const [first] = files;
  const { project_directory: folder, env_file: values } = isRecord(item) ? item : {};
  const base = typeof folder === 'string' && folder !== '' ? folder : folderOf(first?.path ?? '');
  const areSaid = isRecord(item) && texts([], values).length > 0;
  const implied: NamedPath = { at, path: base === '' ? '.env' : `${base}/.env`, use: 'values-if-there', base: '' };
  return [
    ...files.map((file): NamedPath => ({ ...file, use: 'compose', base })),
    ...named([...at, 'project_directory'], folder),
    ...(areSaid ? named([...at, 'env_file'], values, 'values') : [implied]),
  ];
}

function extended(at: Path, value: unknown): NamedPath[] {
  if (!isRecord(value)) return [];
  const files = texts([...at, 'file'], value['file']);
  return files.map((file) => ({ ...file, use: 'compose', base: folderOf(file.path) }));
}

/** A profile of seccomp is read by Compose itself. What a variable stands for could name one as well. */
function profiles(at: Path, value: unknown): NamedPath[] {
  return entriesOf(value).flatMap(([key, item]) => {
    if (typeof item !== 'string') return [];
    if (item.includes('$')) return named([...at, key], item);
    const [, path] = /^seccomp[=:](.*)$/.exec(item) ?? [];
    return path === undefined || /^(unconfined|builtin)$/.test(path) ? [] : named([...at, key], path, 'reads');
  });
}

function pathsOfService(at: Path, value: Record<string, unknown>): NamedPath[] {
  const { credential_spec: credentials } = value;
  return [
    ...named([...at, 'env_file'], value['env_file'], 'reads'),
    ...named([...at, 'label_file'], value['label_file'], 'reads'),
    ...extended([...at, 'extends'], value['extends']),
    ...profiles([...at, 'security_opt'], value['security_opt']),
    ...(isRecord(credentials) ? named([...at, 'credential_spec', 'file'], credentials['file']) : []),
    ...pathsOfBuild([...at, 'build'], value['build']),
    ...pathsOfWatch([...at, 'develop'], value['develop']),
  ];
}

/** `content` is a Compose file as plain values. */
export function pathsNamedBy(content: unknown): NamedPath[] {
  if (!isRecord(content)) return [];
  const { include, services } = content;
  return [
    ...entriesOf(include).flatMap(([key, item]) => included(['include', key], item)),
    ...entriesOf(services).flatMap(([name, value]) =>
      isRecord(value) ? pathsOfService(['services', name], value) : [],
    ),
    ...['configs', 'secrets'].flatMap((section) =>
      entriesOf(content[section]).flatMap(([name, value]) =>
        isRecord(value) ? named([section, name, 'file'], value['file'], 'reads') : [],
      ),
    ),
  ];
}
