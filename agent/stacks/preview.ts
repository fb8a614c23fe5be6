// Plan before change: what a version of a stack would change on this node, told without changing anything. The steps are
// those of the plan itself; what they do to each container is found by Compose's own rules.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ComposeModel } from '#infra/compose/model.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { PlannedChange, Preview } from '#subjects/schema/plan.ts';
import { type Engine, type ListedContainer, PROJECT_LABEL } from '../docker.ts';
import { isSecretPlace } from '../secrets/generation.ts';
import {
  type ComparedContainer,
  type ComparedService,
  compare,
  compareStart,
  compareStop,
  madeAnew,
  unchanged,
} from './compared.ts';
import {
  changedSettings,
  hashable,
  type Instead,
  networkTexts,
  readStackModel,
  type ServiceFacts,
  type StackModel,
  servicesOf,
} from './compose-facts.ts';
import { composeFileOf, type StackFolders } from './folder.ts';
import { namedImages } from './images.ts';
import { NOTHING_SEEN, type Observed, type SeenContainer, type SeenStack } from './model.ts';
import { needsOverlay, OVERLAY_FILE, SECRETS_LABEL } from './overlay.ts';
import { plan, whyOtherFiles, withOtherFiles } from './plan.ts';
import { composeConfig, inScratch, Refusal, type Scratch, serviceHashes } from './scratch.ts';
import type { Step } from './steps.ts';

export interface PreviewParts {
  readonly engine: Pick<Engine, 'composeContainers' | 'imageId' | 'networks' | 'inspect'>;
  readonly folders: Pick<StackFolders, 'directoryOf' | 'profiles'>;
  /** The text beside the stack's own, without opening a secret. @throws Refusal */
  overlayOf(stack: DesiredStack, model: ComposeModel): string | null;
  /** What the reconciler sees. @throws when the engine does not answer */
  observed(): Promise<Observed>;
  now(): number;
}

const LABEL = 'com.docker.compose.';
const MOST_CHARACTERS = 4000;
/** What is waited for (an operator, the next try) is no part of what would change. */
const CONFIG = { name: 'node', labels: {}, heartbeatSeconds: 10, paused: false, drained: false };

export async function preview(target: DesiredStack, parts: PreviewParts): Promise<Preview> {
  let steps: readonly Step[] = [];
  try {
    const observed = await withImages(target, await parts.observed(), parts.engine);
    const seen = observed.stacks.get(target.name) ?? NOTHING_SEEN;
    const record = seen.record === null ? null : { ...seen.record, attempts: null };
    const stacks = new Map([...observed.stacks, [target.name, { ...seen, record }]]);
    steps = plan({ config: CONFIG, stacks: [target], removed: [] }, { ...observed, stacks }, parts.now()).steps;
    const containers = await containersOf(target.name, seen.containers, parts.engine);
    return told(await foreseen(target, steps, seen, containers, parts));
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const fault = error instanceof Refusal ? words : `it could not be looked at: ${words}`;
    return { ...told({ steps, changes: [] }), fault: fault.slice(0, MOST_CHARACTERS) };
  }
}

interface Foreseen {
  readonly steps: readonly Pick<Step, 'kind' | 'why'>[];
  readonly changes: PlannedChange[];
}

function told({ steps, changes }: Foreseen): Preview {
  const planned = steps.map(({ kind, why }) => ({ step: kind, why: why.slice(0, MOST_CHARACTERS) }));
  return { kind: 'preview', steps: planned, changes, fault: null };
}

async function withImages(target: DesiredStack, observed: Observed, engine: Pick<Engine, 'imageId'>) {
  const names = new Set(namedImages(target).images.map(({ image }) => image));
  const found = await Promise.all([...names].map(async (image) => [image, await engine.imageId(image)] as const));
  return { ...observed, missingImages: new Set(found.flatMap(([image, id]) => (id === null ? [image] : []))) };
}

