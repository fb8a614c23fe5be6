// Pure: what one service of Compose's model asks of the host, each by its word of the policy.
import { isInside, plainHostPath, reachesSocket } from './host-paths.ts';
import type { ModelService } from './model.ts';
import type { Forbidden } from './policy.ts';

export interface Surroundings {
  /** Absolute; a stack's own. */
  readonly folder: string;
  /** Plain paths of the host that its mounts are. */
  readonly mounts: { readonly paths: readonly string[]; readonly devices: readonly string[] };
  /** Names of networks that are the host's own. */
  readonly networks: ReadonlySet<string>;
}

/** Anything but nothing: an empty list or mapping asks for nothing. */
function isAsked(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

type Values = Readonly<Record<string, unknown>>;

function below(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Values)[key] : undefined),
    value,
  );
}

/** Once, however many of them are asked for. */
function some(...values: readonly unknown[]): string[] {
  return values.some(isAsked) ? [''] : [];
}

/** Of the host itself, or of a container outside of the stack, which may have the host's. */
function foreign(value: unknown): string[] {
  if (value === 'host') return [''];
  return typeof value === 'string' && value.startsWith('container:') ? [value] : [];
}

function hasPrivilegedHook(service: ModelService): boolean {
  return ['post_start', 'pre_stop'].some((name) => {
    const found = service[name];
    return Array.isArray(found) && found.some((hook) => isAsked(below(hook, 'privileged')));
  });
}

function foreignVolumes(service: ModelService): string[] {
  const from = service['volumes_from'];
  return Array.isArray(from) ? from.flatMap(foreign) : [];
}

function hostNetworks(service: ModelService, networks: ReadonlySet<string>): string[] {
  const used = service['networks'];
  const names = Array.isArray(used) ? used : typeof used === 'object' && used !== null ? Object.keys(used) : [];
  return names.filter((name) => networks.has(name)).map((name) => `network ${name}`);
}

type Asking = (service: ModelService, around: Surroundings) => readonly string[];

/** What is named beside the words of the policy; nothing when the words say it all. */
const ASKING: Readonly<Record<Forbidden, Asking>> = {
  privileged: (service) => some(service['privileged'], hasPrivilegedHook(service)),
  'host-network': (service, { networks }) => [...foreign(service['network_mode']), ...hostNetworks(service, networks)],
  'host-pid': (service) => foreign(service['pid']),
  'host-ipc': (service) => foreign(service['ipc']),
  'host-userns': (service) => foreign(service['userns_mode']),
  'host-uts': (service) => foreign(service['uts']),
  'host-binds': (service, { mounts, folder }) => [
    ...mounts.paths.filter((path) => !isInside(path, plainHostPath(folder))),
    ...foreignVolumes(service),
  ],
  'docker-socket': (service, { mounts }) => [
    ...mounts.paths.filter(reachesSocket),
    ...some(service['use_api_socket']),
    ...foreignVolumes(service),
  ],
  capabilities: (service) => some(service['cap_add']),
  devices: (service, { mounts }) => [
    ...mounts.devices,
    ...some(
      service['devices'],
      service['device_cgroup_rules'],
      service['gpus'],
      below(service, 'deploy', 'resources', 'reservations', 'devices'),
      /nvidia/i.test(String(service['runtime'] ?? '')),
    ),
  ],
  'security-opt': (service) => some(service['security_opt'], service['credential_spec']),
  sysctls: (service) => some(service['sysctls']),
  'cgroup-parent': (service) => some(service['cgroup_parent'], service['cgroup'] === 'host'),
  builds: (service) => some(service['build']),
  models: (service) => some(service['models']),
};

export function asked(service: ModelService, around: Surroundings): [Forbidden, string][] {
  return (Object.entries(ASKING) as [Forbidden, Asking][]).flatMap(([what, asking]) =>
    asking(service, around).map((named): [Forbidden, string] => [what, named]),
  );
}
