// How a container's log can be read. Its file is best: the engine loses lines of its own when it rotates, and says nothing.
import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import type { InspectedContainer } from '../docker.ts';

export interface FileWay {
  readonly kind: 'file';
  readonly path: string;
  /** As many as the engine keeps; null: it keeps all in one. */
  readonly mostFiles: number | null;
}

export type Way =
  | FileWay
  | { readonly kind: 'engine'; readonly hasTerminal: boolean; readonly why: string }
  | { readonly kind: 'none' };

type Inspected = Pick<InspectedContainer, 'LogPath'> & {
  Config: { Tty: boolean };
  HostConfig: { LogConfig?: LogConfig | undefined };
};
interface LogConfig {
  readonly Type: string;
  readonly Config?: Readonly<Record<string, string>> | null;
}

export function wayTo({ LogPath, Config, HostConfig: { LogConfig } }: Inspected): Way {
  const byEngine = (why: string): Way => ({ kind: 'engine', hasTerminal: Config.Tty, why });
  if (LogConfig?.Type === 'none') return { kind: 'none' };
  if (LogConfig?.Type !== 'json-file') return byEngine(`its log driver is ${LogConfig?.Type}`);
  // Before its first start there is none.
  if (LogPath === '') return { kind: 'none' };
  if (LogConfig.Config?.['compress'] === 'true') return byEngine('its files are packed when they are rotated');
  return isReadable(dirname(LogPath))
    ? { kind: 'file', path: LogPath, mostFiles: mostFiles(LogConfig.Config ?? {}) }
    : byEngine("the engine's folder can not be read from here");
}

/** The engine's own default is one, which is emptied when it is full. */
function mostFiles({ 'max-size': size, 'max-file': files }: Readonly<Record<string, string>>): number | null {
  return size === undefined ? null : Number(files ?? 1);
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
