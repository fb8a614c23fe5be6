// A static busybox: needs nothing of the folder that is its root, be it an image that holds nothing else or another root.
import { type CachedProgram, cachedPath, fetchIntoCache } from './cache.ts';
import { release } from './debian.ts';
import { type Say, sayOnStderr } from './say.ts';

export async function busyboxPath(say: Say = sayOnStderr): Promise<string> {
  const program: CachedProgram = {
    name: 'busybox-static',
    suites: [release().codename || 'stable'],
    paths: ['bin/busybox', 'usr/bin/busybox'],
    accepts: () => true,
  };
  const cached = cachedPath(program);
  if (cached !== null) return cached;
  say('Fetching busybox-static from Debian (kept in the user cache, not installed)');
  return fetchIntoCache(program);
}