async function foreseen(
  target: DesiredStack,
  steps: readonly Step[],
  seen: SeenStack,
  containers: readonly ComparedContainer[],
  parts: PreviewParts,
): Promise<Foreseen> {
  const last = steps.at(-1);
  if (last === undefined) return { steps, changes: unchanged(containers) };
  if (last.kind === 'stop') return { steps, changes: compareStop(containers) };
  if (last.kind === 'start') return { steps, changes: compareStart(last.services, containers) };
  const isUp = steps.some(({ kind }) => kind === 'up');
  const changes = isUp ? await changesOf(goalOf(steps, target), containers, parts) : unchanged(containers);
  if (last.kind === 'recreate') {
    return { steps, changes: madeAnew(changes, new Set(last.services), { kind: 'drift', detail: last.why }) };
  }
  // Files that a container mounts are no part of what Compose compares: what it kept is made anew after it.
  const stale = new Set(withOtherFiles(target, seen));
  const kept = changes.filter(({ service, change }) => stale.has(service) && ['keep', 'start'].includes(change));
  const services = [...new Set(kept.map(({ service }) => service))];
  if (services.length === 0) return { steps, changes };
  const why = whyOtherFiles(services);
  const reason = { kind: 'config', detail: 'files that it mounts were changed' } as const;
  return { steps: [...steps, { kind: 'recreate', why }], changes: madeAnew(changes, new Set(services), reason) };
}

/** The last good version, when the plan goes back to it. */
function goalOf(steps: readonly Step[], target: DesiredStack): DesiredStack {
  return steps.flatMap((step) => (step.kind === 'up' ? [step.target] : []))[0] ?? target;
}

async function containersOf(
  stack: string,
  seen: readonly SeenContainer[],
  engine: Pick<Engine, 'composeContainers'>,
): Promise<ComparedContainer[]> {
  const references = new Map(seen.map(({ id, image }) => [id, image]));
  const listed = (await engine.composeContainers()).filter(({ Labels }) => Labels[PROJECT_LABEL] === stack);
  return listed
    .filter(({ Labels, State }) => Labels[`${LABEL}oneoff`] !== 'True' && State !== 'removing')
    .map((container) => comparedContainer(container, references.get(container.Id) ?? container.Image));
}

