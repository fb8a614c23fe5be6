// What a stack becomes when something is said of it: what is not said stays as it was. Pure.
import type { Schemas } from '#clients/sdk/client.ts';
import type { Changes } from './values.ts';

type Specification = Schemas['StackSpec'];
type Of<Key extends keyof Specification> = NonNullable<Specification[Key]>;
/** Undefined: nothing is said. Null: taken away. */
type Patch<T> = { readonly [Key in keyof T]?: T[Key] | null | undefined };

/** As far as it is known; it may lack what the core asks for. */
export type Draft = Partial<Specification>;

export interface Said {
  readonly compose: string | undefined;
  readonly source: Patch<Of<'source'>>;
  readonly files: Changes<string> | undefined;
  readonly env: Of<'env'> | undefined;
  readonly secrets: Changes<Of<'secrets'>[string]> | undefined;
  readonly profiles: Of<'profiles'> | undefined;
  readonly scale: Changes<number> | undefined;
  readonly drift: Of<'drift'> | undefined;
  readonly state: Of<'state'> | undefined;
  readonly logs: Patch<Of<'logs'>>;
  readonly images: Patch<Omit<Of<'images'>, 'credentials'>>;
  /** Of registries. */
  readonly credentials: Changes<string> | undefined;
  readonly targets: Of<'targets'> | undefined;
  readonly dependsOn: Of<'dependsOn'> | undefined;
  readonly strategy: Patch<Of<'strategy'>>;
}

/** What a source names unless said. */
const BRANCH = 'main';

function defined<T extends object>(of: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as never;
}

/** Undefined when nothing is left. */
function patched<T extends object>(before: Partial<T> | undefined, said: Patch<T>): T | undefined {
  const all = Object.entries({ ...before, ...defined(said) }).filter(([, value]) => value !== null);
  return all.length === 0 ? undefined : (Object.fromEntries(all) as T);
}

function withKeys<T>(before: Readonly<Record<string, T>> | undefined, said: Changes<T> | undefined) {
  if (said === undefined) return before === undefined ? undefined : { ...before };
  return { ...(said.anew ? {} : before), ...said.set };
}

/** A text or a source, never both: the one takes the other's place. */
function originOf({ compose, source }: Draft, said: Said): Pick<Draft, 'compose' | 'source'> {
  if (said.compose !== undefined) return { compose: said.compose };
  const { repository } = said.source;
  if (typeof repository !== 'string' && source === undefined) return compose === undefined ? {} : { compose };
  // A credential is not for another repository.
  const isSame = typeof repository !== 'string' || repository === source?.repository;
  return defined({ source: patched({ ref: BRANCH, ...(isSame ? source : {}) }, said.source) });
}

export function merged(base: Draft, said: Said): Draft {
  // Further files belong to the text that was said with them.
  const isOtherText = said.compose !== undefined && said.files !== undefined;
  return defined({
    ...base,
    ...{ compose: undefined, source: undefined },
    ...originOf(base, said),
    files: withKeys(isOtherText ? {} : base.files, said.files),
    env: said.env ?? base.env,
    secrets: withKeys(base.secrets, said.secrets),
    profiles: said.profiles ?? base.profiles,
    scale: withKeys(base.scale, said.scale),
    drift: said.drift ?? base.drift,
    state: said.state ?? base.state,
    logs: patched(base.logs, said.logs),
    images: patched(base.images, { ...said.images, credentials: withKeys(base.images?.credentials, said.credentials) }),
    targets: said.targets ?? base.targets,
    dependsOn: said.dependsOn ?? base.dependsOn,
    strategy: patched(base.strategy, said.strategy),
  });
}
