// The services of a stack that there are to choose from: those its text names and those that nodes have, which may come
// from files it includes; and how many containers of each a node has. Pure.
import type { NodeStatus, StackDetail } from '../api/shapes.ts';
import { byName } from '../parts/words.ts';
import { serviceNames } from './setting-words.ts';

export interface ServiceSeen {
  readonly name: string;
  /** Containers on a node, the most that any has; null when none was seen and nothing says. */
  readonly containers: number | null;
}

export function servicesSeen(
  { name, compose, spec }: Pick<StackDetail, 'name' | 'compose' | 'spec'>,
  statuses: readonly NodeStatus[],
): ServiceSeen[] {
  const most = new Map<string, number>();
  for (const { stacks } of statuses) {
    const here = stacks.find((each) => each.name === name)?.services ?? [];
    const counts = Map.groupBy(here, (service) => service.name);
    for (const [service, containers] of counts) most.set(service, Math.max(most.get(service) ?? 0, containers.length));
  }
  const scale = spec.scale ?? {};
  const written = serviceNames(compose);
  const others = [...most.keys(), ...Object.keys(scale)].filter((service) => !written.includes(service));
  return [...written, ...[...new Set(others)].sort(byName)].map((service) => ({
    name: service,
    containers: scale[service] ?? most.get(service) ?? null,
  }));
}
