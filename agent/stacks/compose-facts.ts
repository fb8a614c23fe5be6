// Pure: what a comparison needs of Compose's resolved model, and the model in the words in which Compose itself hashes it
// when it brings a stack up: services without what orders them, and with the ids of the containers they live in.
import * as z from 'zod/mini';

const text = z.string();
const optionalText = z.optional(z.nullable(text));
const anyRecord = z.record(text, z.unknown());

const Service = z.looseObject({
  image: z.optional(text),
  scale: z.optional(z.nullable(z.int())),
  deploy: z.optional(z.nullable(z.looseObject({ replicas: z.optional(z.nullable(z.int())) }))),
  depends_on: z.optional(z.nullable(z.record(text, z.looseObject({ restart: z.optional(z.boolean()) })))),
  networks: z.optional(z.nullable(anyRecord)),
  volumes: z.optional(z.nullable(z.array(z.looseObject({ type: text, source: optionalText, target: optionalText })))),
  volumes_from: z.optional(z.nullable(z.array(text))),
  network_mode: optionalText,
  ipc: optionalText,
  pid: optionalText,
  pull_policy: optionalText,
  labels: z.optional(z.nullable(z.record(text, text))),
  environment: z.optional(z.nullable(z.record(text, z.nullable(text)))),
});
type Service = z.infer<typeof Service>;

const Named = z.nullable(z.looseObject({ name: z.optional(text), external: z.optional(z.boolean()) }));
const Model = z.looseObject({
  services: z._default(z.nullable(z.record(text, Service)), {}),
  networks: z.optional(z.nullable(z.record(text, Named))),
  volumes: z.optional(z.nullable(z.record(text, Named))),
});
export type StackModel = z.infer<typeof Model>;

/** Null when it is no output of `docker compose config --format json`. */
export function readStackModel(output: string): StackModel | null {
  try {
    const parsed = Model.safeParse(JSON.parse(output));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export interface ServiceFacts {
  readonly name: string;
  readonly image: string;
  readonly pullPolicy: string | null;
  readonly scale: number;
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly livesIn: readonly string[];
  readonly restartsWith: readonly string[];
}

const SHARED = ['network_mode', 'ipc', 'pid'] as const;

function sharedService(value: string | null | undefined): string | null {
  return value?.startsWith('service:') ? value.slice('service:'.length) : null;
}

function volumesFrom(service: Service): string[] {
  return (service.volumes_from ?? []).flatMap((entry) => {
    const [name = ''] = entry.split(':');
    return name === 'container' || name === '' ? [] : [name];
  });
}

function livesIn(service: Service): string[] {
  return [...SHARED.flatMap((key) => sharedService(service[key]) ?? []), ...volumesFrom(service)];
}

/** What a service depends on comes before it. */
export function servicesOf(
  model: StackModel,
  project: string,
  scale: Readonly<Record<string, number>> = {},
): ServiceFacts[] {
  const services = model.services ?? {};
  const nameIn = (section: StackModel['networks'], key: string) => section?.[key]?.name ?? `${project}_${key}`;
  const ordered: ServiceFacts[] = [];
  const seen = new Set<string>();
  const add = (name: string) => {
    const service = services[name];
    if (service === undefined || seen.has(name)) return;
    seen.add(name);
    const before = service.depends_on ?? {};
    for (const other of [...Object.keys(before), ...livesIn(service)].toSorted()) add(other);
    const named = (service.volumes ?? []).filter(({ type, source }) => type === 'volume' && source);
    ordered.push({
      name,
      image: service.image ?? `${project}-${name}`,
      pullPolicy: service.pull_policy ?? null,
      scale: scale[name] ?? service.scale ?? service.deploy?.replicas ?? 1,
      networks: service.network_mode
        ? []
        : Object.keys(service.networks ?? {}).map((key) => nameIn(model.networks, key)),
      volumes: named.map(({ source }) => nameIn(model.volumes, String(source))),
      livesIn: livesIn(service),
      restartsWith: Object.keys(before).filter((other) => before[other]?.restart === true),
    });
  };
  for (const name of Object.keys(services).toSorted()) add(name);
  return ordered;
}

/** What stands in a service's containers instead of what the model says. */
export interface Instead {
  readonly image?: string | undefined;
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Where a bind mount comes from. */
  readonly source?: ((target: string, source: string) => string) | undefined;
}

/**
 * The model as Compose hashes it.
 * @param home id of the container of a service that others live in
 */
export function hashable(
  model: StackModel,
  home: (service: string) => string | undefined,
  instead: (service: string) => Instead = () => ({}),
): string {
  const services = Object.entries(model.services ?? {}).map(([name, service]) => {
    const { depends_on: _, profiles: __, ...own } = service;
    const { image, labels, environment, source } = instead(name);
    const shared = SHARED.flatMap((key) => {
      const id = home(sharedService(service[key]) ?? '');
      return id === undefined ? [] : [[key, `container:${id}`]];
    });
    const from = (service.volumes_from ?? []).map((entry) => {
      const [first = '', second] = entry.split(':');
      return first === 'container' ? second : (home(first) ?? first);
    });
    return [
      name,
      {
        ...own,
        ...Object.fromEntries(shared),
        ...(from.length > 0 ? { volumes_from: from } : {}),
        ...(image === undefined ? {} : { image: escaped(image) }),
        ...(labels === undefined ? {} : { labels: replaced(service.labels, labels) }),
        ...(environment === undefined ? {} : { environment: replaced(service.environment, environment) }),
        ...(source === undefined || !service.volumes ? {} : { volumes: service.volumes.map(comingFrom(source)) }),
      },
    ];
  });
  return JSON.stringify({ ...model, services: Object.fromEntries(services) });
}

function comingFrom(source: NonNullable<Instead['source']>) {
  return (volume: NonNullable<Service['volumes']>[number]) => {
    if (volume.type !== 'bind' || !volume.source || !volume.target) return volume;
    return { ...volume, source: escaped(source(volume.target, volume.source.replaceAll('$$', '$'))) };
  };
}

function replaced(
  values: Readonly<Record<string, string | null>> | null | undefined,
  others: Readonly<Record<string, string | null>>,
): Record<string, string | null> {
  const result = { ...values };
  for (const [key, value] of Object.entries(others)) {
    if (value === null) delete result[key];
    else result[key] = escaped(value);
  }
  return result;
}

/** Compose replaces variables in whatever it reads; its own output is written so that none are left. */
function escaped(value: string): string {
  return value.replaceAll('$', '$$$$');
}

/** What Compose hashes of each network it makes itself, by the network's name: the same text as its own encoder writes. */
export function networkTexts(model: StackModel): Map<string, string> {
  const made = Object.values(model.networks ?? {}).flatMap((network) =>
    network === null || network.external === true || network.name === undefined ? [] : [network],
  );
  return new Map(made.map((network) => [String(network.name), goJson(unescaped(network))]));
}

/** Compose's output doubles each `$`, what it hashes does not. */
function unescaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$$', '$');
  if (Array.isArray(value)) return value.map(unescaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unescaped(inner)]));
}

