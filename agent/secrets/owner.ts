// Whose files a service's secrets are: the user that the Compose model names, else the one of its image, as far as they
// are numbers. A name stands for a number in the image alone.
import type { Engine } from '../docker.ts';
import type { ServiceSecrets } from './uses.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
  /** False: the user is a name that only the image knows. */
  readonly isCertain: boolean;
}
export type UserOf = (uses: ServiceSecrets) => Promise<Owner>;

const ROOT: Owner = { uid: 0, gid: 0, isCertain: true };

export function ownerOf(user: string): Owner {
  const [name = '', group = ''] = user.split(':');
  const gid = /^\d{1,9}$/.test(group) ? Number(group) : 0;
  if (/^\d{1,9}$/.test(name)) return { uid: Number(name), gid, isCertain: true };
  return name === '' || name === 'root' ? { ...ROOT, gid } : { uid: 0, gid, isCertain: false };
}

export function imageOwners(engine: Pick<Engine, 'imageUser'>): UserOf {
  return async ({ user, image }) => {
    if (user !== null) return ownerOf(user);
    const found = image === null ? null : await engine.imageUser(image);
    // An image that is not here yet may have any user.
    return found === null ? { ...ROOT, isCertain: false } : ownerOf(found);
  };
}
