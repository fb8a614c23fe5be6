// Pure: what a host or a core forbids stacks to ask of Docker. Judged on Compose's own resolved model, so that no include,
// extends, anchor or variable gets past it, and on every change alike.
import type { ComposeModel, ModelService } from './model.ts';

/** What can be forbidden, each with the words that say so to an operator. */
export const FORBIDDABLE = {
  privileged: 'runs privileged',
  'host-network': "uses the host's network",
  'host-pid': "uses the host's process ids",
  'host-ipc': "uses the host's IPC",
  'host-userns': "uses the host's user namespace",
  'host-binds': "mounts a path of the host outside of the stack's folder",
  'docker-socket': 'mounts the Docker socket',
  capabilities: 'adds capabilities',
  devices: 'uses devices of the host',
  'security-opt': 'changes security options',
  sysctls: 'sets kernel parameters',
  'cgroup-parent': 'chooses its cgroup',
  builds: 'builds an image on the host',
} as const;
export type Forbidden = keyof typeof FORBIDDABLE;

export interface Breach {
  readonly service: string;
  readonly what: Forbidden;
  readonly detail: string;
}

export function isForbiddable(name: string): name is Forbidden {
  return Object.hasOwn(FORBIDDABLE, name);
}

/** `privileged, host-network` -> both; the first word that is none is returned instead. */
export function forbiddenIn(text: string): { readonly forbidden: readonly Forbidden[] } | { readonly unknown: string } {
  const words = text.split(',').map((word) => word.trim());
  const given = words.filter((word) => word !== '');
  const unknown = given.find((word) => !isForbiddable(word));
  return unknown === undefined ? { forbidden: given.filter(isForbiddable) } : { unknown };
}

/** Anything but nothing: an empty list or mapping asks for nothing. */
function isAsked(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

const SOCKET = /(^|\/)(docker|containerd)\.sock$/;

/** Named volumes that are a path of the host in disguise. */
function disguised(model: ComposeModel): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, volume] of Object.entries(model.volumes ?? {})) {
    const options = volume?.driver_opts as { device?: unknown } | null | undefined;
    if (typeof options?.device === 'string') found.set(name, options.device);
  }
  return found;
}

function hostPaths(service: ModelService, volumes: ReadonlyMap<string, string>): string[] {
  return (service.volumes ?? []).flatMap(({ type, source }) => {
    if (source === undefined) return [];
    const path = type === 'bind' ? source : volumes.get(source);
    return path === undefined ? [] : [path];
  });
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function asked(service: ModelService, folder: string, volumes: ReadonlyMap<string, string>): [Forbidden, string][] {
  const paths = hostPaths(service, volumes);
  const named = (what: Forbidden, value: unknown): [Forbidden, string][] =>
    isAsked(value) ? [[what, FORBIDDABLE[what]]] : [];
  const at = (what: Forbidden, found: readonly string[]): [Forbidden, string][] =>
    found.map((path) => [what, `${FORBIDDABLE[what]}: ${path.slice(0, 200)}`]);
  const isHost = (key: string) => (service[key] === 'host' ? true : null);
  return [
    ...named('privileged', service['privileged']),
    ...named('host-network', isHost('network_mode')),
    ...named('host-pid', isHost('pid')),
    ...named('host-ipc', isHost('ipc')),
    ...named('host-userns', isHost('userns_mode')),
    ...at(
      'docker-socket',
      paths.filter((path) => SOCKET.test(path) || isInside('/var/run/docker.sock', path)),
    ),
    ...at(
      'host-binds',
      paths.filter((path) => !isInside(path, folder)),
    ),
    ...named('capabilities', service['cap_add']),
    ...named('devices', service['devices']),
    ...named('devices', service['device_cgroup_rules']),
    ...named('security-opt', service['security_opt']),
    ...named('sysctls', service['sysctls']),
    ...named('cgroup-parent', service['cgroup_parent']),
    ...named('builds', service['build']),
  ];
}

/** @param folder absolute path against which the model's relative mounts were resolved */
export function breachesOf(model: ComposeModel, folder: string, forbidden: readonly Forbidden[]): Breach[] {
  if (forbidden.length === 0) return [];
  const volumes = disguised(model);
  return Object.entries(model.services).flatMap(([service, body]) =>
    asked(body, folder, volumes)
      .filter(([what]) => forbidden.includes(what))
      .map(([what, detail]) => ({ service, what, detail: `${service} ${detail}` })),
  );
}
