// Pure: the note of what `up` left, container by container.
import { filesMark } from './files-mark.ts';
import type { AppliedContainer, SeenContainer } from './model.ts';

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
