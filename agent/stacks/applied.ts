// Pure: the note of what `up` left, container by container.
import { filesMark } from './files-mark.ts';
import type { AppliedContainer, SeenContainer, StackRecord } from './model.ts';

type Notes = Pick<StackRecord, 'services' | 'applied'>;

/**
 * After the same version was brought up once more, what it had stays noted: somebody may have taken a container away
 * before it was looked at.
 */
export function broughtUpNotes(
  before: (Notes & Pick<StackRecord, 'appliedHash'>) | null,
  target: { readonly hash: string; readonly files: Readonly<Record<string, string>> },
  containers: readonly SeenContainer[],
): Notes {
  const found: Record<string, number> = {};
  for (const { service } of containers) found[service] = (found[service] ?? 0) + 1;
  const applied = appliedContainers(before?.applied ?? {}, containers, target.files);
  if (before === null || before.appliedHash !== target.hash) return { services: found, applied };
  const isShort = (service: string) => (found[service] ?? 0) < (before.services[service] ?? 0);
  const missing = Object.entries(before.applied).filter(([name, one]) => isShort(one.service) && !(name in applied));
  const services = { ...found };
  for (const [service, count] of Object.entries(before.services)) if (isShort(service)) services[service] = count;
  return { services, applied: { ...applied, ...Object.fromEntries(missing) } };
}

/**
 * What is noted of a container stays while it lives: Compose makes a new one of whatever it changes, so another name or
 * setting of the same container is somebody's own change, and the files it mounts are those of its beginning.
 */
export function appliedContainers(
  before: Readonly<Record<string, AppliedContainer>>,
  containers: readonly SeenContainer[],
  files: Readonly<Record<string, string>>,
): Record<string, AppliedContainer> {
  const known = new Map(Object.entries(before).map(([name, applied]) => [applied.id, { name, applied }]));
  const notes = containers.map((container): [string, AppliedContainer] => {
    const { id, name, service, image, imageId, taggedId, configHash, settings, mounts } = container;
    const same = known.get(id);
    if (same) return [same.name, { ...same.applied, taggedId }];
    return [name, { id, service, image, imageId, taggedId, configHash, settings, filesMark: filesMark(files, mounts) }];
  });
  return Object.fromEntries(notes);
}
