// A stack's specification while it is being written: texts as typed, and what they make. Pure.
import type { StackSpec, Strategy } from '../api/shapes.ts';
import { environmentText, labelText, parseEnvironment, parseLabels } from '../parts/labels.ts';

export interface GitDraft {
  readonly repository: string;
  readonly ref: string;
  readonly path: string;
  readonly credential: string;
  readonly everySeconds: string;
}

/** How the stack uses one secret. */
export interface SecretDraft {
  /** In the stack, and of its file. */
  readonly name: string;
  /** Name of the secret; empty: the same. */
  readonly secret: string;
  /** Empty: those whose compose text names it. */
  readonly services: string;
  /** Variable that carries it as well; null: a file only. */
  readonly environment: string | null;
}

export interface RolloutDraft {
  readonly batch: string;
  readonly maxUnavailable: string;
  readonly pauseSeconds: string;
  readonly gate: 'healthy' | 'manual';
  readonly rollback: boolean;
}

export interface Draft {
  readonly from: 'text' | 'git';
  readonly compose: string;
  readonly git: GitDraft;
  readonly environment: string;
  readonly by: 'selector' | 'nodes';
  readonly selector: string;
  readonly nodes: readonly string[];
  readonly secrets: readonly SecretDraft[];
  readonly profiles: string;
  readonly drift: 'correct' | 'report';
  readonly rollout: RolloutDraft;
}

const numberText = (value: number | string | undefined) => (value === undefined ? '' : String(value));

export function draftOf(spec: StackSpec): Draft {
  const { source, strategy = {}, targets } = spec;
  return {
    from: source === undefined ? 'text' : 'git',
    compose: spec.compose ?? '',
    git: {
      repository: source?.repository ?? '',
      ref: source?.ref ?? 'main',
      path: source?.path ?? '',
      credential: source?.credential ?? '',
      everySeconds: numberText(source?.everySeconds),
    },
    environment: environmentText(spec.env ?? {}),
    by: targets.selector === undefined ? 'nodes' : 'selector',
    selector: labelText(targets.selector ?? {}),
    nodes: targets.nodes ?? [],
    secrets: Object.entries(spec.secrets ?? {}).map(([name, { secret, services, environment }]) => ({
      name,
      secret: secret ?? '',
      services: (services ?? []).join(' '),
      environment: environment ?? null,
    })),
    profiles: (spec.profiles ?? []).join(' '),
    drift: spec.drift ?? 'correct',
    rollout: {
      batch: numberText(strategy.batch),
      maxUnavailable: numberText(strategy.maxUnavailable),
      pauseSeconds: numberText(strategy.pauseSeconds),
      gate: strategy.gate ?? 'healthy',
      rollback: strategy.rollback ?? true,
    },
  };
}

export const EMPTY_DRAFT: Draft = draftOf({ targets: { nodes: [] } });

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');

function without<Whole extends object, Key extends keyof Whole>(whole: Whole, keys: readonly Key[]): Omit<Whole, Key> {
  const rest = Object.entries(whole).filter(([key]) => !keys.some((each) => each === key));
  return Object.fromEntries(rest) as Omit<Whole, Key>;
}

/** What is as usual is said only where it was said before. */
function said<Value>(value: Value, usual: NoInfer<Value>, before: NoInfer<Value> | undefined): { value?: Value } {
  return value === usual && before === undefined ? {} : { value };
}

function under<Key extends string, Value>(key: Key, { value }: { value?: Value }): { [each in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { [each in Key]?: Value };
}

function numberOf(text: string): { value?: number } {
  return text.trim() === '' ? {} : { value: Number(text) };
}

function strategyOf({ rollout }: Draft, before: Strategy | undefined): { value?: Strategy } {
  const batch = rollout.batch.trim();
  const strategy: Strategy = {
    ...without<Strategy, keyof RolloutDraft>(before ?? {}, [
      'batch',
      'maxUnavailable',
      'pauseSeconds',
      'gate',
      'rollback',
    ]),
    ...(batch === '' ? {} : { batch: /^\d+$/.test(batch) ? Number(batch) : batch }),
    ...under('maxUnavailable', numberOf(rollout.maxUnavailable)),
    ...under('pauseSeconds', numberOf(rollout.pauseSeconds)),
    ...under('gate', said(rollout.gate, 'healthy', before?.gate)),
    ...under('rollback', said(rollout.rollback, true, before?.rollback)),
  };
  return Object.keys(strategy).length === 0 && before === undefined ? {} : { value: strategy };
}

type SecretUses = NonNullable<StackSpec['secrets']>;

function secretsOf(uses: readonly SecretDraft[], before: StackSpec['secrets']): { value?: SecretUses } {
  const pairs = uses.map(({ name, secret, services, environment }): [string, SecretUses[string]] => [
    name.trim(),
    {
      ...(secret === '' ? {} : { secret }),
      ...(words(services).length === 0 ? {} : { services: words(services) }),
      ...(environment === null ? {} : { environment: environment.trim() }),
    },
  ]);
  return pairs.length === 0 && before === undefined ? {} : { value: Object.fromEntries(pairs) };
}

function originOf({ from, compose, git }: Draft): Pick<StackSpec, 'compose' | 'source'> {
  if (from === 'text') return { compose };
  const { repository, ref, path, credential, everySeconds } = git;
  return {
    source: {
      repository: repository.trim(),
      ref: ref.trim(),
      ...(path.trim() === '' ? {} : { path: path.trim() }),
      ...(credential === '' ? {} : { credential }),
      ...under('everySeconds', numberOf(everySeconds)),
    },
  };
}

const SHOWN = ['compose', 'source', 'env', 'targets', 'secrets', 'profiles', 'drift', 'strategy'] as const;

/** What the form does not show (files, scale, state ...) stays as it was. */
export function specOf(draft: Draft, before: StackSpec | null): StackSpec {
  const env = parseEnvironment(draft.environment);
  const profiles = words(draft.profiles);
  return {
    ...without<StackSpec, (typeof SHOWN)[number]>(before ?? { targets: {} }, SHOWN),
    ...originOf(draft),
    targets: targetsOf(draft, before),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...under('secrets', secretsOf(draft.secrets, before?.secrets)),
    ...(profiles.length === 0 && before?.profiles === undefined ? {} : { profiles }),
    ...under('drift', said(draft.drift, 'correct', before?.drift)),
    ...under('strategy', strategyOf(draft, before?.strategy)),
  };
}

/** A stack may have both a selector and single nodes; the half that the form does not show is kept. */
function targetsOf(draft: Draft, before: StackSpec | null): StackSpec['targets'] {
  const had = before?.targets;
  const hadBoth = had?.selector !== undefined && had.nodes !== undefined;
  const nodes = draft.by === 'nodes' || hadBoth ? { nodes: [...draft.nodes] } : {};
  const selector = draft.by === 'selector' ? { selector: parseLabels(draft.selector) } : {};
  return { ...nodes, ...selector };
}
