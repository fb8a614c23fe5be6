// Pure: which paths of the host a service gets, by whatever way, as the host reads them.
import type { ComposeModel, ModelService } from './model.ts';

/** A process's view of the root, or of where it stands, is the host's own as seen by Docker. */
const VIEW = /^proc\/[^/]+(?:\/task\/[^/]+)?\/(?:root|cwd)$/;

/** Without `.`, `..`, empty parts and detours over a process; `/var/run` is `/run` nearly everywhere. */
export function plainHostPath(path: string): string {
  let parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
    if (VIEW.test(parts.join('/'))) parts = [];
    if (parts.join('/') === 'var/run') parts = ['run'];
  }
  return `/${parts.join('/')}`;
}

export function isInside(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

const SOCKET = /\/[^/]*(?:docker|containerd|podman|crio|buildkitd)[^/]*\.sock$/;
/** Where engines put theirs: whoever has a folder around one has the socket. */
const SOCKETS = [
  '/run/docker.sock',
  '/run/docker/containerd/containerd.sock',
  '/run/containerd/containerd.sock',
  '/run/podman/podman.sock',
  '/run/crio/crio.sock',
  '/run/buildkit/buildkitd.sock',
];
/** Of an engine without root: one for each user. */
const OF_USER = /^\/run\/user\/[^/]+$/;

/** @param path plain */
export function reachesSocket(path: string): boolean {
  if (SOCKET.test(path) || OF_USER.test(path) || path === '/run/user' || path === '/var') return true;
  return SOCKETS.some((socket) => isInside(socket, path));
}

/** What these mount is no place of the host; unless it is said that a place is mounted, which goes before the type. */
const FAR_TYPES = new Set(['tmpfs', 'nfs', 'nfs4', 'cifs', 'smb3']);
const OF_PLACES = /^(?:r?bind|move|remount)$/;

interface VolumePaths {
  readonly paths: readonly string[];
  /** A device with a file system that is mounted. */
  readonly devices: readonly string[];
}

const NO_PATHS: VolumePaths = { paths: [], devices: [] };

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A named volume that is a path of the host in disguise. */
function pathsOfVolume(volume: Readonly<Record<string, unknown>> | null): VolumePaths {
  if (volume === null) return NO_PATHS;
  const own = textOf(volume['name']);
  const given = (volume['driver_opts'] ?? {}) as Readonly<Record<string, unknown>>;
  const [type, device] = [textOf(given['type']), textOf(given['device'])];
  const options = textOf(given['o'])
    .split(',')
    .map((option) => option.trim());
  const isPlace = options.some((option) => OF_PLACES.test(option));
  const named = own.startsWith('/') ? [own] : [];
  if (FAR_TYPES.has(type) && !isPlace) return { paths: named, devices: [] };
  // As layers of an overlay are named.
  const inOptions = options.flatMap((option) => option.slice(option.indexOf('=') + 1).split(':'));
  const paths = [device, ...inOptions.filter((path) => path.startsWith('/'))].filter((path) => path !== '');
  const isDevice = !isPlace && device !== '' && isInside(plainHostPath(device), '/dev');
  return { paths: [...named, ...paths], devices: isDevice ? [device] : [] };
}

/** Volumes by their name in the model. */
export function volumePaths(model: ComposeModel): ReadonlyMap<string, VolumePaths> {
  return new Map(Object.entries(model.volumes ?? {}).map(([name, volume]) => [name, pathsOfVolume(volume)]));
}

/** Plain; what is mounted from the host, and what devices are. */
export function hostPaths(service: ModelService, volumes: ReadonlyMap<string, VolumePaths>): VolumePaths {
  const found = (service.volumes ?? []).map(({ type, source = '' }): VolumePaths => {
    if (type === 'bind') return { paths: [source], devices: [] };
    return source.startsWith('/') ? { paths: [source], devices: [] } : (volumes.get(source) ?? NO_PATHS);
  });
  return {
    paths: found.flatMap(({ paths }) => paths).map(plainHostPath),
    devices: found.flatMap(({ devices }) => devices).map(plainHostPath),
  };
}
