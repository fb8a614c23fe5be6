// What only tests need: a static busybox for images that nobody has to pull, a browser, tools for networks.
import type { CachedProgram } from './cache.ts';
import { cachedPath, fetchIntoCache } from './cache.ts';
import { release } from './debian.ts';
import { onPath } from './on-path.ts';
import { type Say, sayOnStderr } from './say.ts';
import { installPackages, updatePackageLists } from './system-packages.ts';

/** A static busybox runs in an image that holds nothing else. */
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

/** @throws Error that says what to install by hand */
export async function chromiumPath(say: Say = sayOnStderr): Promise<string> {
  return ensureTool('chromium', 'chromium', say);
}

/** Path of the tool; its package is installed when the tool is missing. @throws Error that names the package */
export async function ensureTool(tool: string, packageName: string, say: Say = sayOnStderr): Promise<string> {
  const present = onPath(tool);
  if (present !== null) return present;
  await updatePackageLists();
  await installPackages([packageName], say);
  const installed = onPath(tool);
  if (installed === null) throw new Error(`the package ${packageName} is installed, but there is no ${tool}`);
  return installed;
}