/** Keys that look like numbers are moved to the front by this language; Go sorts them as texts. */
function goJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value);
    const ordered = keys.some((key) => /^\d+$/.test(key)) ? keys.toSorted() : keys;
    return `{${ordered.map((key) => `${goJson(key)}:${goJson((value as Record<string, unknown>)[key])}`).join(',')}}`;
  }
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Told as something else, or of no weight for a container. */
const LEFT_OUT = new Set(['image', 'depends_on', 'profiles', 'scale', 'pull_policy', 'build', 'develop']);

/** Names of a service's settings that differ; of variables also their names, never a value. */
export function changedSettings(before: StackModel, after: StackModel, service: string, exceptLabel: string): string[] {
  const old = before.services?.[service];
  const now = after.services?.[service];
  if (old === undefined || now === undefined) return [];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((key) => !LEFT_OUT.has(key)).toSorted();
  return keys.flatMap((key) => {
    const [left, right] = [old[key], now[key]].map((value) => (key === 'labels' ? without(value, exceptLabel) : value));
    if (JSON.stringify(left ?? null) === JSON.stringify(right ?? null)) return [];
    if (key !== 'environment') return [key];
    const names = changedKeys(old.environment ?? {}, now.environment ?? {});
    return [`environment (${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''})`];
  });
}

function without(labels: unknown, name: string): unknown {
  if (typeof labels !== 'object' || labels === null) return undefined;
  const rest = Object.entries(labels).filter(([key]) => key !== name);
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}

function changedKeys(old: Readonly<Record<string, unknown>>, now: Readonly<Record<string, unknown>>): string[] {
  const keys = new Set([...Object.keys(old), ...Object.keys(now)]);
  return [...keys].filter((key) => old[key] !== now[key]).toSorted();
}
