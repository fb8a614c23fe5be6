// How a container's log can be read. Its file is best: the engine loses lines of its own when it rotates, and says nothing.
import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import type { InspectedContainer } from '../docker.ts';

export type Way = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'engine' | 'none' };

type Inspected = Pick<InspectedContainer, 'LogPath'> & { HostConfig: { LogConfig?: LogConfig | undefined } };
interface LogConfig {
  readonly Type: string;
  readonly Config?: Readonly<Record<string, string>> | null;
}

export function wayTo({ LogPath, HostConfig: { LogConfig } }: Inspected): Way {
  if (LogConfig?.Type === 'none') return { kind: 'none' };
  if (LogConfig?.Type !== 'json-file') return { kind: 'engine' };
  // Before its first start there is none.
  if (LogPath === '') return { kind: 'none' };
  // Files that are packed when they are rotated can't be read on.
  if (LogConfig.Config?.['compress'] === 'true') return { kind: 'engine' };
  return isReadable(dirname(LogPath)) ? { kind: 'file', path: LogPath } : { kind: 'engine' };
}

/** Not where the agent runs in a container of its own that has no part in the engine's folder. */
function isReadable(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
