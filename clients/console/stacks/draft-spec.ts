// What the texts of a form make: the specification that is sent. Pure.
import { parseEnvText } from '#clients/sdk/env-text.ts';
import type { ImagePolicy, LogPolicy, StackSpec, Strategy } from '../api/shapes.ts';
import { parseLabels } from '../parts/labels.ts';
import type { Draft, SecretDraft } from './draft.ts';

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
    ...(batch === '' ? {} : { batch: /^\d+$/.test(batch) ? Number(batch) : batch }),
    ...under('maxUnavailable', numberOf(rollout.maxUnavailable)),
    ...under('pauseSeconds', numberOf(rollout.pauseSeconds)),
    ...under('gate', said(rollout.gate, 'healthy', before?.gate)),
    ...under('rollback', said(rollout.rollback, true, before?.rollback)),
    ...under('stabilitySeconds', numberOf(rollout.stabilitySeconds)),
    ...under('healthTimeoutSeconds', numberOf(rollout.healthTimeoutSeconds)),
  };
  return Object.keys(strategy).length === 0 && before === undefined ? {} : { value: strategy };
}

/** Said when there is something, or when there was the word for it. */
function some<Value>(value: Value, count: number, before: Value | undefined): { value?: Value } {
  return count === 0 && before === undefined ? {} : { value };
}

function imagesOf({ images }: Draft, before: ImagePolicy | undefined): { value?: ImagePolicy } {
  const { policy, logins, everySeconds } = images;
  if (policy === 'off' && before === undefined) return {};
  const credentials = Object.fromEntries(logins.map(({ host, secret }) => [host.trim(), secret]));
  return {
    value: {
      policy,
      ...(logins.length === 0 ? {} : { credentials }),
      ...under('everySeconds', numberOf(everySeconds)),
    },
  };
}

function logsOf({ logs }: Draft, before: LogPolicy | undefined): { value?: LogPolicy } {
  const policy: LogPolicy = {
    ...under('collect', said(logs.collect, 'all', before?.collect)),
    ...under('linesPerSecond', numberOf(logs.linesPerSecond)),
    ...under('keepDays', numberOf(logs.keepDays)),
  };
  return some(policy, Object.keys(policy).length, before);
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
  return some(Object.fromEntries(pairs), pairs.length, before);
}

function filesOf({ files }: Draft, before: StackSpec['files']): { value?: Record<string, string> } {
  const pairs = files.map(({ path, text }) => [path, text]);
  return some(Object.fromEntries(pairs), pairs.length, before);
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

const SHOWN = [
  'compose',
  'source',
  'env',
  'targets',
  'files',
  'secrets',
  'profiles',
  'dependsOn',
  'images',
  'drift',
  'logs',
  'strategy',
] as const;

/** How it would be rolled out, for a word about it while it is being written. */
export function strategyWritten(draft: Draft): Strategy | undefined {
  return strategyOf(draft, undefined).value;
}

/** What would be kept of its output. */
export function logsWritten(draft: Draft): LogPolicy | undefined {
  return logsOf(draft, undefined).value;
}

/**
 * What the form does not show (scale, state) stays as it was.
 * @throws Error when the environment can't be read
 */
export function specOf(draft: Draft, before: StackSpec | null): StackSpec {
  const env = parseEnvText(draft.environment);
  const profiles = words(draft.profiles);
  return {
    ...without<StackSpec, (typeof SHOWN)[number]>(before ?? { targets: {} }, SHOWN),
    ...originOf(draft),
    targets: targetsOf(draft, before),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...under('files', filesOf(draft, before?.files)),
    ...under('secrets', secretsOf(draft.secrets, before?.secrets)),
    ...under('profiles', some(profiles, profiles.length, before?.profiles)),
    ...under('dependsOn', some([...draft.dependsOn], draft.dependsOn.length, before?.dependsOn)),
    ...under('images', imagesOf(draft, before?.images)),
    ...under('drift', said(draft.drift, 'correct', before?.drift)),
    ...under('logs', logsOf(draft, before?.logs)),
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
