// Pure: what Compose would do with each container of one stack when it brings it up. It follows Compose's own rules, in
// its own order: a container is made anew when the hash of its settings, its image, its networks or volumes differ, or
// when it lives in a container that is made anew; one that hangs on another by `restart: true` is stopped and started.
import type { PlannedChange } from '#subjects/schema/plan.ts';

type Reason = PlannedChange['reasons'][number];

export interface ComparedContainer {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly number: number | null;
  readonly state: string;
  /** As Compose noted it when it made the container. */
  readonly configHash: string | null;
  readonly imageId: string | null;
  /** The reference it was made from. */
  readonly image: string;
  /** What stood for its secrets then. */
  readonly secrets: string | null;
  /** Where on the node what it mounts from there lies, by its place in the container. */
  readonly binds: Readonly<Record<string, string>>;
  /** Ids of networks by name. */
  readonly networks: Readonly<Record<string, string>>;
  /** Names of volumes. */
  readonly volumes: readonly string[];
}

export interface ComparedService {
  readonly name: string;
  readonly image: string;
  /** Null when the engine does not have it. */
  readonly imageId: string | null;
  readonly pullPolicy: string | null;
  readonly secrets: string | null;
  readonly hash: string;
  /** The hash, were image and secrets those that its containers were made with. */
  readonly hashAsBefore: string | null;
  /** Names of settings that differ from what was applied, as far as they are known. */
  readonly settings: readonly string[];
  readonly scale: number;
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** Services in whose containers its own live, or whose volumes they take. */
  readonly livesIn: readonly string[];
  /** Services with which it is restarted. */
  readonly restartsWith: readonly string[];
}

export interface ComparedStack {
  /** What a service depends on comes before it. */
  readonly services: readonly ComparedService[];
  /** Services whose profile is off: Compose leaves their containers alone. */
  readonly disabled: ReadonlySet<string>;
  /** A profile was switched off since the last time: then what it made is taken away after all. */
  readonly takesDisabled: boolean;
  /** Ids of networks that are there, by name. */
  readonly networkIds: ReadonlyMap<string, string>;
  /** Networks that are there with other settings: Compose stops what uses them and makes them anew. */
  readonly networksAnew: ReadonlySet<string>;
}

/** Compose starts whatever it finds in another state, jobs that have ended too. */
const needsStart = ({ state }: ComparedContainer) => !['running', 'restarting'].includes(state);

function change(
  service: string,
  container: ComparedContainer | null,
  what: PlannedChange['change'],
  reasons: Reason[],
): PlannedChange {
  return { service, container: container?.name ?? null, change: what, reasons };
}

function imageReasons(service: ComparedService, container: ComparedContainer): Reason[] {
  const { image, imageId } = service;
  if (image !== container.image) {
    const fetched = imageId === null ? ', which is not here yet and will be pulled' : '';
    return [{ kind: 'image', detail: `${container.image} becomes ${image}${fetched}` }];
  }
  if (imageId === null) return [{ kind: 'image', detail: `${image} is not here and will be pulled` }];
  if (imageId === container.imageId) return [];
  return [{ kind: 'image', detail: `${image} names another image than when the container was made` }];
}

function ownReasons(service: ComparedService, container: ComparedContainer, stack: ComparedStack): Reason[] {
  const reasons = imageReasons(service, container);
  if (service.hash !== container.configHash) {
    const isSecret = service.secrets !== container.secrets;
    if (isSecret) reasons.push({ kind: 'secret', detail: 'a secret it uses has another version' });
    const isOther = service.hashAsBefore !== container.configHash;
    if (reasons.length === 0 || isOther) {
      const detail = service.settings.length === 0 ? 'its settings differ' : `${service.settings.join(', ')} changed`;
      reasons.push({ kind: 'config', detail });
    }
  }
  if (reasons.length > 0) return reasons;
  for (const network of container.state === 'running' ? service.networks : []) {
    if (stack.networksAnew.has(network) || container.networks[network] === stack.networkIds.get(network)) continue;
    reasons.push({ kind: 'config', detail: `it is not in network ${network}` });
  }
  for (const volume of service.volumes) {
    if (container.volumes.includes(volume)) continue;
    reasons.push({ kind: 'config', detail: `volume ${volume} is not mounted in it` });
  }
  return reasons;
}

/**
 * Those that stay first: what is too much is taken from the end. Compose sorts with an order that contradicts itself when
 * several are obsolete; this is the same sort over the same list, so it comes to the same end.
 */
function inOrder(containers: readonly ComparedContainer[], isObsolete: (c: ComparedContainer) => boolean) {
  const sorted = [...containers];
  const isBefore = (a: ComparedContainer, b: ComparedContainer) => {
    if (isObsolete(a)) return true;
    if (isObsolete(b)) return false;
    return (a.number ?? 0) > (b.number ?? 0);
  };
  for (let end = 1; end < sorted.length; end += 1) {
    for (let at = end; at > 0; at -= 1) {
      const [left, right] = [sorted[at - 1], sorted[at]];
      if (left === undefined || right === undefined || !isBefore(right, left)) break;
      sorted[at - 1] = right;
      sorted[at] = left;
    }
  }
  return sorted.reverse();
}

