// Where one service's secrets lie: a folder for each set of versions and places, so that nothing that is mounted is ever
// written over, and a service whose secrets stay as they are keeps its folder and its containers.
import { createHash } from 'node:crypto';
import type { DesiredSecret } from '#subjects/schema/secret.ts';
import type { ServiceSecrets } from './uses.ts';

/** `@` is in no service's name. */
const MARK = /@[0-9a-f]{16}(?:@files\/[^/]*)?$/;

/** Name of the folder; of what the stack says alone, so that a look ahead comes to the same. */
export function folderOf(use: ServiceSecrets, secrets: readonly DesiredSecret[]): string {
  const { service, user, image, files, variables, holders } = use;
  const used = new Set([...files, ...variables].map(({ secret }) => secret));
  const versions = secrets
    .filter(({ name }) => used.has(name))
    .map(({ name, secret, version }) => [name, secret, version])
    .toSorted();
  const text = JSON.stringify([user, image, versions, files, holders]);
  return `${service}@${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

/** Whether a path on the node is such a folder, or a file of one that is mounted alone. */
export function isSecretPlace(path: string): boolean {
  return MARK.test(path);
}

interface Rooms {
  directory(stack: string, folder: string): string;
  file(stack: string, folder: string, path: string): string;
}

/** For the overlay. */
export function placesIn(
  room: Rooms | null | undefined,
  { name, secrets }: { readonly name: string; readonly secrets: readonly DesiredSecret[] },
) {
  return {
    directory: (use: ServiceSecrets) => room?.directory(name, folderOf(use, secrets)) ?? '',
    file: (use: ServiceSecrets, path: string) => room?.file(name, folderOf(use, secrets), path) ?? '',
  };
}
