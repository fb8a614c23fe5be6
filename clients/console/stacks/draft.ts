// A stack's specification while it is being written: texts as they are typed. Pure.
import { envText } from '#clients/sdk/env-text.ts';
import type { ImagePolicy, StackSpec } from '../api/shapes.ts';
import { labelText } from '../parts/labels.ts';

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
  readonly stabilitySeconds: string;
  readonly healthTimeoutSeconds: string;
}

/** A further file of the stack. */
export interface FileDraft {
  /** Relative to the stack's directory. */
  readonly path: string;
  readonly text: string;
}

/** The login of one registry, which no other is shown. */
export interface LoginDraft {
  readonly host: string;
  /** Name of the secret. */
  readonly secret: string;
}

export interface ImagesDraft {
  readonly policy: ImagePolicy['policy'];
  readonly logins: readonly LoginDraft[];
  readonly everySeconds: string;
}

export interface LogsDraft {
  readonly collect: 'all' | 'errors' | 'off';
  readonly linesPerSecond: string;
  readonly keepDays: string;
}

export interface Draft {
  readonly from: 'text' | 'git';
  readonly compose: string;
  readonly git: GitDraft;
  readonly environment: string;
  readonly by: 'selector' | 'nodes';
  readonly selector: string;
  readonly nodes: readonly string[];
  readonly files: readonly FileDraft[];
  readonly secrets: readonly SecretDraft[];
  readonly profiles: string;
  readonly dependsOn: readonly string[];
  readonly images: ImagesDraft;
  readonly drift: 'correct' | 'report';
  readonly logs: LogsDraft;
  readonly rollout: RolloutDraft;
}

const numberText = (value: number | string | undefined) => (value === undefined ? '' : String(value));

export function draftOf(spec: StackSpec): Draft {
  const { source, strategy = {}, targets, images } = spec;
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
    environment: envText(spec.env ?? {}),
    by: targets.selector === undefined ? 'nodes' : 'selector',
    selector: labelText(targets.selector ?? {}),
    nodes: targets.nodes ?? [],
    files: Object.entries(spec.files ?? {}).map(([path, text]) => ({ path, text })),
    secrets: Object.entries(spec.secrets ?? {}).map(([name, { secret, services, environment }]) => ({
      name,
      secret: secret ?? '',
      services: (services ?? []).join(' '),
      environment: environment ?? null,
    })),
    profiles: (spec.profiles ?? []).join(' '),
    dependsOn: spec.dependsOn ?? [],
    images: {
      policy: images?.policy ?? 'off',
      logins: Object.entries(images?.credentials ?? {}).map(([host, secret]) => ({ host, secret })),
      everySeconds: numberText(images?.everySeconds),
    },
    drift: spec.drift ?? 'correct',
    logs: {
      collect: spec.logs?.collect ?? 'all',
      linesPerSecond: numberText(spec.logs?.linesPerSecond),
      keepDays: numberText(spec.logs?.keepDays),
    },
    rollout: {
      batch: numberText(strategy.batch),
      maxUnavailable: numberText(strategy.maxUnavailable),
      pauseSeconds: numberText(strategy.pauseSeconds),
      gate: strategy.gate ?? 'healthy',
      rollback: strategy.rollback ?? true,
      stabilitySeconds: numberText(strategy.stabilitySeconds),
      healthTimeoutSeconds: numberText(strategy.healthTimeoutSeconds),
    },
  };
}

export const EMPTY_DRAFT: Draft = draftOf({ targets: { nodes: [] } });
