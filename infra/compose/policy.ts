// Pure: what a host or a core forbids stacks to ask of Docker. Judged on Compose's own resolved model, so that no include,
// extends, anchor or variable gets past it, and on every change alike.
import { asked } from './asked.ts';
import { hostPaths, volumePaths } from './host-paths.ts';
import type { ComposeModel } from './model.ts';

/** What can be forbidden, each with the words that say so to an operator. */
export const FORBIDDABLE = {
  privileged: 'runs privileged',
  'host-network': "uses the host's network",
  'host-pid': "uses the host's process ids",
  'host-ipc': "uses the host's IPC",
  'host-userns': "uses the host's user namespace",
  'host-uts': "uses the host's hostname as its own",
  'host-binds': "mounts a path of the host outside of the stack's folder",
  'docker-socket': 'gets the socket of Docker or of another engine',
  capabilities: 'adds capabilities',
  devices: 'uses devices of the host',
  'security-opt': 'changes security options',
  sysctls: 'sets kernel parameters',
  'cgroup-parent': 'chooses its cgroup',
  builds: 'builds an image on the host',
  models: 'has the host run models',
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

/** Names in the model of networks that are the host's own. */
function hostNetworks({ networks }: ComposeModel): ReadonlySet<string> {
  const found = Object.entries(
    (networks ?? {}) as Readonly<Record<string, { name?: unknown; driver?: unknown } | null>>,
  );
  return new Set(found.filter(([, one]) => one?.name === 'host' || one?.driver === 'host').map(([name]) => name));
}

/** @param folder absolute path against which the model's relative mounts were resolved */
export function breachesOf(model: ComposeModel, folder: string, forbidden: readonly Forbidden[]): Breach[] {
  if (forbidden.length === 0) return [];
  const volumes = volumePaths(model);
  const networks = hostNetworks(model);
  return Object.entries(model.services).flatMap(([service, body]) =>
    asked(body, { folder, mounts: hostPaths(body, volumes), networks })
      .filter(([what]) => forbidden.includes(what))
      .map(([what, named]) => {
        const more = named === '' ? '' : `: ${named.slice(0, 200)}`;
        return { service, what, detail: `${service} ${FORBIDDABLE[what]}${more}` };
      }),
  );
}