/** @param containers in the order in which the engine lists them */
export function compare(stack: ComparedStack, containers: readonly ComparedContainer[]): PlannedChange[] {
  const byService = Map.groupBy(containers, ({ service }) => service);
  /** Services whose first container becomes another one. */
  const replaced = new Set<string>();
  /** Services of which a container is made anew in place of another. */
  const recreated = new Set<string>();
  const changes: PlannedChange[] = [];

  for (const service of stack.services) {
    const home = service.livesIn.find((name) => replaced.has(name));
    const leader = service.restartsWith.find((name) => recreated.has(name));
    const anew = service.networks.find((network) => stack.networksAnew.has(network));
    const found = (byService.get(service.name) ?? []).map((container) => {
      const reasons = ownReasons(service, container, stack);
      if (home !== undefined) {
        // Its hash names the container it lives in, so that alone differs as well.
        const own = reasons.filter(({ kind }) => kind !== 'config' || service.settings.length > 0);
        return { container, reasons: [...own, { kind: 'dependency', detail: `${home} is made anew` } as Reason] };
      }
      return { container, reasons };
    });
    const reasonsOf = new Map(found.map(({ container, reasons }) => [container, reasons]));
    const ordered = inOrder([...reasonsOf.keys()], (container) => (reasonsOf.get(container) ?? []).length > 0);
    const kept: ComparedContainer[] = [];
    for (const [index, container] of ordered.entries()) {
      const reasons = reasonsOf.get(container) ?? [];
      if (index >= service.scale) {
        const detail = `${service.scale} of ${ordered.length} containers stay`;
        changes.push(change(service.name, container, 'remove', [{ kind: 'scale', detail }]));
      } else if (reasons.length > 0) {
        recreated.add(service.name);
        changes.push(change(service.name, container, 'recreate', reasons));
      } else {
        kept.push(container);
        changes.push(stays(service, container, { leader, anew }));
      }
    }
    for (let number = ordered.length; number < service.scale; number += 1) {
      changes.push(change(service.name, null, 'create', creationReasons(service, ordered.length)));
    }
    const first = (byService.get(service.name) ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1))[0];
    if (first === undefined || !kept.includes(first)) replaced.add(service.name);
  }
  return [...changes, ...others(stack, byService)];
}

function stays(
  service: ComparedService,
  container: ComparedContainer,
  around: { leader: string | undefined; anew: string | undefined },
): PlannedChange {
  const start = (kind: Reason['kind'], detail: string) => change(service.name, container, 'start', [{ kind, detail }]);
  if (needsStart(container)) return start('state', `it is ${container.state}`);
  if (around.anew !== undefined) return start('config', `network ${around.anew} is made anew; it is restarted`);
  if (around.leader !== undefined) return start('dependency', `${around.leader} is made anew; it is restarted with it`);
  const asks = service.pullPolicy !== null && !['missing', 'if_not_present', 'never'].includes(service.pullPolicy);
  const detail = `pull policy ${service.pullPolicy}: made anew if the registry has another image by then`;
  return change(service.name, container, 'keep', asks ? [{ kind: 'image', detail }] : []);
}

function creationReasons(service: ComparedService, before: number): Reason[] {
  const reasons: Reason[] =
    before === 0
      ? [{ kind: 'new', detail: 'it has no container here' }]
      : [{ kind: 'scale', detail: `${before} of ${service.scale} are here` }];
  const detail = `${service.image} is not here and will be pulled`;
  return service.imageId === null ? [...reasons, { kind: 'image', detail }] : reasons;
}

function others(stack: ComparedStack, byService: Map<string, ComparedContainer[]>): PlannedChange[] {
  const known = new Set(stack.services.map(({ name }) => name));
  return [...byService]
    .filter(([name]) => !known.has(name))
    .flatMap(([name, left]) =>
      left.map((container) => {
        const isDisabled = stack.disabled.has(name);
        if (isDisabled && !stack.takesDisabled) return change(name, container, 'keep', []);
        const detail = isDisabled ? 'its profile is not active any more' : 'the stack has no such service';
        return change(name, container, 'remove', [{ kind: 'orphan', detail }]);
      }),
    );
}

export function compareStop(containers: readonly ComparedContainer[]): PlannedChange[] {
  const isActive = ({ state }: ComparedContainer) => ['running', 'restarting', 'paused'].includes(state);
  return containers.map((container) =>
    isActive(container)
      ? change(container.service, container, 'stop', [{ kind: 'state', detail: 'the stack is to be stopped' }])
      : change(container.service, container, 'keep', []),
  );
}

/** Only what is named is started; all else stays as it is. */
export function compareStart(services: readonly string[], containers: readonly ComparedContainer[]): PlannedChange[] {
  return containers.map((container) =>
    services.includes(container.service) && needsStart(container)
      ? change(container.service, container, 'start', [{ kind: 'state', detail: `it is ${container.state}` }])
      : change(container.service, container, 'keep', []),
  );
}

/** Nothing has to be done, so nothing is. */
export function unchanged(containers: readonly ComparedContainer[]): PlannedChange[] {
  return containers.map((container) => change(container.service, container, 'keep', []));
}

/** With the containers of these services made anew as well, whatever Compose thinks of them. */
export function madeAnew(
  changes: readonly PlannedChange[],
  services: ReadonlySet<string>,
  reason: PlannedChange['reasons'][number],
): PlannedChange[] {
  return changes.map((planned) => {
    const stayed = planned.change === 'keep' || planned.change === 'start';
    if (!stayed || !services.has(planned.service)) return planned;
    return { ...planned, change: 'recreate', reasons: [reason] };
  });
}
