// Where Docker Compose is on this machine. The plugin itself is a whole program; going through `docker` starts two more
// processes for each call.
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The program and its first arguments. */
export type ComposeProgram = readonly [file: string, ...first: string[]];

/** Where Docker's own packages and those of distributions put it, in the order in which `docker` looks. */
const DIRECTORIES = [
  join(homedir(), '.docker/cli-plugins'),
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
];

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Looked for at each call, since it may be installed or replaced while we run. */
export function composeProgram(): ComposeProgram {
  const plugin = DIRECTORIES.map((directory) => join(directory, 'docker-compose')).find(isExecutable);
  return plugin === undefined ? ['docker', 'compose'] : [plugin];
}