function comparedContainer(listed: ListedContainer, image: string): ComparedContainer {
  const { Id: id, Labels: labels, State: state } = listed;
  const number = Number.parseInt(labels[`${LABEL}container-number`] ?? '', 10);
  const binds = (listed.Mounts ?? []).filter(({ Type }) => Type === 'bind');
  const networks = Object.entries(listed.NetworkSettings?.Networks ?? {});
  return {
    id,
    name: (listed.Names[0] ?? id).replace(/^\//, ''),
    service: labels[`${LABEL}service`] ?? '',
    number: Number.isInteger(number) ? number : null,
    state,
    configHash: labels[`${LABEL}config-hash`] ?? null,
    imageId: labels[`${LABEL}image`] ?? null,
    image,
    secrets: labels[SECRETS_LABEL] ?? null,
    binds: Object.fromEntries(binds.map(({ Destination, Source }) => [Destination, Source])),
    networks: Object.fromEntries(networks.map(([name, { NetworkID }]) => [name, NetworkID])),
    volumes: (listed.Mounts ?? []).flatMap(({ Type, Name }) => (Type === 'volume' && Name ? [Name] : [])),
  };
}

async function changesOf(
  target: DesiredStack,
  containers: readonly ComparedContainer[],
  parts: PreviewParts,
): Promise<PlannedChange[]> {
  const directory = parts.folders.directoryOf(target);
  const overlayOf = needsOverlay(target) ? (model: ComposeModel) => parts.overlayOf(target, model) : null;
  return inScratch(target, directory, overlayOf, async (scratch) => {
    const model = await scratch.model();
    const services = servicesOf(model, target.name, target.scale);
    const [networks, imageIds, hashes, disabled] = await Promise.all([
      networksOf(model, target.name, parts.engine),
      imagesOf(services, parts.engine),
      hashesOf(target, model, containers, parts.engine),
      disabledOf(scratch, services, containers),
    ]);
    const differs = (service: ServiceFacts) =>
      containers.some((one) => one.service === service.name && one.configHash !== hashes.wanted.get(service.name));
    const before = services.some(differs) ? await modelBefore(target, directory) : null;
    const compared = services.map((service): ComparedService => {
      const labels = model.services?.[service.name]?.labels;
      return {
        ...service,
        imageId: imageIds.get(service.image) ?? null,
        secrets: labels?.[SECRETS_LABEL] ?? null,
        hash: hashes.wanted.get(service.name) ?? '',
        hashAsBefore: hashes.asBefore.get(service.name) ?? null,
        settings: before === null ? [] : changedSettings(before, model, service.name, SECRETS_LABEL),
      };
    });
    const profiles = disabled.size === 0 ? [] : await parts.folders.profiles(target);
    const takesDisabled = profiles.some((profile) => !target.profiles.includes(profile));
    return compare({ services: compared, disabled, takesDisabled, ...networks }, containers);
  });
}

async function imagesOf(services: readonly ServiceFacts[], engine: Pick<Engine, 'imageId'>) {
  const names = [...new Set(services.map(({ image }) => image))];
  return new Map(await Promise.all(names.map(async (name) => [name, await engine.imageId(name)] as const)));
}

async function networksOf(model: StackModel, project: string, engine: Pick<Engine, 'networks'>) {
  const found = await engine.networks();
  const texts = networkTexts(model);
  const anew = found.filter(({ Name, Labels }) => {
    const text = texts.get(Name);
    const noted = Labels?.[`${LABEL}config-hash`];
    if (text === undefined || noted === undefined || Labels?.[PROJECT_LABEL] !== project) return false;
    return createHash('sha256').update(text).digest('hex') !== noted;
  });
  return {
    networkIds: new Map(found.map(({ Name, Id }) => [Name, Id])),
    networksAnew: new Set(anew.map(({ Name }) => Name)),
  };
}

/** Services with containers that the model does not show because their profile is off. */
async function disabledOf(
  scratch: Scratch,
  services: readonly ServiceFacts[],
  containers: readonly ComparedContainer[],
): Promise<Set<string>> {
  const active = new Set(services.map(({ name }) => name));
  if (containers.every(({ service }) => active.has(service))) return new Set();
  const all = await scratch.allServices();
  return new Set([...all].filter((name) => !active.has(name)));
}

/** Each service's digest, and what it would be with the image and the secrets that its containers have. */
async function hashesOf(
  target: DesiredStack,
  model: StackModel,
  containers: readonly ComparedContainer[],
  engine: Pick<Engine, 'inspect'>,
) {
  const byService = Map.groupBy(containers, ({ service }) => service);
  // Compose takes the first by name for the one that others live in.
  const first = (service: string) => byService.get(service)?.toSorted((a, b) => (a.name < b.name ? -1 : 1))[0];
  const home = (service: string) => first(service)?.id;
  const values = await secretValues(
    target,
    [...byService.keys()].flatMap((service) => first(service) ?? []),
    engine,
  );
  const withValues = (service: string): Instead => ({ environment: values.get(service) ?? {} });
  const wanted = await serviceHashes(target.name, hashable(model, home, withValues));
  const isSame = ({ service, configHash }: ComparedContainer) => wanted.get(service) === configHash;
  if (containers.every(isSame)) return { wanted, asBefore: wanted };
  const asBefore = await serviceHashes(
    target.name,
    hashable(model, home, (service) => {
      const container = first(service);
      if (container === undefined) return withValues(service);
      const source = (target: string, own: string) => (isSecretPlace(own) ? (container.binds[target] ?? own) : own);
      return { ...withValues(service), image: container.image, labels: { [SECRETS_LABEL]: container.secrets }, source };
    }),
  );
  return { wanted, asBefore };
}

/**
 * Secrets that are variables are part of a service's digest. What its container has now is what they are as long as their
 * version stays, and another version is told by the label.
 */
async function secretValues(
  { secrets }: DesiredStack,
  containers: readonly ComparedContainer[],
  engine: Pick<Engine, 'inspect'>,
): Promise<Map<string, Record<string, string>>> {
  const names = new Set(secrets.flatMap(({ environment }) => environment ?? []));
  const found = new Map<string, Record<string, string>>();
  for (const { id, service, secrets: label } of names.size === 0 ? [] : containers) {
    if (label === null) continue;
    const entries = ((await engine.inspect(id))?.Config.Env ?? []).map((entry) => {
      const at = entry.indexOf('=');
      return [entry.slice(0, at), entry.slice(at + 1)] as const;
    });
    found.set(service, Object.fromEntries(entries.filter(([name]) => names.has(name))));
  }
  return found;
}

/** What Compose makes of the files that are on disk now; null when that can't be told. */
async function modelBefore(target: DesiredStack, directory: string): Promise<StackModel | null> {
  const files: string[] = [];
  for (const name of [composeFileOf(target), OVERLAY_FILE]) {
    if (await stat(join(directory, name)).catch(() => null)) files.push(name);
  }
  if (files.length === 0) return null;
  const call = { project: target.name, directory, files, profiles: ['*'], rest: ['--format', 'json'] };
  return readStackModel(await composeConfig(call).catch(() => ''));
}
