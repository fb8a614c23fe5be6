// What only tests need: a browser, tools for networks.
import { onPath } from './on-path.ts';
import { type Say, sayOnStderr } from './say.ts';
import { installPackages, updatePackageLists } from './system-packages.ts';

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
